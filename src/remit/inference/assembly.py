"""Selected rows -> the arrays of the calibration's design."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from remit.evidence.assumptions import load_assumptions
from remit.evidence.trials import Arm, Outcome, Trial
from remit.inference.design import (
    NONE,
    ArmTable,
    CountRows,
    Design,
    MeanRows,
    Names,
    PointTable,
    SessionTable,
    SpreadRows,
)
from remit.inference.nodes import population_nodes
from remit.inference.selection import (
    CONTROL_KINDS,
    COUNTS,
    DIAGNOSES,
    METRICS,
    SESSION_CONTROLS,
    Selection,
    is_session_drug,
)
from remit.population.cohort import NUMBERS
from remit.response.grid import course_grid, with_midpoints
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
            control_kind = "attention" if arm.treatment in {"cbt", "mbsr"} else "pill"
        mean, sd = self._baseline(trial.study_id, arm.arm_id, scale)
        bounds = self.scales[scale]
        noise = bounds.within_person_sd or load_assumptions()["within_person_sd"].value * bounds.span
        self.regimens.append(self._regimen(trial, arm) if drug else None)
        self.rows.append(
            {
                "study": trial.study_id,
                "scale": scale,
                "diagnosis": DIAGNOSES.get(population, Diagnosis.MIXED_ANXIETY.value),
                "control": control_kind,
                "masking": self._masking(
                    trial, drug or (daily and trial.masking == "open" and arm.treatment not in {"cbt", "mbsr"})
                ),
                "treatment": arm.treatment if daily else None,
                "session": drug,
                "has_session": float(in_session),
                "has_drug": float(drug),
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


def observed_baselines(
    selection: Selection, scales: Mapping[str, Scale]
) -> tuple[dict[tuple[str, str, str], tuple[float, float]], dict[str, tuple[float, float]]]:
    """Baselines by study, arm and scale, and the typical baseline of each scale [points].

    A missing SD is the typical SD of the scale over the evidence.
    """
    rows = [row for used in selection.used.values() for row in used if row.metric == "mean_score" and row.time_h == 0]
    typical: dict[str, tuple[float, float]] = {}
    for scale in {row.scale for row in rows}:
        own = [row for row in rows if row.scale == scale]
        spreads = [sd for row in own if (sd := _sd(row)) is not None]
        sd = (
            float(np.median(spreads)) if spreads else 0.12 * scales[scale].span
        )  # choice: the median of the others where none is given
        typical[scale] = (float(np.median([row.value for row in own])), sd)
    found = {}
    for row in rows:
        sd = _sd(row)
        found[row.study_id, row.arm_id, row.scale] = (row.value, sd if sd is not None else typical[row.scale][1])
        found.setdefault((row.study_id, "", row.scale), found[row.study_id, row.arm_id, row.scale])
    return found, typical


def _sd(row: Outcome) -> float | None:
    if row.dispersion_kind == "sd" and row.dispersion_low:
        return float(row.dispersion_low)
    if row.dispersion_kind == "se" and row.dispersion_low and row.n:
        return float(row.dispersion_low * np.sqrt(row.n))
    return None


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
) -> Design:
    """The design of a calibration.

    Args:
        selection: the rows.
        trials, scales: the evidence they come from.
        concentrate: effect-site concentrations of a regimen.
        nodes: people that stand for each arm; a fixed set when None.
    """
    fixed = load_assumptions()
    found, typical = observed_baselines(selection, scales)
    nodes = population_nodes(NUMBERS) if nodes is None else nodes
    build = _Builder(trials, scales, concentrate, found, typical, fixed["default_weight"].value, nodes)
    means: list[tuple[object, ...]] = []
    counts: list[tuple[object, ...]] = []
    spreads: list[tuple[object, ...]] = []
    correlation = fixed["within_arm_correlation"].value
    for study, rows in selection.used.items():
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
            kind = METRICS.index(row.metric)
            times = _window_times(row)
            points = [build.point(index, time) for time in times]
            other: list[int] = []
            if row.metric in {"mean_difference", "effect_size"}:
                other = [build.point(_other(build, trial, arm, row), time) for time in times]
            n = row.n or np.nan
            sign = -1.0 if row.positive_is == "better" else 1.0
            means.append((kind, points, other, sign * row.value, _se(row) * np.sqrt(inflation), n / inflation, where))
            if row.metric == "mean_score" and row.dispersion_kind == "sd" and row.dispersion_low and (row.n or 0) > 3:
                spreads.append((points[0], row.dispersion_low, (row.n or 0) / inflation, where))
    return _finish(build, means, counts, spreads)


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
    total = row.event_total if row.event_total is not None else np.nan
    return points, fraction, total, NONE, n * row.value / 100.0, n, where


def _finish(
    build: _Builder,
    means: list[tuple[object, ...]],
    counts: list[tuple[object, ...]],
    spreads: list[tuple[object, ...]],
) -> Design:
    names = Names(
        study=tuple(dict.fromkeys(str(row["study"]) for row in build.rows)),
        scale=tuple(sorted({str(row["scale"]) for row in build.rows})),
        diagnosis=tuple(sorted({str(row["diagnosis"]) for row in build.rows})),
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

    keys = list(build.points)
    point_arm = np.array([arm for arm, _ in keys], dtype=np.int64)
    point_time = np.array([time for _, time in keys])
    sessions, session, row, position = _sessions(build, point_arm, point_time)
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
            _pad([row[1] for row in means]),  # type: ignore[misc]
            _pad([row[2] for row in means]),  # type: ignore[misc]
            *(value(means, column) for column in (3, 4, 5)),
        ),
        CountRows(
            _pad([row[0] for row in counts]),  # type: ignore[misc]
            value(counts, 1),
            value(counts, 2),
            np.array([row[3] for row in counts], dtype=np.int64),
            value(counts, 4),
            value(counts, 5),
        ),
        SpreadRows(np.array([row[0] for row in spreads], dtype=np.int64), value(spreads, 1), value(spreads, 2)),
        build.nodes,
        tuple(str(row[-1]) for row in means),
        tuple(str(row[-1]) for row in counts),
        tuple(str(row[-1]) for row in spreads),
    )


def _sessions(
    build: _Builder, point_arm: NDArray[np.int64], point_time: Floats
) -> tuple[tuple[SessionTable, ...], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Session tables; the table of each arm; the row and the position of each point in its table.

    Arms with one dose and arms with several go into tables of their own, so that short grids are not padded to the
    length of long ones.
    """
    row, position = np.zeros_like(point_arm), np.zeros_like(point_arm)
    table_of = np.full(len(build.regimens), NONE, dtype=np.int64)
    tables: list[SessionTable] = []
    given = [(arm, regimen) for arm, regimen in enumerate(build.regimens) if regimen is not None]
    for group in (
        [pair for pair in given if len(pair[1].doses) == 1],
        [pair for pair in given if len(pair[1].doses) > 1],
    ):
        if not group:
            continue
        grids, drawn = [], []
        for number, (arm, regimen) in enumerate(group):
            here = point_arm == arm
            grid = course_grid(regimen.times_h, point_time[here], regimen.doses[0].duration_h)
            row[here], position[here] = number, np.searchsorted(grid, point_time[here])
            table_of[arm] = len(tables)
            grids.append(grid)
            drawn.append(np.atleast_2d(build.concentrate(regimen, build.weight_kg, with_midpoints(grid))))
        longest = max(len(grid) for grid in grids)
        concentration = np.zeros((len(group), len(build.nodes), 2 * longest - 1))
        for number, values in enumerate(drawn):
            concentration[number, :, : values.shape[1]] = values
            concentration[number, :, values.shape[1] :] = values[:, -1:]
        times = np.array([np.pad(grid, (0, longest - len(grid)), mode="edge") for grid in grids])
        tables.append(SessionTable(np.array([arm for arm, _ in group], dtype=np.int64), times, concentration))
    return tuple(tables), table_of, row, position
