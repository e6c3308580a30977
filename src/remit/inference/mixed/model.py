"""A mixed-effects model: structural model, parameters with their transforms, who varies in what, and residual error.

    transformed parameter of a person = population value + covariate effects + eta      (eta ~ N(0, Omega))
    observation = prediction + error, whose SD may follow the prediction (`parameter.Error`), or log-normal

Everything estimated stands in one vector without bounds: population values on their transformed scale, coefficients of
covariates, the Cholesky factor of each block of Omega (logarithm on the diagonal), logarithms of the residual errors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.inference.mixed.kinetics import Structure
from remit.inference.mixed.parameter import (
    FORMS,
    TOGETHER,
    TRANSFORMS,
    CovariateEffect,
    Error,
    Parameter,
    backward,
    forward,
    library_of,
    moved,
)
from remit.inference.mixed.records import Records
from remit.vocabulary.errors import InputRefused


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


@dataclass(frozen=True, eq=False)
class MixedModel:
    """A model ready to fit.

    Attributes:
        structure: the structural model.
        parameters: in any order; every parameter of the structural model stands here.
        errors: one for each output.
        blocks: names of the varying parameters whose effects are correlated, one tuple a block; those named in none
            stand alone. ``("full",)`` is one block of all.
        occasions: of a person; counted when a table is prepared.
        guessed: parameters whose starting values were not given; they are looked for before the search (`starting`).
        published: how many people the starting values count as (`published_weight`); 0: they are no more than a start.

    Raises:
        InputRefused: a parameter is missing, unknown or out of its range, or a block names one that does not vary.
    """

    structure: Structure
    parameters: tuple[Parameter, ...]
    errors: tuple[Error, ...] = (Error(),)
    blocks: tuple[tuple[str, ...], ...] = ()
    occasions: int = field(default=1)
    published: float = field(default=0.0)
    guessed: tuple[str, ...] = field(default=())

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
            if error.kinds not in TOGETHER or ("bounded" in error.kinds and self.structure.bounds is None):
                raise InputRefused(
                    f"residual error {'+'.join(error.kinds)!r}",
                    allowed="additive, proportional, combined, combined1, power, log"
                    + (", bounded" if self.structure.bounds else ""),
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

    def whole(self, estimated: Any) -> Any:
        """The whole vector from the estimated numbers."""
        place = np.maximum(np.cumsum(self.free) - 1, 0)
        return library_of(estimated).where(self.free, estimated[place], self.start)

    def population(self, estimated: Any) -> Population:
        """The estimated numbers, taken apart; of an array of NumPy into arrays of NumPy."""
        xp, whole = library_of(estimated), self.whole(estimated)
        ends = np.cumsum([len(self.parameters), len(self.effects), len(self.entries), len(self.shifting)])
        typical, coefficients, entries, shifts = (
            whole[end - size : end]
            for end, size in zip(
                ends, (len(self.parameters), len(self.effects), len(self.entries), len(self.shifting)), strict=True
            )
        )
        size = len(self.etas)
        rows, columns = np.array(self.entries).T
        diagonal = rows == columns
        place, inside = np.zeros((size, size), int), np.zeros((size, size), bool)
        place[rows, columns], inside[rows, columns] = np.arange(len(rows)), True
        # what is not on the diagonal is kept from the exponential, which it might overflow
        filled = xp.where(diagonal, xp.exp(xp.where(diagonal, entries, 0.0)), entries)
        factor = xp.where(inside, filled[place], 0.0)
        return Population(typical, coefficients, factor, xp.exp(shifts), xp.exp(whole[ends[-1] :]))

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

    @cached_property
    def moving(self) -> NDArray[np.int64]:
        """Positions of the coordinates that differ between people or are searched for; the others are constants."""
        constant = self.structure.constant
        flags = [each.varies or not each.fixed or (constant and bool(each.effects)) for each in self.parameters]
        flags += [] if constant else [not effect.fixed for _, effect in self.effects]
        return np.flatnonzero(flags + [True] * (self.occasions * len(self.shifting)))

    @cached_property
    def still(self) -> NDArray[np.float64]:
        """Coordinates with every one that does not move at its value; the others are to be set."""
        count = len(self.parameters)
        effects = 0 if self.structure.constant else len(self.effects)
        return np.concatenate([self.start[: count + effects], np.zeros(self.occasions * len(self.shifting))])

    def coordinates(self, pop: Population, b: Any, records: Records) -> Any:
        """What a person's prediction is a function of: transformed parameters, coefficients of covariates that may
        change, and shifts of occasions, shape (coordinates,).

        Args:
            pop: the population.
            b: standardised random effects of the person, N(0, 1) each, shape (size,).
            records: of the person.
        """
        xp, constant = library_of(b), self.structure.constant
        eta = pop.factor @ b[: len(self.etas)]
        shift = b[len(self.etas) :].reshape(self.occasions, len(self.shifting)) * pop.occasion_sd
        found = []
        for place, each in enumerate(self.parameters):
            value = pop.typical[place]
            if each.varies:
                value = value + eta[self.etas.index(each.name)]
            for number, (name, effect) in enumerate(self.effects):
                if name == each.name and constant:
                    # one number a person; that it does not change is checked before (`prepare`)
                    value = value + pop.coefficients[number] * moved(effect, records.covariates[effect.covariate][0])
            found.append(value)
        parts = [xp.stack(found)] if constant else [xp.stack(found), pop.coefficients]
        return xp.concatenate([*parts, shift.reshape(-1)])

    def leverage(self, pop: Population) -> Any:
        """How far each coordinate that moves is moved by each standardised random effect, shape (moving, size)."""
        xp = library_of(pop.factor)
        count, effects = len(self.parameters), 0 if self.structure.constant else len(self.effects)
        eta = np.zeros((count + effects + self.occasions * len(self.shifting), len(self.etas)))
        for row, each in enumerate(self.parameters):
            if each.varies:
                eta[row, self.etas.index(each.name)] = 1.0
        own = np.zeros((len(eta), len(eta) - count - effects))
        own[count + effects :] = np.eye(own.shape[1])
        shift = own[self.moving] * xp.tile(pop.occasion_sd, self.occasions)
        return xp.concatenate([eta[self.moving] @ pop.factor, shift], axis=1)

    def values(self, coordinates: Any, records: Records) -> dict[str, Any]:
        """Parameters of one person on their natural scale.

        Each is a number; of a structure that takes changes it has shape (times,) where a covariate or an occasion
        moves it.

        Args:
            coordinates: from `coordinates`.
            records: of the person.
        """
        count, effects = len(self.parameters), 0 if self.structure.constant else len(self.effects)
        shift = coordinates[count + effects :].reshape(self.occasions, len(self.shifting))
        found = {}
        for place, each in enumerate(self.parameters):
            value = coordinates[place]
            for number, (name, effect) in enumerate(self.effects[:effects]):
                if name == each.name:
                    seen = records.covariates[effect.covariate]
                    value = value + coordinates[count + number] * moved(effect, seen)
            if each.occasions:
                value = value + shift[records.occasion, self.shifting.index(each.name)]
            found[each.name] = backward(value, each.transform)
        return found

    def individual(self, pop: Population, b: Any, records: Records) -> dict[str, Any]:
        """Parameters of one person on their natural scale, from `coordinates`; see `values`."""
        return self.values(self.coordinates(pop, b, records), records)
