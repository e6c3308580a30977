"""Studies, their arms and their numbers: studies/<id>.yaml and outcomes/<id>.csv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from remit.evidence.sources import load_sources
from remit.evidence.tables import (
    Field,
    Row,
    check_record,
    line_of,
    near_miss,
    parse_yaml,
    published,
    read_csv,
    read_text,
    shipped_evidence,
)
from remit.kept import kept
from remit.vocabulary.errors import EvidenceRefused

DESIGNS = ("rct_parallel", "rct_crossover", "open_label", "retrospective", "meta_analysis", "pooled", "other")
BLINDINGS = ("double_blind", "single_blind", "open", "na")
MASKINGS = ("open", "inert_control", "active_control", "anaesthesia", "not_applicable")
COMPARATORS = (
    "none", "placebo", "saline", "midazolam", "active_drug", "psychological_placebo", "other_control", "wait_list",
    "usual_care", "mixed",
)  # fmt: skip
STATUSES = ("published", "retracted", "preprint", "registry_only", "company_report", "conference")
KINDS = ("trial", "cohort", "pooled", "meta_analysis", "other")
DOMAINS = ("anxiety", "ptsd", "ocd", "depression", "other")
POPULATIONS = (
    "GAD", "SAD", "PD", "PTSD", "OCD", "mixed_anxiety", "anxious_depression", "TRD", "MDD", "suicidal", "healthy",
    "clinic_mixed", "other",
)  # fmt: skip
METRICS = (
    "mean_score", "mean_change", "pct_change", "response_rate", "remission_rate", "effect_size", "mean_difference",
    "median_time_to_event", "time_to_onset", "duration", "share", "count", "p_value", "other",
)  # fmt: skip
UNITS = (
    "points", "percent", "percent_points", "sd_units", "hours", "count", "ratio", "correlation", "eta_squared",
    "probability", "other",
)  # fmt: skip
ROUTES = ("iv", "im", "sc", "sl", "buccal", "in", "po")
HOW = ("read", "derived", "assumed")

STUDY_FIELDS = (
    Field("study_id", required=True),
    Field("citation", required=True),
    Field("year", "integer", low=1950, high=2100),
    Field("doi"),
    Field("pmid"),
    Field("registry"),
    Field("design", required=True, choices=DESIGNS),
    Field("blinding", required=True, choices=BLINDINGS),
    Field("masking", required=True, choices=MASKINGS),
    Field("comparator", required=True, choices=COMPARATORS),
    Field("status", required=True, choices=STATUSES),
    Field("kind", required=True, choices=KINDS),
    Field("domain", required=True, choices=DOMAINS),
    Field("contains"),
    Field("flags"),
    Field("arms", required=True),
    Field("main_result"),
    Field("risk_of_bias"),
)
ARM_FIELDS = (
    Field("arm_id", required=True),
    Field("treatment", required=True),
    Field("role", required=True, choices=("active", "control")),
    Field("route", choices=ROUTES),
    Field("dose_value", "number", low=0),
    Field("dose_unit"),
    Field("dose_how", choices=HOW),
    Field("infusion_min", "number", low=0),
    Field("schedule"),
    Field("dose_times_h"),
    Field("dose_times_how", choices=HOW),
    Field("n", "integer", low=1),
)
FLAG_FIELDS = (Field("kind", required=True), Field("text", required=True))
OUTCOME_FIELDS = (
    Field("arm_id", required=True),
    Field("population", required=True, choices=POPULATIONS),
    Field("n", "number", low=1),
    Field("scale", required=True),
    Field("metric", required=True, choices=METRICS),
    Field("time_h", "number", low=0),
    Field("window_from_h", "number", low=0),
    Field("time_since_last_dose_h", "number", low=0),
    Field("doses_given", "number", low=0),
    Field("value", "number", required=True),
    Field("unit", required=True, choices=UNITS),
    Field("dispersion_kind", choices=("sd", "se", "ci95", "range", "iqr")),
    Field("dispersion_low", "number"),
    Field("dispersion_high", "number"),
    Field("event"),
    Field("event_fraction", "number", low=0, high=1),
    Field("event_total", "number", low=0),
    Field("event_window", choices=("at", "any_by")),
    Field("reference"),
    Field("positive_is", choices=("better", "worse")),
    Field("how", required=True, choices=HOW),
    Field("derivation"),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("flag"),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a reader of the study must know: ``children``, ``company_data``, ``enriched_responders`` ..."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Arm:
    """A group of people of a study and what they got.

    Attributes:
        arm_id: unique within the study.
        treatment: normalised name.
        role: ``active`` or ``control``.
        route, dose_value, dose_unit, infusion_min: of one dose; None where not given.
        dose_how, dose_times_how: read, derived or assumed.
        schedule: in words.
        dose_times_h: start of each session [h]; None where not known or taken daily.
        n: most people seen in the arm.
    """

    arm_id: str
    treatment: str
    role: str
    route: str | None
    dose_value: float | None
    dose_unit: str | None
    dose_how: str | None
    infusion_min: float | None
    schedule: str | None
    dose_times_h: tuple[float, ...] | None
    dose_times_how: str | None
    n: int | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One published number. The columns are described in published/README.md.

    Attributes:
        study_id: its study.
        file, line: where it stands.
        time_h: hours since the first dose; the end of the window where ``window_from_h`` is given.
        value: in ``unit``; percentages 0 to 100.
    """

    study_id: str
    file: str
    line: int
    arm_id: str
    population: str
    n: float | None
    scale: str
    metric: str
    time_h: float | None
    window_from_h: float | None
    time_since_last_dose_h: float | None
    doses_given: float | None
    value: float
    unit: str
    dispersion_kind: str | None
    dispersion_low: float | None
    dispersion_high: float | None
    event: str | None
    event_fraction: float | None
    event_total: float | None
    event_window: str | None
    reference: str | None
    positive_is: str | None
    how: str
    derivation: str | None
    source_id: str
    place: str
    flag: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Trial:
    """A study with its arms and numbers."""

    study_id: str
    citation: str
    year: int
    doi: str | None
    pmid: str | None
    registry: str | None
    design: str
    blinding: str
    masking: str
    comparator: str
    status: str
    kind: str
    domain: str
    contains: tuple[str, ...]
    flags: tuple[Flag, ...]
    arms: tuple[Arm, ...]
    main_result: str | None
    risk_of_bias: str | None
    outcomes: tuple[Outcome, ...]

    def arm(self, arm_id: str) -> Arm:
        """An arm by its id.

        Raises:
            EvidenceRefused: the study has no such arm.
        """
        for arm in self.arms:
            if arm.arm_id == arm_id:
                return arm
        known = [arm.arm_id for arm in self.arms]
        raise EvidenceRefused(
            f"unknown arm {arm_id!r}", allowed=", ".join(known), where=f"studies/{self.study_id}.yaml"
        )

    def has_flag(self, kind: str) -> bool:
        """Whether the study carries a flag of this kind."""
        return any(flag.kind == kind for flag in self.flags)

    @property
    def is_retracted(self) -> bool:
        """Whether the study was withdrawn by its journal."""
        return self.status == "retracted"


