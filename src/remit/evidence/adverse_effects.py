"""safety/*.csv: side effects, blood pressure and dissociation by drug, route, dose and time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import require_source
from remit.evidence.tables import Field, Row, published, read_csv
from remit.evidence.trials import POPULATIONS
from remit.vocabulary.errors import EvidenceRefused

TREATMENTS = ("ketamine", "esketamine", "placebo", "ect")
ROUTES = ("iv", "im", "sc", "sl", "buccal", "in", "po")
FORMS = ("spray", "lozenge", "controlled_release")
UNITS = {
    "share_of_people": ("percent",),
    "share_of_sessions": ("percent",),
    "count": ("count",),
    "level": ("points",),
    "difference": ("points",),
    "change": ("mmHg", "beats/min", "points"),
    "peak_change": ("mmHg", "beats/min", "points"),
    "time_to_peak": ("h",),
    "time_to_baseline": ("h",),
    "duration": ("h",),
}
"""Allowed units of each metric."""
MEASURES = (
    "abnormal_heart_rate", "amnesia", "anxiety", "any_side_effect", "blood_pressure",
    "blood_pressure_increase_event", "blurred_vision", "cadss", "cadss_amnesia", "cadss_depersonalisation",
    "cadss_derealisation", "cognition", "confusion", "desaturation", "diastolic_bp", "diastolic_bp_110_or_more",
    "diastolic_bp_rise_25_or_more", "diplopia", "dissociation", "dissociation_cadss_above_4",
    "dissociation_over_24_h", "dizziness", "dropout_for_side_effects", "dysgeusia", "euphoric_mood", "fatigue",
    "headache", "heart_rate", "interstitial_cystitis", "loss_of_consciousness", "nausea", "paresthesia",
    "pollakiuria", "renal_or_urinary_side_effect", "sedation", "sedation_moaas_below_5", "severe_hypertension",
    "somnolence", "systolic_bp", "systolic_bp_180_or_more", "systolic_bp_rise_40_or_more", "urine_retention",
    "vertigo", "vomiting",
)  # fmt: skip
HOW = ("read", "derived", "assumed")
FIELDS = (
    Field("population", required=True, choices=POPULATIONS),
    Field("people"),
    Field("treatment", required=True, choices=TREATMENTS),
    Field("route", choices=ROUTES),
    Field("form", choices=FORMS),
    Field("dose_low", "number", low=0),
    Field("dose_high", "number", low=0),
    Field("dose_unit", choices=("mg", "mg/kg")),
    Field("infusion_min", "number", low=0),
    Field("n", "integer", low=1),
    Field("measure", required=True, choices=MEASURES),
    Field("metric", required=True, choices=tuple(UNITS)),
    Field("event"),
    Field("time_h", "number", low=-24),
    Field("value", "number"),
    Field("bound", choices=("upper", "approximate")),
    Field("unit", required=True),
    Field("printed"),
    Field("dispersion_kind", choices=("sd", "se", "ci95", "range")),
    Field("dispersion_low", "number"),
    Field("dispersion_high", "number"),
    Field("how", required=True, choices=HOW),
    Field("derivation"),
    Field("source_id", required=True),
    Field("place", required=True),
    Field("overlaps"),
    Field("flag"),
    Field("note"),
)


@dataclass(frozen=True, slots=True)
class AdverseEffect:
    """One published number about safety.

    Attributes:
        study_id: its study; the name of the file.
        file, line: where it stands.
        population, people: code of the population, and a part of it such as ``65 years or older``.
        treatment: ketamine, esketamine, placebo or ect.
        route, form: how it was given; None where the source does not say.
        dose_low, dose_high, dose_unit: dose, or its range; None where doses are pooled or there is none.
        infusion_min: length of the infusion [min].
        n: people.
        measure: what was seen; ``blood_pressure`` and ``cognition`` occur with times only.
        metric: how it is counted or measured.
        event: what counts, where the measure does not say it all.
        time_h: hours since the start of the dose [h]; negative before it.
        value: in ``unit``; percentages 0 to 100; None where only a range is published.
        bound: ``upper`` where the true value is at most this, ``approximate`` where the source says about.
        printed: the number and unit of the source where they were converted.
        dispersion_kind, dispersion_low, dispersion_high: sd and se stand in ``dispersion_low`` alone.
        how, derivation, source_id, place: where it was seen and how it was obtained.
        overlaps: a study with the same people; not to be counted twice.
        flag, note: what a reader must know.
    """

    study_id: str
    file: str
    line: int
    population: str
    people: str | None
    treatment: str
    route: str | None
    form: str | None
    dose_low: float | None
    dose_high: float | None
    dose_unit: str | None
    infusion_min: float | None
    n: int | None
    measure: str
    metric: str
    event: str | None
    time_h: float | None
    value: float | None
    bound: str | None
    unit: str
    printed: str | None
    dispersion_kind: str | None
    dispersion_low: float | None
    dispersion_high: float | None
    how: str
    derivation: str | None
    source_id: str
    place: str
    overlaps: str | None
    flag: str | None
    note: str | None

    @property
    def where(self) -> str:
        """File and line, for messages."""
        return f"{self.file}, line {self.line}"


def _refuse(row: Row, column: str, what: str, allowed: str, remedy: str = "Correct the row") -> EvidenceRefused:
    return EvidenceRefused(what, allowed=allowed, remedy=remedy, where=f"{row.where}, column {column}")


def parse_adverse_effects(rows: Iterable[Row], study_id: str) -> tuple[AdverseEffect, ...]:
    """Safety numbers of one study from the rows of its file.

    Raises:
        EvidenceRefused: a unit does not belong to its metric, a percentage lies outside 0 to 100, a value and its range
            contradict, a derived value has no arithmetic, or a source is unknown.
    """
    found = []
    for row in rows:
        metric, value = row["metric"], row["value"]
        if row["unit"] not in UNITS[metric]:
            raise _refuse(row, "unit", f"unit of {metric} is {row['unit']!r}", ", ".join(UNITS[metric]))
        low, high, kind = row["dispersion_low"], row["dispersion_high"], row["dispersion_kind"]
        between = kind in {"range", "ci95"}
        if (kind is not None) != (low is not None) or between != (high is not None):
            raise _refuse(
                row,
                "dispersion_kind",
                f"{kind} with {low} and {high}",
                "two ends for a range, one number for an sd, or none",
            )
        if between and not low <= (low if value is None else value) <= high:
            raise _refuse(row, "value", f"value {value} outside {low:g} to {high:g}", "a value inside its range")
        if value is None and kind != "range":
            raise _refuse(row, "value", "value is blank", "a value, or a range")
        for column in ("value", "dispersion_high"):
            if row["unit"] == "percent" and row[column] is not None and not 0 <= row[column] <= 100:
                raise _refuse(row, column, f"{column} is {row[column]:g}", "0 to 100 percent")
        doses = (row["dose_low"], row["dose_high"], row["dose_unit"])
        if any(part is None for part in doses) != all(part is None for part in doses) or (doses[0] or 0) > (
            doses[1] or 0
        ):
            raise _refuse(row, "dose_low", f"dose is {doses}", "low, high (not below low) and unit, or none of them")
        if row["how"] == "derived" and not row["derivation"]:
            raise _refuse(row, "derivation", "a derived value without its arithmetic", "the arithmetic")
        require_source(row, "sources_safety.csv")
        found.append(AdverseEffect(study_id=study_id, file=row.file, line=row.line, **row.values))  # type: ignore[arg-type]
    return tuple(found)


@cache
def load_adverse_effects() -> tuple[AdverseEffect, ...]:
    """All safety numbers in order of study and line.

    Raises:
        EvidenceRefused: a file is malformed, or a row overlaps with a study that is not there.
    """
    folder = published() / "safety"
    found: list[AdverseEffect] = []
    for name in sorted(file.name for file in folder.iterdir() if file.name.endswith(".csv")):
        rows = read_csv(folder / name, FIELDS, f"safety/{name}")
        found.extend(parse_adverse_effects(rows, name.removesuffix(".csv")))
    known = {effect.study_id for effect in found}
    for effect in found:
        if effect.overlaps and effect.overlaps not in known:
            where = f"{effect.where}, column overlaps"
            raise EvidenceRefused(f"overlaps is {effect.overlaps!r}", allowed="a study of safety/", where=where)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OddEffect:
    """A safety number that cannot be right as it stands, or stands twice."""

    code: str
    effect: AdverseEffect
    what: str


def odd_adverse_effects(effects: Iterable[AdverseEffect]) -> tuple[OddEffect, ...]:
    """Rows a reader should look at.

    Codes:
        percentage_does_not_fit_n: no whole number of n people gives the percentage as printed (GRIM test).
        duplicate: the same number for the same arm, measure, metric and time stands twice in a study.
    """
    odd = []
    seen: dict[tuple[object, ...], AdverseEffect] = {}
    for row in effects:
        if (
            row.metric == "share_of_people"
            and row.value is not None
            and row.n
            and row.bound is None
            and row.how == "read"
            and not _fits(row.value, row.n)
        ):
            odd.append(OddEffect("percentage_does_not_fit_n", row, f"{row.value:g} % of {row.n}"))
        key = (
            *(row.study_id, row.treatment, row.people, row.dose_low, row.dose_high, row.measure, row.metric, row.event),
            *(row.time_h, row.value, row.dispersion_low, row.dispersion_high, row.n, row.note),
        )
        if key in seen:
            odd.append(OddEffect("duplicate", row, f"as line {seen[key].line}"))
        seen.setdefault(key, row)
    return tuple(odd)


def _fits(percent: float, n: int) -> bool:
    decimals = len(f"{percent:.10g}".partition(".")[2])
    # choice: half a unit of the last printed digit, and a hair for sources that round half the other way
    slack = 0.5 * 10.0**-decimals + 1e-9
    nearest = round(percent / 100 * n)
    return any(abs(100 * count / n - percent) <= slack for count in (nearest - 1, nearest, nearest + 1))
