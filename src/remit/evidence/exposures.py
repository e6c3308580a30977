"""exposures/*.csv: observed concentrations and derived measures, to compare predictions with; no model reads them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from remit.evidence.sources import require_source
from remit.evidence.tables import Field, Row, published, read_csv
from remit.vocabulary.errors import EvidenceRefused

DRUGS = ("ketamine", "esketamine", "any")
ANALYTES = (
    "ketamine",
    "esketamine",
    "arketamine",
    "norketamine",
    "noresketamine",
    "norarketamine",
    "hydroxynorketamine",
    "hydroxynoresketamine",
)
ROUTES = ("iv", "im", "sc", "sl", "buccal", "in", "po", "rectal")
FORMS = ("bolus", "film", "tablet", "wafer", "spray", "solution", "prolonged_release", "controlled_release")
SITES = ("arterial", "venous", "not_stated")
STATISTICS = ("mean", "geometric_mean", "median", "typical", "range_only", "not_stated")
KINDS = ("observed", "model_based", "pooled", "statement")
HOW = ("read", "derived", "assumed")
UNITS = {
    "concentration": ("ng/mL",),
    "cmax": ("ng/mL",),
    "auc": ("ng*h/mL",),
    "tmax": ("h",),
    "half_life": ("h",),
    "availability": ("fraction",),
    "clearance": ("L/h", "L/h/kg", "L/h/70kg"),
    "volume": ("L", "L/kg", "L/70kg"),
}
"""Allowed units of each metric. What a source printed in another unit stands in the column ``printed``."""
FIELDS = (
    Field("drug", required=True, choices=DRUGS),
    Field("analyte", required=True, choices=ANALYTES),
    Field("route", required=True, choices=ROUTES),
    Field("form", choices=FORMS),
    Field("dose_value", "number", low=0),
    Field("dose_unit", choices=("mg", "mg/kg", "mg/kg/h")),
    Field("dose_is_base", choices=HOW),
    Field("infusion_min", "number", low=0),
    Field("step_doses", "list"),
    Field("population", required=True),
    Field("n", "integer", low=1),
    Field("sampling_site", required=True, choices=SITES),
    Field("sampling_how", required=True, choices=HOW),
    Field("statistic", required=True, choices=STATISTICS),
    Field("kind", required=True, choices=KINDS),
    Field("metric", required=True, choices=tuple(UNITS)),
    Field("time_h", "number", low=0),
    Field("value", "number", low=0),
    Field("unit", required=True),
    Field("printed"),
    Field("dispersion_kind", choices=("sd", "se", "sd_or_se", "geometric_sd", "ci90", "ci95", "range")),
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
class Exposure:
    """One published exposure.

    Attributes:
        study_id: its study; the name of the file.
        file, line: where it stands.
        drug: what was given; ``any`` where racemate and enantiomers are pooled.
        analyte: what was measured; also enantiomers that remit does not model.
        route, form: how it was given; ``rectal`` occurs here only.
        dose_value, dose_unit: as base; None where the source pools doses. `dose_is_base` says how sure that is.
        infusion_min: length of an infusion [min]; 0 is a bolus, None is not stated or not an infusion.
        step_doses: doses of equal consecutive parts of an infusion [dose_unit]; empty for a constant rate.
        population, n: of whom.
        sampling_site, sampling_how: arterial, venous or not stated, and whether that was read or assumed.
        statistic: mean, median ...; ``typical`` is a model's typical person, ``range_only`` has no value.
        kind: ``observed``, ``model_based`` (computed), ``pooled`` (a meta-analysis) or ``statement`` (a label).
        metric: cmax, tmax, auc, concentration, availability, half_life, clearance, volume.
        time_h: of a concentration, hours since the start of the dose [h].
        value: in ``unit``; None where only a range is published.
        unit: one of `UNITS`.
        printed: the number and unit of the source where they were converted.
        dispersion_kind, dispersion_low, dispersion_high: sd, se and geometric sd stand in ``dispersion_low`` alone.
        how, derivation, source_id, place: where it was seen and how it was obtained.
        overlaps: a study with the same people or number; not to be counted twice.
        flag, note: what a reader must know.
    """

    study_id: str
    file: str
    line: int
    drug: str
    analyte: str
    route: str
    form: str | None
    dose_value: float | None
    dose_unit: str | None
    dose_is_base: str | None
    infusion_min: float | None
    step_doses: tuple[float, ...]
    population: str
    n: int | None
    sampling_site: str
    sampling_how: str
    statistic: str
    kind: str
    metric: str
    time_h: float | None
    value: float | None
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

    @property
    def regimen(self) -> tuple[object, ...]:
        """What was given to whom: rows with the same tuple belong to one curve."""
        return (
            self.study_id,
            self.drug,
            self.route,
            self.form,
            self.dose_value,
            self.dose_unit,
            self.infusion_min,
            self.population,
        )


def _refuse(row: Row, column: str, what: str, allowed: str, remedy: str = "Correct the row") -> EvidenceRefused:
    return EvidenceRefused(what, allowed=allowed, remedy=remedy, where=f"{row.where}, column {column}")


def _steps(row: Row) -> tuple[float, ...]:
    try:
        steps = tuple(float(text) for text in row["step_doses"])
    except ValueError:
        raise _refuse(
            row, "step_doses", f"step_doses is {row['step_doses']!r}", "numbers separated by semicolons"
        ) from None
    total = row["dose_value"]
    if steps and (total is None or not row["infusion_min"]):
        raise _refuse(
            row, "step_doses", "steps without a dose or a length", "dose_value and infusion_min beside step_doses"
        )
    # choice: 1 % lets steps that are printed to two decimals add up to a printed total
    if steps and not math.isclose(sum(steps), total, rel_tol=0.01):
        raise _refuse(row, "step_doses", f"steps add up to {sum(steps):g}", f"the dose, {total:g} {row['dose_unit']}")
    return steps


def parse_exposures(rows: Iterable[Row], study_id: str) -> tuple[Exposure, ...]:
    """Exposures of one study from the rows of its file.

    Raises:
        EvidenceRefused: a unit does not belong to its metric, a value and its range contradict, a concentration has no
            time, steps do not add up to the dose, a derived value has no arithmetic, or a source is unknown.
    """
    found = []
    for row in rows:
        metric, value = row["metric"], row["value"]
        if row["unit"] not in UNITS[metric]:
            raise _refuse(
                row,
                "unit",
                f"unit of {metric} is {row['unit']!r}",
                ", ".join(UNITS[metric]),
                "Convert it; keep the original",
            )
        if (metric == "concentration") != (row["time_h"] is not None):
            raise _refuse(
                row,
                "time_h",
                f"time_h of {metric} is {row['time_h']}",
                "a time for a concentration, blank for the rest",
            )
        if metric == "availability" and value is not None and value > 1:
            raise _refuse(row, "value", f"value is {value:g}", "a fraction from 0 to 1")
        if (row["dose_value"] is None) != (row["dose_unit"] is None):
            raise _refuse(row, "dose_unit", f"dose_unit is {row['dose_unit']!r}", "a dose and its unit, or neither")
        low, high, kind = row["dispersion_low"], row["dispersion_high"], row["dispersion_kind"]
        between = kind in {"range", "ci90", "ci95"}
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
        if (row["statistic"] == "range_only") != (value is None):
            raise _refuse(
                row, "statistic", f"statistic is {row['statistic']!r}", "range_only exactly where value is blank"
            )
        if row["how"] == "derived" and not row["derivation"]:
            raise _refuse(row, "derivation", "a derived value without its arithmetic", "the arithmetic")
        require_source(row, "sources_exposure.csv")
        values = {**row.values, "step_doses": _steps(row)}
        found.append(Exposure(study_id=study_id, file=row.file, line=row.line, **values))  # type: ignore[arg-type]
    return tuple(found)


@cache
def load_exposures() -> tuple[Exposure, ...]:
    """All exposures in order of study and line.

    Raises:
        EvidenceRefused: a file is malformed.
    """
    folder = published() / "exposures"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".csv"))
    found: list[Exposure] = []
    for name in names:
        rows = read_csv(folder / name, FIELDS, f"exposures/{name}")
        found.extend(parse_exposures(rows, name.removesuffix(".csv")))
    known = {exposure.study_id for exposure in found}
    for exposure in found:
        if exposure.overlaps and exposure.overlaps not in known:
            raise EvidenceRefused(
                f"overlaps is {exposure.overlaps!r}",
                allowed="a study of exposures/",
                where=f"{exposure.where}, column overlaps",
            )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class OddExposure:
    """An exposure that does not fit the rest: ``code`` says how, ``what`` in numbers."""

    code: str
    exposure: Exposure
    what: str


def _groups(exposures: Iterable[Exposure], metric: str) -> dict[tuple[object, ...], list[Exposure]]:
    groups = defaultdict(list)
    for exposure in exposures:
        if exposure.metric == metric and exposure.value is not None:
            groups[(*exposure.regimen, exposure.analyte)].append(exposure)
    return groups


def odd_exposures(exposures: Iterable[Exposure]) -> tuple[OddExposure, ...]:
    """Rows that contradict their neighbours; a reader decides whether the source or the copy is at fault.

    Codes:
        duplicate: the same number for the same regimen, analyte, metric and time stands twice in a study.
        below_concentration: a Cmax below a concentration of the same curve.
        auc_against_cmax: AUC / Cmax, a mean residence of the curve, outside 0.1 to 48 h.
        unit_slip: a Cmax per mg of base more than tenfold away from the median of its drug, analyte and route.
        sd_above_mean: a standard deviation larger than the value.
    """
    exposures = tuple(exposures)
    odd = []
    seen: dict[tuple[object, ...], Exposure] = {}
    for row in exposures:
        key = (*row.regimen, row.analyte, row.metric, row.time_h, row.value, row.dispersion_low, row.dispersion_high)
        if key in seen:
            odd.append(OddExposure("duplicate", row, f"as line {seen[key].line}"))
        seen.setdefault(key, row)
        if row.dispersion_kind == "sd" and row.value is not None and (row.dispersion_low or 0) > row.value:
            odd.append(OddExposure("sd_above_mean", row, f"sd {row.dispersion_low:g} of {row.value:g}"))
    peaks, areas = _groups(exposures, "cmax"), _groups(exposures, "auc")
    for key, curve in _groups(exposures, "concentration").items():
        top = max(row.value or 0.0 for row in curve)
        odd += [
            OddExposure("below_concentration", peak, f"{peak.value:g} below {top:g}")
            for peak in peaks.get(key, ())
            if peak.value is not None and peak.value < top
        ]
    for key, found in areas.items():
        for area in found:
            for peak in peaks.get(key, ()):
                hours = (area.value or 0.0) / (peak.value or math.nan)
                # choice: shorter than six minutes or longer than two days is no curve of a single dose of ketamine
                if not 0.1 <= hours <= 48:
                    odd.append(OddExposure("auc_against_cmax", area, f"{hours:.3g} h"))
    odd += _unit_slips(exposures)
    return tuple(odd)


def _unit_slips(exposures: tuple[Exposure, ...]) -> list[OddExposure]:
    # choice: 70 kg turns mg/kg into mg; a slip of a unit is a factor of 60 or 1,000, so tenfold is wide enough
    per_mg = {}
    for row in exposures:
        if row.metric == "cmax" and row.value and row.dose_value and row.dose_unit in {"mg", "mg/kg"}:
            per_mg[row] = row.value / (row.dose_value * (70.0 if row.dose_unit == "mg/kg" else 1.0))
    groups: dict[tuple[object, ...], list[Exposure]] = defaultdict(list)
    for row in per_mg:
        groups[(row.drug, row.analyte, row.route)].append(row)
    odd = []
    for rows in groups.values():
        ordered = sorted(per_mg[row] for row in rows)
        middle = ordered[len(ordered) // 2]
        odd += [
            OddExposure("unit_slip", row, f"{per_mg[row]:.3g} against {middle:.3g} ng/mL per mg")
            for row in rows
            if not middle / 10 <= per_mg[row] <= middle * 10
        ]
    return odd
