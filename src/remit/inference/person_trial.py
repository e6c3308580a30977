"""Do forecasts of one person come true? Simulated people with known truth, forecast from part of their scores.

People are drawn by the simulation code of `remit.population`: a draw of the calibrated population, normal numbers,
kinetics of their own, the forward model, totals as a rater writes them. Their posterior comes from
`remit.inference.one_person`. Two checks follow.

Ranks: were the posterior right, the rank of the true number among its draws would be even over people (simulation-based
calibration, Talts, Betancourt, Simpson, Vehtari, Gelman 2018). Coverage: a band that claims 80 of 100 must hold 80 of
100 totals that were not used; whole-number totals are placed inside their step at random (randomised PIT).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from remit.evidence.instruments import find_scale
from remit.inference.entry_level import entry_level, within_person_sd
from remit.inference.fitted import Posterior, daily_population, session_population
from remit.inference.one_person import (
    DAILY_CONTROL,
    EFFORTS,
    POPULATION_DRAWS,
    Case,
    PersonPosterior,
    belief,
    person_posterior,
)
from remit.inference.person_course import fine, grid_of
from remit.inference.person_prediction import predict
from remit.inference.person_prior import ONSET
from remit.population.baseline import level
from remit.population.cohort import BASELINE, normals
from remit.population.scores import draw_total, without_scatter
from remit.population.variability import TRAITS, Population, traits
from remit.response.grid import positions
from remit.response.relief import daily_course, on_scale, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.clock import MINUTES_PER_HOUR, days
from remit.vocabulary.dosing import Dose, Regimen, Route, session_times
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import NotConverged
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale

Floats = NDArray[np.float64]
LEVELS = (0.5, 0.8, 0.95)
WEIGHT_KG = 74.0
"""Of every simulated person [kg]; the dose follows it, so that another would change little."""
_DOSE = Dose(0.0, 0.5 * WEIGHT_KG, 40.0 / MINUTES_PER_HOUR)
BINS = 20
_DRAWS = 255
"""Draws a rank is taken among.  # choice: more make ranks finer than twenty bins can show"""


@dataclass(frozen=True, slots=True)
class Setting:
    """A kind of record.

    Attributes:
        name: in words.
        days: of each score, since the first dose [d].
        ahead: when the unused totals lie [d].
        scales: scores take them in turn.
        sessions: how many, every two days.
        daily: a daily treatment in place of sessions.
        missed: share of visits that are missed.
    """

    name: str
    days: tuple[float, ...]
    ahead: tuple[float, ...]
    scales: tuple[str, ...] = ("GAD-7",)
    sessions: int = 6
    daily: str | None = None
    missed: float = 0.0


SETTINGS = (
    Setting("no scores", (), (1.0, 12.0, 40.0)),
    Setting("one score", (0.0,), (1.0, 12.0, 40.0)),
    Setting("three scores", (0.0, 1.0, 7.0), (12.0, 40.0)),
    Setting("six sessions, eight scores", (0.0, 1.0, 2.0, 4.0, 7.0, 8.0, 10.0, 14.0), (17.0, 40.0)),
    Setting("missing visits", (0.0, 1.0, 2.0, 4.0, 7.0, 8.0, 10.0, 14.0), (17.0, 40.0), missed=0.4),
    Setting("60 scores on two scales", tuple(np.linspace(0.0, 58.0, 60).tolist()), (60.0, 80.0), ("GAD-7", "HAM-A")),
    Setting("daily drug", (0.0, 7.0, 14.0, 28.0), (42.0, 56.0), daily="sertraline"),
)


