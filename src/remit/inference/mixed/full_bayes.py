"""Full Bayes by NUTS on the same model: priors that can be read, draws with diagnostics, and nothing without them.

Random effects are standardised (non-centred), so that a spread near zero is no trap. The gradient of a prediction goes
through its own forward derivatives, which compile in a fraction of the time of backward ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from numpy.typing import NDArray

from remit.evidence.tables import near_miss
from remit.inference.checkpoint import Kept
from remit.inference.diagnostics import Diagnostics, require_converged
from remit.inference.mixed.expansion import expand, prediction
from remit.inference.mixed.individual import QUICK, Curves, data_density
from remit.inference.mixed.model import MixedModel, Population
from remit.inference.mixed.records import Records
from remit.inference.sampling import Report, Settings, sample
from remit.vocabulary.errors import InputRefused

Floats = NDArray[Any]
# choice: a factor of fifty either way on a log scale, 3 % to 97 % on a logit one: weak beside any usual data
_WIDE = {"log": 2.0, "logit": 1.75}
_TIMES = 5.0  # choice: on a scale without transform, so many times the starting value
_SPREAD, _OCCASION, _SHARE = 1.0, 0.5, 0.5  # choice: half-normal scales of SDs on a log scale, seldom seen above 1
_POWER = 1.0  # choice: half-normal scale of the power of a residual error, which is 0 (additive) to 1 (proportional)
_LKJ = 2.0  # choice: correlations near one are unlikely before data, all others about alike


class Priors(NamedTuple):
    """What is believed before the data.

    Attributes:
        typical: centre and SD of each population value, on its transformed scale.
        coefficients: the same of each coefficient of a covariate.
        spread: half-normal scale of each SD between people, in the order of Omega.
        occasion: the same of each SD between occasions.
        error: the same of each residual SD.
    """

    typical: tuple[tuple[float, float], ...]
    coefficients: tuple[tuple[float, float], ...]
    spread: tuple[float, ...]
    occasion: tuple[float, ...]
    error: tuple[float, ...]


@dataclass(frozen=True)
class Posterior:
    """Draws of the estimated numbers and of the random effects.

    Attributes:
        numbers: shape (chains, draws, free), in the order and on the scale of the search.
        effects: standardised random effects, shape (chains, draws, people, effects).
        diagnostics: of all of them.
        priors: that were used.
    """

    numbers: Floats
    effects: Floats
    diagnostics: Diagnostics
    priors: Priors


def priors_of(model: MixedModel, records: Records, given: Mapping[str, Sequence[float]] | None = None) -> Priors:
    """The priors of a model: weak ones, and those that were given.

    Args:
        model: as prepared.
        records: of all people; residual SDs and effects of covariates are measured by their spread.
        given: ``CL``: value on its natural scale and SD on the transformed one; ``CL~WT``: centre and SD; ``sd CL``,
            ``occasion CL``, ``additive`` (``additive cp`` of one of several outputs): scale of a half-normal.

    Raises:
        InputRefused: a prior is of nothing in the model, or no distribution.
    """
    from remit.inference.mixed.parameter import forward

    wanted = dict(given or {})
    counted = np.asarray(records.counted)

    def pair(name: str, usual: tuple[float, float], change: Callable[[float], float]) -> tuple[float, float]:
        if name not in wanted:
            return usual
        values = wanted.pop(name)
        if len(values) != 2 or not values[1] > 0:
            raise _refused(name, "two numbers, of which the second is above 0")
        try:
            centre = change(values[0])
        except (ValueError, ZeroDivisionError):
            centre = float("nan")
        if not np.isfinite(centre):
            raise _refused(name, "a value that the parameter can have")
        return centre, float(values[1])

    def scale(name: str, usual: float) -> float:
        if name not in wanted:
            return usual
        values = wanted.pop(name)
        if len(values) != 1 or not values[0] > 0:
            raise _refused(name, "one number above 0")
        return float(values[0])

    wide = {
        each.name: _WIDE.get(each.transform, _TIMES * max(abs(each.initial), each.spread)) for each in model.parameters
    }
    whole = {
        each.name: 1.0 if each.transform in _WIDE else max(abs(each.initial), each.spread) for each in model.parameters
    }
    typical = tuple(
        pair(each.name, (forward(each.initial, each.transform), wide[each.name]), partial(_safe, each.transform))
        for each in model.parameters
    )
    coefficients = []
    for name, effect in model.effects:
        seen = np.asarray(records.covariates[effect.covariate])[counted]
        unit = 1.0 if effect.form == "power" else max(float(seen.std()), 1e-12)
        coefficients.append(pair(f"{name}~{effect.covariate}", (effect.coefficient, whole[name] / unit), float))
    errors = []
    for output, (label, error) in enumerate(zip(model.structure.outputs, model.errors, strict=True)):
        seen = np.asarray(records.observed)[counted & (np.asarray(records.output) == output)]
        for kind in error.kinds:
            name = f"{kind} {label}" if len(model.errors) > 1 else kind
            wide = max(float(seen.std()), 1e-12) if kind in {"additive", "bounded"} else _SHARE
            errors.append(scale(name, _POWER if kind == "power" else wide))
    found = Priors(
        typical,
        tuple(coefficients),
        tuple(scale(f"sd {name}", _SPREAD * whole[name]) for name in model.etas),
        tuple(scale(f"occasion {name}", _OCCASION * whole[name]) for name in model.shifting),
        tuple(errors),
    )
    if wanted:
        name = next(iter(wanted))
        known = [label for label in model.names if not label.startswith("chol ")] + [
            f"sd {each}" for each in model.etas
        ]
        raise InputRefused(
            f"a prior of {name}, which is no number of this model", allowed=", ".join(known),
            remedy=near_miss(name, known), where="--prior",
        )  # fmt: skip
    return found


def _safe(transform: str, value: float) -> float:
    from remit.inference.mixed.parameter import forward

    with np.errstate(all="ignore"):
        return forward(value, transform)


def _refused(name: str, allowed: str) -> InputRefused:
    return InputRefused(f"the prior of {name} is none", allowed=allowed, where="--prior")


def spoken(model: MixedModel, priors: Priors) -> list[str]:
    """The priors in words, one a number."""
    scales = {each.name: each.transform for each in model.parameters}
    words = {"log": "log ", "logit": "logit ", "identity": ""}
    found = [
        f"{words[scales[each.name]]}{each.name}: normal, {centre:.4g} with SD {sd:.3g}"
        for each, (centre, sd) in zip(model.parameters, priors.typical, strict=True)
        if not each.fixed
    ]
    found += [
        f"{name}~{effect.covariate}: normal, {centre:.3g} with SD {sd:.3g}"
        for (name, effect), (centre, sd) in zip(model.effects, priors.coefficients, strict=True)
        if not effect.fixed
    ]
    halves = [
        *zip((f"SD of {name} between people" for name in model.etas), priors.spread, strict=True),
        *zip((f"SD of {name} between occasions" for name in model.shifting), priors.occasion, strict=True),
    ]
    labels = model.names[len(model.names) - len(priors.error) :]
    halves += [(f"{label} residual SD", scale) for label, scale in zip(labels, priors.error, strict=True)]
    found += [f"{name}: half-normal with scale {scale:.3g}" for name, scale in halves]
    if any(len(block) > 1 for block in model.grouped):
        found.append(f"correlations: LKJ with {_LKJ:g}")
    return found


def posterior(
    model: MixedModel,
    records: Records,
    priors: Priors,
    settings: Settings,
    report: Report | None = None,
    kept: Kept | None = None,
) -> Posterior:
    """Draws of everything that is estimated.

    Args:
        model: as prepared.
        records: of all people.
        priors: from `priors_of`.
        settings: of the sampler.
        report: called with stage, iterations done and in all.
        kept: where the chains are kept on the way; nowhere when None.

    Raises:
        NotConverged: R-hat, effective sample size, divergences or energy say that the draws may not be used.
    """
    held = kept or Kept(None, "mixed")
    found = sample(
        partial(_generative, model, priors), (jax.device_put(records),), settings, label=held.fingerprint,
        checkpoint=held.path, report=report, options=QUICK,
    )  # fmt: skip
    require_converged(found.diagnostics)
    draws = found.draws
    return Posterior(_numbers(model, draws), draws["effects"], found.diagnostics, priors)


def _generative(model: MixedModel, priors: Priors, records: Records) -> None:
    """The NumPyro model."""
    import numpyro
    import numpyro.distributions as dist

    def normal(name: str, given: tuple[float, float], fixed: float | None) -> Any:
        return fixed if fixed is not None else numpyro.sample(name, dist.Normal(*given))

    def half(name: str, scale: float) -> Any:
        return numpyro.sample(name, dist.HalfNormal(scale))

    start = model.start
    typical = [
        normal(each.name, given, float(start[place]) if each.fixed else None)
        for place, (each, given) in enumerate(zip(model.parameters, priors.typical, strict=True))
    ]
    coefficients = [
        normal(f"{name}~{effect.covariate}", given, effect.coefficient if effect.fixed else None)
        for (name, effect), given in zip(model.effects, priors.coefficients, strict=True)
    ]
    sd = jnp.stack([half(f"sd {name}", scale) for name, scale in zip(model.etas, priors.spread, strict=True)])
    shape, begin = jnp.eye(len(model.etas)), 0
    for block in model.grouped:
        size = len(block)
        if size > 1:
            root = numpyro.sample(f"correlation {'+'.join(block)}", dist.LKJCholesky(size, _LKJ))
            shape = shape.at[begin : begin + size, begin : begin + size].set(root)
        begin += size
    occasion = [half(f"occasion {name}", scale) for name, scale in zip(model.shifting, priors.occasion, strict=True)]
    labels = model.names[len(model.names) - len(priors.error) :]
    fixed = [error.fixed for error in model.errors for _ in error.kinds]
    values = [value for error in model.errors for value in error.initial]
    errors = [
        value if still else half(label, scale)
        for label, scale, still, value in zip(labels, priors.error, fixed, values, strict=True)
    ]
    pop = Population(
        jnp.stack([jnp.asarray(each, float) for each in typical]),
        jnp.stack([jnp.asarray(each, float) for each in coefficients]) if coefficients else jnp.zeros(0),
        sd[:, None] * shape,
        jnp.stack(occasion) if occasion else jnp.zeros(0),
        jnp.stack([jnp.asarray(each, float) for each in errors]),
    )
    people = records.time.shape[0]
    effects = numpyro.sample("effects", dist.Normal(0.0, 1.0).expand([people, model.size]).to_event(2))

    @jax.jit
    def likelihood(pop: Population, effects: Array, records: Records) -> Array:
        # one program also where the library goes through the model step by step, as it does before it begins
        each = jax.vmap(lambda b, rec: data_density(model, pop, b, rec, True, quick(model, rec)))
        return each(effects, records).sum()

    numpyro.factor("data", likelihood(pop, effects, records))


def quick(model: MixedModel, records: Records) -> Curves:
    """The prediction of one person whose derivative goes through forward differentiation, also when asked backward."""

    # records are arguments, not taken from around: a rule of differentiation may not see what is being mapped over
    @jax.custom_jvp
    def curve(place: Array, records: Records) -> Array:
        return prediction(model, jnp.asarray(model.still).at[model.moving].set(place), records)

    @curve.defjvp
    def _(primals: tuple[Array, Records], tangents: tuple[Array, Any]) -> tuple[Array, Array]:
        place, records = primals
        around = expand(model, jnp.asarray(model.still).at[model.moving].set(place), records, 1)
        return around.value, tangents[0] @ around.slope

    def told(place: Array) -> Array:
        return curve(place, records)

    return Curves(told, told)


def _numbers(model: MixedModel, draws: Mapping[str, Floats]) -> Floats:
    """Draws of the sites as draws of the free numbers of the model."""
    shape = draws["effects"].shape[:2]

    def of(name: str, value: float) -> Floats:
        return np.asarray(draws[name]) if name in draws else np.full(shape, value)

    start, columns = model.start, []
    for place, each in enumerate(model.parameters):
        columns.append(of(each.name, float(start[place])))
    columns += [of(f"{name}~{effect.covariate}", effect.coefficient) for name, effect in model.effects]
    root, begin = np.zeros((*shape, len(model.etas), len(model.etas))), 0
    for block in model.grouped:
        size = len(block)
        inside = draws[f"correlation {'+'.join(block)}"] if size > 1 else np.ones((*shape, 1, 1))
        sd = np.stack([draws[f"sd {name}"] for name in block], axis=-1)
        root[..., begin : begin + size, begin : begin + size] = sd[..., None] * inside
        begin += size
    columns += [np.log(root[..., i, j]) if i == j else root[..., i, j] for i, j in model.entries]
    columns += [np.log(draws[f"occasion {name}"]) for name in model.shifting]
    labels = model.names[len(columns) :]
    columns += [
        np.log(of(label, float(np.exp(value)))) for label, value in zip(labels, start[len(columns) :], strict=True)
    ]
    return np.stack(columns, axis=-1)[..., np.flatnonzero(model.free)]
