"""Selected rows -> the arrays of the calibration's design."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import Arm, Outcome, Trial
from remit.inference.design import (
    NONE,
    SETTINGS,
    ArmTable,
    CountRows,
    Design,
    MeanRows,
    MedianRows,
    Names,
    PointTable,
    SpreadRows,
)
from remit.inference.entry_level import within_person_sd
from remit.inference.nodes import population_nodes
from remit.inference.observed_baselines import observed_baselines
from remit.inference.selection import (
    CONTROL_KINDS,
    COUNTS,
    DIAGNOSES,
    MEDIAN,
    METRICS,
    SESSION_CONTROLS,
    TALKED,
    Selection,
    counts_response,
    is_session_drug,
    symptoms,
)
from remit.inference.session_tables import point_order, session_tables
from remit.population.cohort import NUMBERS
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.scales import Scale
from remit.vocabulary.units import Amount, DoseUnit

Floats = NDArray[np.float64]
Concentrate = Callable[[Regimen, float, Floats], Floats]
"""Effect-site concentration [ng/mL of esketamine] of a regimen for a body weight [kg] at times [h], shape (nodes or 1,
times)."""
MASKINGS = ("anaesthesia", "active_control", "inert_control", "open")
CONTROLS = ("pill", "session", "session_therapy", "attention", "usual_care", "wait_list")
TYPICAL_SESSION = Amount(0.5, DoseUnit.MG_PER_KG)
"""What a pooled row that does not name its dose is taken to have given."""
TYPICAL_SESSION_H = 40.0 / MINUTES_PER_HOUR
ANY_SCALE = "anxiety (any scale)"
# choice: visits of a window in which an event may have been seen at any of several; trials of a single session look at
# these times
VISITS_H = (3.0, 24.0, 48.0, 72.0, 120.0, 168.0, 240.0, 336.0)


@dataclass(slots=True)
class _Builder:
    """Collects arms and points while the rows are walked through."""

    trials: Mapping[str, Trial]
    scales: Mapping[str, Scale]
    concentrate: Concentrate
    baselines: Mapping[tuple[str, str, str], tuple[float, float]]
    typical: Mapping[str, tuple[float, float]]
    weight_kg: float
    nodes: Floats
    arms: dict[tuple[str, str, str], int] = field(default_factory=dict)
    rows: list[dict[str, object]] = field(default_factory=list)
    people: dict[tuple[str, str], int] = field(default_factory=dict)
    points: dict[tuple[int, float], int] = field(default_factory=dict)
    regimens: list[Regimen | None] = field(default_factory=list)

    def arm(self, trial: Trial, arm: Arm, scale: str, population: str, control: bool = False) -> int:
        """Index of an arm on a scale; ``control`` is the unnamed control of an arm given only as a difference."""
        key = (trial.study_id, f"{arm.arm_id}|{population}" + ("|control" if control else ""), scale)
        if key in self.arms:
            return self.arms[key]
        index = self.arms[key] = len(self.rows)
        drug = is_session_drug(arm) and not control
        control_kind = CONTROL_KINDS.get(arm.treatment)
        in_session = is_session_drug(arm) or arm.treatment in SESSION_CONTROLS or _is_session_control(trial, arm)
        if in_session:
            control_kind = (
                "session_therapy" if any(flag.kind == "therapy_in_all_arms" for flag in trial.flags) else "session"
            )
        daily = not in_session and arm.treatment not in CONTROL_KINDS and arm.treatment != "none" and not control
        if control_kind is None:
            control_kind = "attention" if arm.treatment in TALKED else "pill"
        mean, sd = self._baseline(trial.study_id, arm.arm_id, scale)
        bounds = self.scales[scale]
        depressed = symptoms(scale) == "depression"
        noise = within_person_sd(bounds)
        self.regimens.append(self._regimen(trial, arm) if drug else None)
        self.rows.append(
            {
                "study": trial.study_id,
                "scale": scale,
                "diagnosis": None if depressed else DIAGNOSES.get(population, Diagnosis.MIXED_ANXIETY.value),
                "control": control_kind,
                "masking": self._masking(
                    trial, drug or (daily and trial.masking == "open" and arm.treatment not in TALKED)
                ),
                "treatment": arm.treatment if daily else None,
                "session": drug,
                "has_session": float(in_session),
                "has_drug": float(drug),
                "depressed": float(depressed),
                "setting": SETTINGS.index(setting(trial)),
                "people": self.people.setdefault(key[:2], len(self.people)),
                "baseline_mean": mean,
                "baseline_sd": sd,
                "low": float(bounds.low),
                "high": float(bounds.high),
                "noise_sd": noise,
            }
        )
        return index

    def _masking(self, trial: Trial, applies: bool) -> str | None:
        if not applies:
            return None
        return trial.masking if trial.masking in MASKINGS else "inert_control"

    def _baseline(self, study: str, arm_id: str, scale: str) -> tuple[float, float]:
        found = self.baselines.get((study, arm_id, scale)) or self.baselines.get((study, "", scale))
        if found:
            return found
        if scale in self.typical:
            return self.typical[scale]
        # choice: a scale without any baseline in the evidence: people who enter a trial sit a little above the middle
        bounds = self.scales[scale]
        return bounds.low + 0.55 * bounds.span, 0.12 * bounds.span

    def _regimen(self, trial: Trial, arm: Arm) -> Regimen:
        if trial.kind in {"meta_analysis", "pooled"}:
            doses = (Dose(0.0, TYPICAL_SESSION.in_mg(self.weight_kg), TYPICAL_SESSION_H),)
            return Regimen(Drug.KETAMINE, Route.IV, doses)
        if arm.dose_value is None or not arm.dose_times_h or not arm.route:
            raise ValueError(
                f"{trial.study_id}, arm {arm.arm_id}: no dose, dose times or route; selection lets none through"
            )
        amount = Amount(arm.dose_value, DoseUnit(arm.dose_unit or "mg"))
        duration = (arm.infusion_min or 0.0) / MINUTES_PER_HOUR
        doses = tuple(Dose(time, amount.in_mg(self.weight_kg), duration) for time in arm.dose_times_h)
        return Regimen(Drug(arm.treatment), Route(arm.route), doses)

    def point(self, arm: int, time_h: float) -> int:
        """Index of an arm at a time."""
        return self.points.setdefault((arm, float(time_h)), len(self.points))


def _is_session_control(trial: Trial, arm: Arm) -> bool:
    """A placebo given in sessions, as the control of a session drug."""
    return arm.treatment == "placebo" and any(is_session_drug(other) for other in trial.arms)


def setting(trial: Trial) -> str:
    """What kind of trial it is: one of sessions, of a drug taken daily, or of a psychotherapy."""
    if any(is_session_drug(arm) for arm in trial.arms):
        return "session"
    return "daily_drug" if any(arm.route for arm in trial.arms if arm.role == "active") else "therapy"


def _se(row: Outcome) -> float:
    """Standard error of a mean row, NaN where it is not given."""
    if row.dispersion_kind == "se" and row.dispersion_low:
        return row.dispersion_low
    if row.dispersion_kind == "ci95" and row.dispersion_low is not None and row.dispersion_high is not None:
        return (row.dispersion_high - row.dispersion_low) / (2 * 1.959964)
    if row.dispersion_kind == "sd" and row.dispersion_low and row.n:
        return row.dispersion_low / np.sqrt(row.n)
    return float("nan")


def _pad(index: Sequence[Sequence[int]]) -> NDArray[np.int64]:
    width = max([len(row) for row in index], default=1)
    return np.array([[*row, *[NONE] * (width - len(row))] for row in index], dtype=np.int64).reshape(len(index), width)


def assemble(
    selection: Selection,
    trials: Mapping[str, Trial],
    scales: Mapping[str, Scale],
    concentrate: Concentrate,
    nodes: Floats | None = None,
    only: Collection[str] | None = None,
) -> Design:
    """The design of a calibration.

    Args:
        selection: the rows.
        trials, scales: the evidence they come from.
        concentrate: effect-site concentrations of a regimen.
        nodes: people that stand for each arm; a fixed set when None.
        only: studies whose rows are laid out, with the typical baselines of all; every one when None.
    """
    fixed = load_assumptions()
    found, typical = observed_baselines(selection, scales)
    nodes = population_nodes(NUMBERS) if nodes is None else nodes
    build = _Builder(trials, scales, concentrate, found, typical, fixed["default_weight"].value, nodes)
    means: list[tuple[object, ...]] = []
    counts: list[tuple[object, ...]] = []
    medians: list[tuple[object, ...]] = []
    spreads: list[tuple[object, ...]] = []
    correlation = fixed["within_arm_correlation"].value
    for study, rows in (*selection.used.items(), *selection.timing.items()):
        if only is not None and study not in only:
            continue
        trial = trials[study]
        later = [row for row in rows if row.time_h]
        for row in later:
            arm = trial.arm(row.arm_id)
            index = build.arm(trial, arm, row.scale, row.population)
            repeats = sum(other.arm_id == row.arm_id for other in later)
            inflation = 1.0 + correlation * (repeats - 1)
            where = f"{row.file}:{row.line}"
            if row.metric in COUNTS:
                counts.append(_count(build, row, index, inflation, where))
                continue
            if row.metric == MEDIAN:
                medians.append(_median(build, row, index, fixed["visit_gap"].value, where))
                continue
            kind = METRICS.index(row.metric)
            times = _window_times(row)
            points = [build.point(index, time) for time in times]
            other: list[int] = []
            if row.metric in {"mean_difference", "effect_size"}:
                other = [build.point(_other(build, trial, arm, row), time) for time in times]
            sign = -1.0 if row.positive_is == "better" else 1.0
            means.append((kind, points, other, sign * row.value, _se(row), row.n or np.nan, where))
            if row.metric == "mean_score" and row.dispersion_kind == "sd" and row.dispersion_low and (row.n or 0) > 3:
                spreads.append((points[0], row.dispersion_low, (row.n or 0) / inflation, where))
    return _finish(build, means, counts, medians, spreads)


def _window_times(row: Outcome) -> tuple[float, ...]:
    """Times a row speaks about: one, or the visits of its window."""
    assert row.time_h is not None  # noqa: S101  (the selection saw to it)
    if row.window_from_h is not None:
        return tuple(np.linspace(row.window_from_h, row.time_h, 4))
    return (row.time_h,)


def _other(build: _Builder, trial: Trial, arm: Arm, row: Outcome) -> int:
    """The arm a difference is against: the one named, or the unnamed control."""
    if row.reference and any(row.reference == other.arm_id for other in trial.arms) and row.reference != arm.arm_id:
        return build.arm(trial, trial.arm(row.reference), row.scale, row.population)
    controls = [other for other in trial.arms if other.treatment in CONTROL_KINDS]
    if len(controls) == 1 and controls[0].arm_id != arm.arm_id:
        return build.arm(trial, controls[0], row.scale, row.population)
    return build.arm(trial, arm, row.scale, row.population, control=True)


def _count(build: _Builder, row: Outcome, arm: int, inflation: float, where: str) -> tuple[object, ...]:
    if row.time_h is None or row.n is None:
        raise ValueError(f"{where}: no time or number of people; selection lets none through")
    times = (row.time_h,)
    if row.event_window == "any_by":
        times = (*(time for time in VISITS_H if time < row.time_h), row.time_h)
    points = [build.point(arm, time) for time in times]
    n = row.n / inflation
    fraction = row.event_fraction if row.event_fraction is not None else np.nan
    if counts_response(row):
        fraction = load_assumptions()["depression_response"].value
    total = row.event_total if row.event_total is not None else np.nan
    return points, fraction, total, n * row.value / 100.0, n, where


def _median(build: _Builder, row: Outcome, arm: int, gap_h: float, where: str) -> tuple[object, ...]:
    """A median time that was counted from ``time_h - value`` on and lies in the ``gap_h`` before it was seen."""
    if row.time_h is None:
        raise ValueError(f"{where}: no time; selection lets none through")
    start = row.time_h - row.value
    before = max(row.time_h - gap_h, start)
    points = [build.point(arm, time) for time in (start, before, row.time_h)]
    return *points, row.event_fraction, row.n, where


def _finish(
    build: _Builder,
    means: list[tuple[object, ...]],
    counts: list[tuple[object, ...]],
    medians: list[tuple[object, ...]],
    spreads: list[tuple[object, ...]],
) -> Design:
    names = Names(
        study=tuple(dict.fromkeys(str(row["study"]) for row in build.rows)),
        scale=tuple(sorted({str(row["scale"]) for row in build.rows})),
        diagnosis=tuple(sorted({str(row["diagnosis"]) for row in build.rows if row["diagnosis"]})),
        control=CONTROLS,
        masking=MASKINGS,
        treatment=tuple(sorted({str(row["treatment"]) for row in build.rows if row["treatment"]})),
    )

    def index(field_name: str) -> NDArray[np.int64]:
        members = getattr(names, field_name)
        return np.array(
            [members.index(row[field_name]) if row[field_name] else NONE for row in build.rows], dtype=np.int64
        )

    def numbers(field_name: str) -> Floats:
        return np.array([row[field_name] for row in build.rows], dtype=np.float64)

    point_arm = np.array([arm for arm, _ in build.points], dtype=np.int64)
    point_time = np.array([time for _, time in build.points])
    order = point_order(build.regimens, point_arm)
    point_arm, point_time, moved = point_arm[order], point_time[order], np.argsort(order)
    sessions, session, row, position = session_tables(
        build.regimens, lambda regimen, times: build.concentrate(regimen, build.weight_kg, times), build.nodes,
        point_arm, point_time,
    )  # fmt: skip

    def place(index: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where points lie after they were put in order."""
        return np.where(index == NONE, NONE, moved[np.maximum(index, 0)])

    arms = ArmTable(
        study=index("study"),
        scale=index("scale"),
        diagnosis=index("diagnosis"),
        control=index("control"),
        masking=index("masking"),
        treatment=index("treatment"),
        session=session,
        has_session=numbers("has_session"),
        has_drug=numbers("has_drug"),
        depressed=numbers("depressed"),
        setting=np.array([row["setting"] for row in build.rows], dtype=np.int64),
        people=np.array([row["people"] for row in build.rows], dtype=np.int64),
        baseline_mean=numbers("baseline_mean"),
        baseline_sd=numbers("baseline_sd"),
        low=numbers("low"),
        high=numbers("high"),
        noise_sd=numbers("noise_sd"),
    )
    value = lambda rows, column: np.array([row[column] for row in rows], dtype=np.float64)  # noqa: E731
    return Design(
        names,
        arms,
        sessions,
        PointTable(point_arm, point_time, row, position),
        MeanRows(
            np.array([row[0] for row in means], dtype=np.int64),
            # the rows hold indices and numbers side by side, which their type does not tell apart
            place(_pad([row[1] for row in means])),  # type: ignore[misc]
            place(_pad([row[2] for row in means])),  # type: ignore[misc]
            *(value(means, column) for column in (3, 4, 5)),
        ),
        CountRows(
            place(_pad([row[0] for row in counts])),  # type: ignore[misc]
            *(value(counts, column) for column in (1, 2, 3, 4)),
        ),
        MedianRows(
            place(np.array([row[0] for row in medians], dtype=np.int64)),
            place(np.array([row[1] for row in medians], dtype=np.int64)),
            place(np.array([row[2] for row in medians], dtype=np.int64)),
            value(medians, 3),
            value(medians, 4),
        ),
        SpreadRows(place(np.array([row[0] for row in spreads], dtype=np.int64)), value(spreads, 1), value(spreads, 2)),
        build.nodes,
        tuple(str(row[-1]) for row in means),
        tuple(str(row[-1]) for row in counts),
        tuple(str(row[-1]) for row in medians),
        tuple(str(row[-1]) for row in spreads),
    )