@dataclass(slots=True)
class Trial:
    """What came out of a setting.

    Attributes:
        setting: the setting.
        people: how many were forecast.
        ranks: place of each true number among the draws [fraction], shape (people, numbers).
        names: of the numbers.
        places: randomised PIT of unused totals, shape (people, totals).
        effective: effective draws of each person.
        pareto_k: shape of their weights.
        more_draws: people who needed more draws than the first effort.
        tempered: people whose draws came from tempering.
        refused: people whose posterior was not reached, who are not in the counts above.
    """

    setting: Setting
    names: tuple[str, ...]
    people: int = 0
    ranks: list[Floats] = field(default_factory=list)
    places: list[Floats] = field(default_factory=list)
    effective: list[float] = field(default_factory=list)
    pareto_k: list[float] = field(default_factory=list)
    more_draws: int = 0
    tempered: int = 0
    refused: int = 0

    def coverage(self) -> dict[float, float]:
        """Share of unused totals inside each central band [fraction]."""
        away = np.abs(np.concatenate(self.places) - 0.5)
        return {band: float((away <= band / 2).mean()) for band in LEVELS}

    def uneven(self) -> dict[str, float]:
        """For each number, and for the totals, the probability of ranks so uneven by chance (chi-square, 20 bins)."""
        from scipy.stats import chi2

        columns = dict(zip(self.names, np.array(self.ranks).T, strict=True)) | {"total": np.concatenate(self.places)}
        found = {}
        for name, column in columns.items():
            # totals of one person go together, so they count as one
            count = self.people if name == "total" else len(column)
            seen, _ = np.histogram(column, BINS, (0.0, 1.0))
            share = seen / len(column)
            found[name] = float(chi2.sf(count * BINS * ((share - 1.0 / BINS) ** 2).sum(), BINS - 1))
        return found

    def faults(self) -> list[str]:
        """Where the forecast is not what it claims; empty when it is."""
        found = []
        # choice: one refusal in a hundred would be too many to leave out without a word
        if self.refused > 0.01 * (self.people + self.refused):
            found.append(f"{self.refused} of {self.people + self.refused} posteriors were not reached")
        uneven = self.uneven()
        # choice: one false alarm in a thousand trials, shared among the numbers looked at
        limit = 0.001 / len(uneven)
        found += [f"ranks of {name} are uneven (p = {p:.1e})" for name, p in uneven.items() if p < limit]
        for band, share in self.coverage().items():
            error = np.sqrt(band * (1.0 - band) / self.people)
            if abs(share - band) > max(0.02, 3.3 * error):
                found.append(f"{100 * band:.0f} % bands hold {100 * share:.1f} %")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Truth:
    numbers: Floats
    totals: Floats
    times_h: Floats
    scale: NDArray[np.int64]
    regimen: Regimen | None


def _population(posterior: Posterior, setting: Setting, seed: int) -> tuple[Population, Floats | None]:
    key = jax.random.key(seed)
    if setting.daily is None:
        return session_population(posterior, Diagnosis.MIXED_ANXIETY, key), None
    found, onset = daily_population(posterior, Diagnosis.MIXED_ANXIETY, setting.daily, DAILY_CONTROL, key)
    return found, np.asarray(onset)


def simulate(posterior: Posterior, setting: Setting, people: int, seed: int, names: tuple[str, ...]) -> _Truth:
    """People with known truth and every total they would write.

    Args:
        posterior: the calibrated one, thinned to the draws a person may come from.
        setting: visits and doses.
        people: how many.
        seed: of the people; that of the study effects is shared with the belief.
        names: of the numbers whose truth is wanted.
    """
    population, onset = _population(posterior, setting, seed)
    scales = [find_scale(name) for name in setting.scales]
    own = jax.random.split(jax.random.key(seed + 1), 4 + len(scales))
    draw = np.asarray(jax.random.randint(own[0], (people,), 0, posterior.size))
    chosen = Population(*(jnp.broadcast_to(jnp.asarray(value), posterior.size)[draw] for value in population))
    deviation = normals(own[1], jnp.arange(people))
    person = traits(chosen, deviation[:, None, :])
    times = np.array([*setting.days, *setting.ahead]) * days(1.0)
    which = np.arange(len(times)) % len(scales)
    regimen = None
    if onset is not None:
        left = daily_course(person, jnp.asarray(onset)[draw][:, None], jnp.asarray(times)).left[:, 0]
    else:
        starts = session_times(setting.sessions, 2.0)
        doses = tuple(Dose(start, _DOSE.amount_mg, _DOSE.duration_h) for start in starts)
        regimen = Regimen(Drug.KETAMINE, Route.IV, doses)
        grid = grid_of(regimen.times_h, times, _DOSE.duration_h)
        site = esketamine_equivalent(regimen, WEIGHT_KG, fine(grid), own[2], jnp.arange(people))
        course = session_course(person, jnp.asarray(site)[:, None, :], jnp.asarray(grid))
        left = course.left[:, 0, positions(grid, times)]
    truth = {name: np.asarray(getattr(chosen, f"{name}_mean") + getattr(chosen, f"{name}_sd") * deviation[:, place])
             for place, name in enumerate(TRAITS)}  # fmt: skip
    truth |= {name: np.log(np.asarray(getattr(chosen, name))) for name in ("tau_h", "tau_session_h")}
    if onset is not None:
        truth[ONSET] = np.log(onset)[draw]
    totals = np.zeros((people, len(times)))
    for place, scale in enumerate(scales):
        power = np.asarray(posterior.of_scale(scale.name, seed + place))[draw]
        entry = entry_level(scale).entry
        # each scale has a level of its own; the first takes the person's own number
        z = deviation[:, BASELINE] if place == 0 else jax.random.normal(own[4 + place], (people,), dtype=jnp.float64)
        start = entry.middle + entry.spread * z
        truth |= {f"responsiveness_{place}": power, f"level_{place}": np.asarray(start)}
        low, high = jnp.asarray(float(scale.low)), jnp.asarray(float(scale.high))
        power_column = jnp.asarray(np.exp(power))[:, None]
        centre = without_scatter(level(start, low, high)[:, None], on_scale(left, power_column), low, high)
        sd = within_person_sd(scale)
        drawn = draw_total(
            jax.random.fold_in(own[3], place), centre, jnp.asarray(sd), float(scale.low), float(scale.high), scale.step
        )
        totals[:, which == place] = np.asarray(drawn)[:, which == place]
    return _Truth(np.stack([truth[name] for name in names], axis=1), totals, times, which, regimen)


