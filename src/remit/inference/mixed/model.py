"""A mixed-effects model: structural model, parameters with their transforms, who varies in what, and residual error.

    transformed parameter of a person = population value + covariate effects + eta      (eta ~ N(0, Omega))
    observation = prediction + error of variance additive^2 + (proportional x prediction)^2, or log-normal

Everything estimated stands in one vector without bounds: population values on their transformed scale, coefficients of
covariates, the Cholesky factor of each block of Omega (logarithm on the diagonal), logarithms of the residual errors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.mixed.kinetics import Structure
from remit.inference.mixed.records import Records
from remit.vocabulary.errors import InputRefused

TRANSFORMS = ("log", "logit", "identity")
ERRORS = ("additive", "proportional", "log")
FORMS = ("power", "exponential", "linear")


@dataclass(frozen=True, slots=True)
class CovariateEffect:
    """How a covariate moves a parameter on its transformed scale.

    Attributes:
        covariate: name of the column.
        form: ``power``: coefficient x log(value / reference); ``exponential`` and ``linear``:
            coefficient x (value - reference). On a log scale the first two are (value / reference)^coefficient and
            exp(coefficient x (value - reference)).
        reference: value without effect.
        coefficient: where the search begins, or the fixed value.
        fixed: whether it is not estimated.
    """

    covariate: str
    form: str = "power"
    reference: float = 1.0
    coefficient: float = 0.0
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the structural model.

    Attributes:
        name: as the structural model calls it.
        initial: where the search begins, on the natural scale.
        transform: ``log``, ``logit`` (between 0 and 1) or ``identity``.
        varies: whether people differ in it.
        spread: where the search of its SD between people begins, on the transformed scale.
        fixed: whether its population value is not estimated.
        occasions: whether it differs between occasions of a person (column OCC).
        effects: of covariates.
    """

    name: str
    initial: float
    transform: str = "log"
    varies: bool = True
    spread: float = 0.3
    fixed: bool = False
    occasions: bool = False
    effects: tuple[CovariateEffect, ...] = ()


@dataclass(frozen=True, slots=True)
class Error:
    """Residual error of one output.

    Attributes:
        kinds: any of ``additive``, ``proportional`` (both: variances add), or ``log`` alone (log-normal).
        initial: where the search of each SD begins.
        fixed: whether they are not estimated.
    """

    kinds: tuple[str, ...] = ("additive",)
    initial: tuple[float, ...] = (1.0,)
    fixed: bool = False


class Population(NamedTuple):
    """The estimated vector, taken apart.

    Attributes:
        typical: population values on their transformed scale, shape (parameters,).
        coefficients: of covariate effects, shape (effects,).
        factor: Cholesky factor of Omega, shape (etas, etas).
        occasion_sd: SD between occasions, shape (occasion parameters,).
        error_sd: SDs of the residual errors, in the order of the outputs.
    """

    typical: Float[Array, " parameters"]
    coefficients: Float[Array, " effects"]
    factor: Float[Array, "etas etas"]
    occasion_sd: Float[Array, " shifts"]
    error_sd: Float[Array, " errors"]


def forward(value: float, transform: str) -> float:
    """A natural value on its transformed scale."""
    if transform == "log":
        return float(np.log(value))
    return float(np.log(value / (1.0 - value))) if transform == "logit" else float(value)


def backward(value: Array, transform: str) -> Array:
    """A transformed value on its natural scale."""
    if transform == "log":
        return jnp.exp(value)
    return jax.nn.sigmoid(value) if transform == "logit" else value