def _arm(record: Mapping[str, Any], file: str, text: str) -> Arm:
    values = check_record(record, ARM_FIELDS, file, text)
    times = values.pop("dose_times_h")
    if times is not None and (
        not isinstance(times, list) or any(isinstance(t, str) for t in times) or times != sorted(times)
    ):
        raise EvidenceRefused(
            f"dose_times_h of arm {values['arm_id']!r} is {times!r}",
            allowed="a rising list of hours",
            where=f"{file}, line {line_of(text, 'dose_times_h')}",
        )
    return Arm(**values, dose_times_h=None if times is None else tuple(float(time) for time in times))


def parse_study(text: str, rows: list[Row], file: str) -> Trial:
    """A study from the text of its YAML file and the rows of its outcomes.

    Raises:
        EvidenceRefused: a key or value is not allowed, or a row names an arm that is not there.
    """
    values = check_record(parse_yaml(text, file), STUDY_FIELDS, file, text)
    arms = tuple(_arm(record, file, text) for record in values.pop("arms"))
    flags = tuple(Flag(**check_record(flag, FLAG_FIELDS, file, text)) for flag in values.pop("flags") or ())
    contains = tuple(values.pop("contains") or ())
    known = {arm.arm_id for arm in arms}
    if len(known) != len(arms):
        raise EvidenceRefused("an arm stands twice", where=file)
    outcomes = []
    for row in rows:
        if row["arm_id"] not in known:
            raise EvidenceRefused(
                f"arm_id is {row['arm_id']!r}", allowed=", ".join(sorted(known)), where=f"{row.where}, column arm_id",
                remedy=near_miss(row["arm_id"], known) or "Add the arm to the study",
            )  # fmt: skip
        if (
            row["unit"] == "percent"
            and row["metric"] in {"response_rate", "remission_rate"}
            and not 0 <= row["value"] <= 100
        ):
            raise EvidenceRefused(
                f"value is {row['value']:g}", allowed="0 to 100 percent", where=f"{row.where}, column value"
            )
        outcomes.append(Outcome(study_id=values["study_id"], file=row.file, line=row.line, **row.values))  # type: ignore[arg-type]
    values["year"] = values["year"] or 0
    return Trial(**values, contains=contains, flags=flags, arms=arms, outcomes=tuple(outcomes))


@cache
def load_trial(study_id: str) -> Trial:
    """A study by its id.

    Raises:
        EvidenceRefused: there is none of that id, or its files are malformed.
    """
    path = published() / "studies" / f"{study_id}.yaml"
    if not path.is_file():
        raise EvidenceRefused(
            f"unknown study {study_id!r}", remedy=near_miss(study_id, study_ids()) or "See: remit evidence list"
        )
    file = f"studies/{study_id}.yaml"
    rows = read_csv(published() / "outcomes" / f"{study_id}.csv", OUTCOME_FIELDS, f"outcomes/{study_id}.csv")
    trial = parse_study(read_text(path, file), rows, file)
    if trial.study_id != study_id:
        raise EvidenceRefused(
            f"study_id is {trial.study_id!r}", allowed=f"{study_id!r}, the name of the file", where=file
        )
    known = load_sources()
    for row in trial.outcomes:
        if row.source_id not in known:
            raise EvidenceRefused(
                f"source_id is {row.source_id!r}",
                allowed="an id of sources.csv",
                remedy=near_miss(row.source_id, known) or "Add it to sources.csv",
                where=f"{row.file}, line {row.line}, column source_id",
            )
    return trial


@cache
def study_ids() -> tuple[str, ...]:
    """Ids of all studies, sorted."""
    return tuple(
        sorted(
            file.name.removesuffix(".yaml")
            for file in (published() / "studies").iterdir()
            if file.name.endswith(".yaml")
        )
    )


@cache
def load_trials() -> dict[str, Trial]:
    """All studies by id, retracted ones included.

    Raises:
        EvidenceRefused: a file is malformed.
    """
    if published() != shipped_evidence():
        return _read_all()
    # kept, because to read hundreds of files takes longer than an answer
    return kept("trials", _read_all)


def _read_all() -> dict[str, Trial]:
    return {study_id: load_trial(study_id) for study_id in study_ids()}