Fit = Callable[..., PersonPosterior]


def trial(
    posterior: Posterior,
    setting: Setting,
    people: int,
    seed: int,
    *,
    fit: Fit = person_posterior,
    report: Callable[[int], None] = lambda _: None,
) -> Trial:
    """Forecast simulated people and compare with what they did.

    Args:
        posterior: the calibrated one.
        setting: visits and doses.
        people: how many.
        seed: of the people.
        fit: what turns a case into a posterior; another one is put here to see that a wrong one is found out.
        report: told how many people are done.
    """
    thin = posterior.thinned(POPULATION_DRAWS)
    scales = [find_scale(name) for name in setting.scales]
    held = belief(thin, Diagnosis.MIXED_ANXIETY, scales, seed, setting.daily)
    found = Trial(setting, held.layout.names)
    truth = simulate(thin, setting, people, seed, found.names)
    rng = np.random.default_rng(seed)
    used = len(setting.days)
    for person in range(people):
        kept = (rng.random(used) >= setting.missed) | (np.arange(used) == 0)
        here = np.flatnonzero(kept)
        case = Case(truth.times_h[here], truth.totals[person, here], truth.scale[here], truth.regimen, WEIGHT_KG)
        try:
            drawn = fit(case, held, seed, person)
        except NotConverged:
            # nothing is shown to such a person, so there is nothing to hold against what happened
            found.refused += 1
            report(person + 1)
            continue
        found.people += 1
        found.effective.append(drawn.trust.effective)
        found.pareto_k.append(-1.0 if drawn.trust.pareto_k is None else drawn.trust.pareto_k)
        found.tempered += drawn.trust.method == "tempering"
        found.more_draws += drawn.trust.pareto_k is not None and drawn.trust.draws > EFFORTS[0].draws
        few = drawn.numbers[rng.choice(len(drawn.numbers), _DRAWS, replace=False)]
        below = (few < truth.numbers[person]).sum(axis=0)
        found.ranks.append((below + rng.random(len(below))) / (_DRAWS + 1))
        ahead = np.arange(used, used + len(setting.ahead))
        places = np.zeros(len(ahead))
        for place, scale in enumerate(scales):
            mine = truth.scale[ahead] == place
            if mine.any():
                centre = predict(drawn, truth.regimen, WEIGHT_KG, truth.times_h[ahead][mine], place).with_drug
                places[mine] = _pit(truth.totals[person, ahead][mine], centre, scale, held.noise_sd[place], rng)
        found.places.append(places)
        report(person + 1)
    return found


def _pit(total: Floats, centre: Floats, scale: Scale, sd: float, rng: np.random.Generator) -> Floats:
    low, high, step = scale.low, scale.high, scale.step
    above = np.where(total >= high, 1.0, ndtr((total + 0.5 * step - centre) / sd).mean(axis=0))
    below = np.where(total <= low, 0.0, ndtr((total - 0.5 * step - centre) / sd).mean(axis=0))
    return below + rng.random(len(total)) * (above - below)