@dataclass(frozen=True)
class MixedModel:
    """A model ready to fit.

    Attributes:
        structure: the structural model.
        parameters: in any order; every parameter of the structural model stands here.
        errors: one for each output.
        blocks: names of the varying parameters whose effects are correlated, one tuple a block; those named in none
            stand alone. ``("full",)`` is one block of all.

    Raises:
        InputRefused: a parameter is missing, unknown or out of its range, or a block names one that does not vary.
    """

    structure: Structure
    parameters: tuple[Parameter, ...]
    errors: tuple[Error, ...] = (Error(),)
    blocks: tuple[tuple[str, ...], ...] = ()
    occasions: int = field(default=1)

    def __post_init__(self) -> None:
        known = {**self.structure.parameters, **self.structure.optional}
        names = [each.name for each in self.parameters]
        for name in names:
            if name not in known:
                raise InputRefused(
                    f"{self.structure.name} has no parameter {name}", allowed=", ".join(known), where="MODEL"
                )
            if names.count(name) > 1:
                raise InputRefused(f"parameter {name} stands twice", where="MODEL")
        missing = [name for name in self.structure.parameters if name not in names]
        if missing:
            raise InputRefused(
                f"parameter {missing[0]} has no starting value",
                remedy=f"Give one, for example --initial {missing[0]}=1",
                where="MODEL",
            )
        for each in self.parameters:
            low, high = {"log": (0.0, np.inf), "logit": (0.0, 1.0)}.get(each.transform, (-np.inf, np.inf))
            if each.transform not in TRANSFORMS:
                raise InputRefused(
                    f"transform {each.transform!r} of {each.name}", allowed=", ".join(TRANSFORMS), where="MODEL"
                )
            if not low < each.initial < high:
                raise InputRefused(
                    f"{each.name} = {each.initial:g} cannot be on a {each.transform} scale",
                    allowed=f"between {low:g} and {high:g}",
                    where="MODEL",
                )
            for effect in each.effects:
                if effect.form not in FORMS:
                    raise InputRefused(
                        f"form {effect.form!r} of a covariate effect", allowed=", ".join(FORMS), where="MODEL"
                    )
        if len(self.errors) != len(self.structure.outputs):
            raise InputRefused(
                f"{len(self.errors)} residual errors for outputs {', '.join(self.structure.outputs)}",
                allowed="one for each output",
                where="MODEL",
            )
        for error in self.errors:
            if (
                not error.kinds
                or any(kind not in ERRORS for kind in error.kinds)
                or ("log" in error.kinds and len(error.kinds) > 1)
            ):
                raise InputRefused(
                    f"residual error {'+'.join(error.kinds)!r}",
                    allowed="additive, proportional, additive+proportional, log",
                    where="MODEL",
                )
        named = [name for block in self.grouped for name in block]
        if sorted(named) != sorted(self.varying) or not self.varying:
            raise InputRefused(
                f"blocks of Omega name {', '.join(named) or 'nothing'}",
                allowed=f"each of {', '.join(self.varying) or 'the parameters that vary (none does)'} once",
                where="MODEL",
            )

    @cached_property
    def varying(self) -> tuple[str, ...]:
        """Names of the parameters in which people differ."""
        return tuple(each.name for each in self.parameters if each.varies)

    @cached_property
    def shifting(self) -> tuple[str, ...]:
        """Names of the parameters that differ between occasions."""
        return tuple(each.name for each in self.parameters if each.occasions)

    @cached_property
    def grouped(self) -> tuple[tuple[str, ...], ...]:
        """Blocks of Omega, those of one included."""
        if self.blocks == (("full",),):
            return (self.varying,)
        inside = {name for block in self.blocks for name in block}
        return (*self.blocks, *((name,) for name in self.varying if name not in inside))

    @cached_property
    def etas(self) -> tuple[str, ...]:
        """Names of the random effects in the order of Omega."""
        return tuple(name for block in self.grouped for name in block)

    @cached_property
    def effects(self) -> tuple[tuple[str, CovariateEffect], ...]:
        """Covariate effects with the parameter each moves."""
        return tuple((each.name, effect) for each in self.parameters for effect in each.effects)

    @cached_property
    def entries(self) -> tuple[tuple[int, int], ...]:
        """Free entries of the Cholesky factor of Omega, row and column."""
        found, start = [], 0
        for block in self.grouped:
            found += [(start + i, start + j) for i in range(len(block)) for j in range(i + 1)]
            start += len(block)
        return tuple(found)

    @property
    def size(self) -> int:
        """Random effects of a person: between people, and of every occasion."""
        return len(self.etas) + (self.occasions * len(self.shifting))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the numbers of the whole vector, fixed ones included."""
        found = [each.name for each in self.parameters]
        found += [f"{name}~{effect.covariate}" for name, effect in self.effects]
        found += [f"chol {self.etas[i]}" if i == j else f"chol {self.etas[i]},{self.etas[j]}" for i, j in self.entries]
        found += [f"occasion {name}" for name in self.shifting]
        for output, error in zip(self.structure.outputs, self.errors, strict=True):
            found += [f"{kind} {output}" if len(self.errors) > 1 else kind for kind in error.kinds]
        return tuple(found)

    @cached_property
    def start(self) -> NDArray[np.float64]:
        """The whole vector where the search begins."""
        spread = {each.name: each.spread for each in self.parameters}
        values = [forward(each.initial, each.transform) for each in self.parameters]
        values += [effect.coefficient for _, effect in self.effects]
        values += [float(np.log(spread[self.etas[i]])) if i == j else 0.0 for i, j in self.entries]
        values += [float(np.log(spread[name])) for name in self.shifting]
        values += [float(np.log(value)) for error in self.errors for value in error.initial]
        return np.array(values)

    @cached_property
    def free(self) -> NDArray[np.bool_]:
        """Which numbers of the whole vector are estimated."""
        flags = [not each.fixed for each in self.parameters] + [not effect.fixed for _, effect in self.effects]
        flags += [True] * (len(self.entries) + len(self.shifting))
        flags += [not error.fixed for error in self.errors for _ in error.kinds]
        return np.array(flags)

    def whole(self, estimated: Float[Array, " free"]) -> Float[Array, " numbers"]:
        """The whole vector from the estimated numbers."""
        return jnp.asarray(self.start).at[np.flatnonzero(self.free)].set(estimated)

    def population(self, estimated: Float[Array, " free"]) -> Population:
        """The estimated numbers, taken apart."""
        whole = self.whole(estimated)
        parts = np.cumsum([len(self.parameters), len(self.effects), len(self.entries), len(self.shifting)])
        typical, coefficients, entries, shifts, errors = jnp.split(whole, parts)
        size = len(self.etas)
        factor = jnp.zeros((size, size))
        for place, (i, j) in enumerate(self.entries):
            factor = factor.at[i, j].set(jnp.exp(entries[place]) if i == j else entries[place])
        return Population(typical, coefficients, factor, jnp.exp(shifts), jnp.exp(errors))

    def check(self, records: Records, covariates: Sequence[str]) -> None:
        """Refuse records whose covariates the model needs and does not find.

        Raises:
            InputRefused: a covariate is no column, is missing, or is not above 0 where its logarithm is taken.
        """
        for name, effect in self.effects:
            if effect.covariate not in covariates:
                raise InputRefused(
                    f"{name} depends on {effect.covariate}, which is no column",
                    allowed=", ".join(covariates) or "no covariates here",
                    where="MODEL",
                )
            value = np.asarray(records.covariates[effect.covariate])[np.asarray(records.counted)]
            if not np.isfinite(value).all():
                raise InputRefused(
                    f"{effect.covariate} is missing for some rows and {name} depends on it",
                    remedy="Fill it in",
                    where="DATA",
                )
            if effect.form == "power" and not (value > 0).all():
                raise InputRefused(
                    f"{effect.covariate} is not above 0 everywhere",
                    allowed="values above 0 for a power effect",
                    where="DATA",
                )

    def individual(self, pop: Population, b: Float[Array, " effects"], records: Records) -> dict[str, Array]:
        """Parameters of one person on their natural scale.

        Each is a number; of a function of the user it has shape (times,) where a covariate or an occasion moves it.

        Args:
            pop: the population.
            b: standardised random effects of the person, N(0, 1) each, shape (size,).
            records: of the person.
        """
        eta = pop.factor @ b[: len(self.etas)]
        shift = b[len(self.etas) :].reshape(self.occasions, len(self.shifting)) * pop.occasion_sd
        values, constant = {}, self.structure.constant
        for place, each in enumerate(self.parameters):
            value = pop.typical[place]
            if each.varies:
                value = value + eta[self.etas.index(each.name)]
            for number, (name, effect) in enumerate(self.effects):
                if name == each.name:
                    seen = records.covariates[effect.covariate]
                    # closed forms take one number a person; that it does not change is checked before (`prepare`)
                    value = value + pop.coefficients[number] * moved(effect, seen[0] if constant else seen)
            if each.occasions:
                value = value + shift[records.occasion, self.shifting.index(each.name)]
            values[each.name] = backward(value, each.transform)
        return values


def moved(effect: CovariateEffect, value: Array) -> Array:
    """What a coefficient is multiplied by."""
    if effect.form == "power":
        return jnp.log(jnp.where(value > 0, value, effect.reference) / effect.reference)
    return value - effect.reference


def spoken(model: MixedModel) -> Mapping[str, str]:
    """The model in words, by part."""
    omega = "; ".join(", ".join(block) for block in model.grouped)
    error = "; ".join("+".join(each.kinds) for each in model.errors)
    return {"structure": model.structure.name, "random effects": omega, "residual error": error}
