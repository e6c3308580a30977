"""Codes of a study as words: how it was made, who knew, what it compared with, and whom it is about."""

from __future__ import annotations

from remit.evidence.appraisal import MASKS
from remit.evidence.trials import Trial

DESIGN = {
    "rct_parallel": "randomised", "rct_crossover": "randomised, crossover", "open_label": "open label",
    "meta_analysis": "meta-analysis", "pooled": "pooled trials", "retrospective": "records looked back at",
    "other": "other",
}  # fmt: skip
BLINDING = {"double_blind": "double blind", "single_blind": "single blind", "open": "open", "na": ""}
COMPARATOR = {
    "none": "no control",
    "active_drug": "another drug",
    "mixed": "several",
    "other_control": "another control",
}
MEASURE = {"pct_change": "change in per cent", "p_value": "p"}
UNIT = {
    "percent": ("%", "%"), "percent_points": ("percentage point", "percentage points"), "points": ("point", "points"),
    "hours": ("hour", "hours"), "sd_units": ("SD", "SD"), "eta_squared": ("eta squared", "eta squared"),
}  # fmt: skip
"""Of one, and of any other number; what has none is named by what the number is: a risk ratio, cases."""
DOMAIN = {"ptsd": "PTSD", "ocd": "OCD"}


def design(trial: Trial) -> str:
    """How a study was made."""
    return DESIGN.get(trial.design, _words(trial.design))


def blinding(trial: Trial) -> str:
    """Who was kept from knowing; empty where that makes no sense."""
    return BLINDING.get(trial.blinding, _words(trial.blinding))


def comparator(trial: Trial) -> str:
    """What the treatment was compared with."""
    return COMPARATOR.get(trial.comparator, _words(trial.comparator))


def about(domain: str) -> str:
    """Whom a study is about."""
    return DOMAIN.get(domain, _words(domain))


def measure(metric: str) -> str:
    """What a number of a study is."""
    return MEASURE.get(metric, _words(metric))


def quantity(value: float, unit: str) -> str:
    """A number of a study with its unit in words."""
    one, many = UNIT.get(unit, ("", ""))
    return f"{value:g} {one if abs(value) == 1 else many}".rstrip()


def status_line(trial: Trial) -> str:
    """Design, blinding, comparator, masking and status of a study in one line."""
    masking = "" if trial.masking == "not_applicable" else MASKS[trial.masking]
    own = comparator(trial)
    against = own if trial.comparator == "none" else f"compared with {own}"
    # "open label, open" says one thing twice
    blind = "" if trial.design == "open_label" and trial.blinding == "open" else blinding(trial)
    return ", ".join(part for part in (design(trial), blind, against, masking, _words(trial.status)) if part)


def _words(code: str) -> str:
    return code.replace("_", " ")
