"""What looks odd in the published outcomes: numbers that lack something, cannot be, or contradict each other.

Each check is a function of the studies that yields findings. A finding is not an error: a published number may be odd
because the paper is. `audit_notes.yaml` says for each finding what came of it (mended, flagged or explained); a finding
without a note is open.

GRIM: Brown & Heathers 2017, a mean or percentage of n whole numbers can only take n + 1 values between two whole ones.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from remit.evidence.instruments import load_scales
from remit.evidence.trials import Outcome, Trial, load_trials
from remit.vocabulary.scales import Scale

Trials = Mapping[str, Trial]
SHARES = frozenset({"response_rate", "remission_rate", "share"})
MEANS = frozenset({"mean_score", "mean_change"})
NEEDS_DISPERSION = frozenset({"mean_score", "mean_change", "mean_difference", "effect_size"})
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd.

    Attributes:
        check: name of the check.
        study_id, file, line: where; line 0 where it is about a whole study.
        what: in words, with the numbers.
        row: the row; None where it is about a whole study.
    """

    check: str
    study_id: str
    file: str
    line: int
    what: str
    row: Outcome | None = None


def _of(check: str, row: Outcome, what: str) -> Finding:
    return Finding(check, row.study_id, row.file, row.line, what, row)


def _rows(trials: Trials) -> Iterator[tuple[Trial, Outcome]]:
    for trial in trials.values():
        for row in trial.outcomes:
            yield trial, row


def printed_decimals(text: str) -> int:
    """Decimals of a printed number; those of a whole number are 0."""
    return len(text.partition(".")[2])


def _printed(value: float) -> str:
    return f"{value:.10g}"


def can_be_share(percent: float, people: int, decimals: int) -> bool:
    """Whether a percentage printed with so many decimals can come from a whole number of people (GRIM).

    Args:
        percent: 0 to 100.
        people: of how many.
        decimals: of the printed percentage.
    """
    half = 0.5 * 10.0**-decimals + TOLERANCE
    low, high = (percent - half) * people / 100.0, (percent + half) * people / 100.0
    return math.floor(high + TOLERANCE) >= math.ceil(low - TOLERANCE)


def can_be_mean(mean: float, people: int, decimals: int) -> bool:
    """Whether a mean printed with so many decimals can come from whole totals of so many people (GRIM)."""
    half = 0.5 * 10.0**-decimals + TOLERANCE
    return math.floor((mean + half) * people + TOLERANCE) >= math.ceil((mean - half) * people - TOLERANCE)


def lacks_unit(trials: Trials) -> Iterator[Finding]:
    """A unit that is none of the known ones."""
    for _, row in _rows(trials):
        if row.unit == "other":
            yield _of("lacks_unit", row, f"{row.metric} of {row.scale} has no known unit")


def lacks_place(trials: Trials) -> Iterator[Finding]:
    """A place that does not say where in the source."""
    for _, row in _rows(trials):
        if row.place.strip().lower() in {"", "not stated", "unknown", "source"}:
            yield _of("lacks_place", row, f"place is {row.place!r}")


def lacks_people(trials: Trials) -> Iterator[Finding]:
    """No number of people."""
    for _, row in _rows(trials):
        if row.n is None:
            yield _of("lacks_people", row, f"{row.metric} of {row.scale} without n")


def lacks_dispersion(trials: Trials) -> Iterator[Finding]:
    """A mean, difference or effect size without SD, SE or interval."""
    for _, row in _rows(trials):
        if row.metric in NEEDS_DISPERSION and row.dispersion_low is None:
            yield _of("lacks_dispersion", row, f"{row.metric} of {row.scale} without SD, SE or interval")


def impossible_share(trials: Trials) -> Iterator[Finding]:
    """A percentage that no whole number of people gives (GRIM)."""
    for _, row in _rows(trials):
        if row.metric in SHARES and row.unit == "percent" and row.n is not None and row.n == int(row.n):
            decimals = printed_decimals(_printed(row.value))
            if not can_be_share(row.value, int(row.n), decimals):
                near = round(row.value * row.n / 100.0)
                yield _of(
                    "impossible_share", row,
                    f"{row.value:g} % of {row.n:g} is {row.value * row.n / 100:.3g} people; "
                    f"{near} of {row.n:g} is {100 * near / row.n:.{decimals + 1}f} %",
                )  # fmt: skip


def impossible_mean(trials: Trials) -> Iterator[Finding]:
    """A mean total that whole totals of n people cannot have (GRIM); only where n is below the printed precision."""
    for _, row in _rows(trials):
        if row.metric != "mean_score" or row.unit != "points" or row.n is None or row.how != "read":
            continue
        decimals = printed_decimals(_printed(row.value))
        if row.n < 10**decimals and not can_be_mean(row.value, int(row.n), decimals):
            yield _of("impossible_mean", row, f"a mean of {row.value:g} in {row.n:g} people")


def contradicting_spread(trials: Trials) -> Iterator[Finding]:
    """SD, SE or interval that cannot be, or that contradict each other."""
    scales = load_scales()
    for _, row in _rows(trials):
        low, high, kind = row.dispersion_low, row.dispersion_high, row.dispersion_kind
        if low is None or kind is None:
            continue
        if kind in {"sd", "se"} and low <= 0:
            yield _of("contradicting_spread", row, f"{kind.upper()} is {low:g}")
        if kind in {"ci95", "range", "iqr"} and high is not None and not min(low, high) <= row.value <= max(low, high):
            yield _of("contradicting_spread", row, f"{row.value:g} lies outside its {kind} {low:g} to {high:g}")
        scale = scales.get(row.scale)
        spread = low if kind == "sd" else low * math.sqrt(row.n or 1.0) if kind == "se" else None
        if spread is None or scale is None or row.metric not in MEANS or row.unit != "points":
            continue
        most = _largest_sd(scale, row) * math.sqrt((row.n or 2.0) / max((row.n or 2.0) - 1.0, 1.0))
        if spread > most * (1.0 + TOLERANCE):
            yield _of(
                "contradicting_spread", row,
                f"{kind.upper()} {low:g} means an SD of {spread:.3g}; a mean of {row.value:g} on {scale.name} "
                f"({scale.low:g} to {scale.high:g}) allows at most {most:.3g}",
            )  # fmt: skip
        if row.metric == "mean_score" and spread < 0.02 * (scale.high - scale.low):
            yield _of("contradicting_spread", row, f"an SD of {spread:.3g} on {scale.name}: an SE may be meant")
    yield from _unlike_spreads(trials)


def _largest_sd(scale: Scale, row: Outcome) -> float:
    """Largest SD that totals with this mean can have; of a change, that of a whole range each way."""
    if row.metric == "mean_score":
        return math.sqrt(max((row.value - scale.low) * (scale.high - row.value), 0.0))
    return scale.high - scale.low


def _unlike_spreads(trials: Trials) -> Iterator[Finding]:
    """SDs of one scale in one study that differ more than threefold, read as SD or computed from an SE."""
    for trial in trials.values():
        found: dict[tuple[str, str], list[tuple[float, Outcome]]] = defaultdict(list)
        for row in trial.outcomes:
            if row.dispersion_low is None or row.dispersion_low <= 0 or row.metric not in MEANS or row.n is None:
                continue
            if row.dispersion_kind in {"sd", "se"}:
                factor = 1.0 if row.dispersion_kind == "sd" else math.sqrt(row.n)
                found[row.scale, row.metric].append((row.dispersion_low * factor, row))
        for spreads in found.values():
            spreads.sort(key=lambda entry: entry[0])
            (least, one), (most, other) = spreads[0], spreads[-1]
            if most > 3.0 * least:
                yield _of(
                    "contradicting_spread", one,
                    f"SDs of {one.scale} from {least:.3g} to {most:.3g} (line {other.line}) in one study",
                )  # fmt: skip


def doubled(trials: Trials) -> Iterator[Finding]:
    """The same number twice: in one study, or in two studies that are not said to share people."""
    seen: dict[tuple[object, ...], Outcome] = {}
    for trial, row in _rows(trials):
        fact = (row.scale, row.metric, row.time_h, row.value, row.n, row.dispersion_low, row.dispersion_high)
        own = (trial.study_id, row.arm_id, row.event, row.population, row.reference, row.window_from_h, *fact)
        if own in seen:
            yield _of("doubled", row, f"the same number stands in line {seen[own].line}")
        seen.setdefault(own, row)
        if row.n is None or row.dispersion_low is None or row.value == 0:
            continue
        other = seen.setdefault(fact, row)
        if other.study_id != trial.study_id and not _share_people(trials[other.study_id], trial):
            yield _of("doubled", row, f"the same number stands in {other.file}, line {other.line}")
    papers: dict[str, str] = {}
    for trial in trials.values():
        for name in (trial.doi, trial.pmid):
            if name and papers.setdefault(name, trial.study_id) != trial.study_id:
                yield Finding(
                    "doubled", trial.study_id, f"studies/{trial.study_id}.yaml", 0,
                    f"the paper {name} is also {papers[name]}",
                )  # fmt: skip


def _share_people(one: Trial, other: Trial) -> bool:
    return (
        one.study_id in other.contains
        or other.study_id in one.contains
        or bool(one.registry and one.registry == other.registry)
    )


def does_not_add_up(trials: Trials) -> Iterator[Finding]:
    """Changes that are not the difference of their scores, more remitters than responders, wrong arithmetic, and
    more events than people."""
    for trial in trials.values():
        yield from _changes(trial)
        yield from _remitters(trial)
        for row in trial.outcomes:
            yield from _arithmetic(row)
            if row.metric == "count" and row.n is not None and row.value > row.n:
                yield _of("does_not_add_up", row, f"{row.value:g} of {row.n:g} people")
            if row.metric == "p_value" and not 0 <= row.value <= 1:
                yield _of("does_not_add_up", row, f"a p value of {row.value:g}")


def _changes(trial: Trial) -> Iterator[Finding]:
    scores = {
        (row.arm_id, row.population, row.scale, row.time_h): row
        for row in trial.outcomes
        if row.metric == "mean_score" and row.unit == "points"
    }
    for row in trial.outcomes:
        if row.metric != "mean_change" or row.unit != "points":
            continue
        before = scores.get((row.arm_id, row.population, row.scale, 0.0))
        after = scores.get((row.arm_id, row.population, row.scale, row.time_h))
        if before is None or after is None:
            continue
        gap = after.value - before.value - row.value
        # a model's mean may differ from the raw one by a point or a tenth of the change
        if abs(gap) > max(1.0, 0.1 * abs(row.value)):
            yield _of(
                "does_not_add_up", row,
                f"a change of {row.value:g}, but scores go from {before.value:g} to {after.value:g}",
            )  # fmt: skip


def _remitters(trial: Trial) -> Iterator[Finding]:
    responders = {
        (row.arm_id, row.population, row.scale, row.time_h): row
        for row in trial.outcomes
        if row.metric == "response_rate"
    }
    for row in trial.outcomes:
        other = responders.get((row.arm_id, row.population, row.scale, row.time_h))
        if row.metric == "remission_rate" and other is not None and row.value > other.value + TOLERANCE:
            yield _of("does_not_add_up", row, f"{row.value:g} % in remission, {other.value:g} % respond")


_SHARE = re.compile(r"(\d+)\s*/\s*(\d+)(?:\s*\*\s*100\s*=\s*(\d+(?:\.\d+)?)|\s*=\s*(\d+(?:\.\d+)?)\s*%)")
"""``10/12*100=83.3`` or ``15/32 = 46.9%``; a derivation may hold several, of which the last gives the row."""


def _arithmetic(row: Outcome) -> Iterator[Finding]:
    found = list(_SHARE.finditer(row.derivation or ""))
    if not found or row.unit != "percent":
        return
    for each in found:
        part, whole, printed = float(each[1]), float(each[2]), each[3] or each[4]
        if abs(100.0 * part / whole - float(printed)) > 0.51 * 10.0 ** -printed_decimals(printed):
            yield _of("does_not_add_up", row, f"{part:g}/{whole:g} is {100 * part / whole:.4g} %, not {printed}")
    people = {float(each[2]) for each in found}
    if row.n is not None and row.metric in SHARES and row.n not in people:
        yield _of("does_not_add_up", row, f"the share is of {max(people):g} people, n is {row.n:g}")


def outside_scale(trials: Trials) -> Iterator[Finding]:
    """A total, or a change, that the scale cannot have."""
    scales = load_scales()
    for _, row in _rows(trials):
        scale = scales.get(row.scale)
        if scale is None or row.unit != "points":
            continue
        if row.metric == "mean_score" and not scale.low <= row.value <= scale.high:
            yield _of("outside_scale", row, f"{row.value:g} on {scale.name} ({scale.low:g} to {scale.high:g})")
        if row.metric == "mean_change" and abs(row.value) > scale.high - scale.low:
            yield _of("outside_scale", row, f"a change of {row.value:g} on {scale.name}")


def withdrawn(trials: Trials) -> Iterator[Finding]:
    """A retracted study: kept so that it is not used by mistake."""
    for trial in trials.values():
        if trial.is_retracted:
            where = f"studies/{trial.study_id}.yaml"
            yield Finding("withdrawn", trial.study_id, where, 0, "retracted; enters no calibration and no answer")


CHECKS: dict[str, Callable[[Trials], Iterable[Finding]]] = {
    "lacks_unit": lacks_unit,
    "lacks_place": lacks_place,
    "lacks_people": lacks_people,
    "lacks_dispersion": lacks_dispersion,
    "impossible_share": impossible_share,
    "impossible_mean": impossible_mean,
    "contradicting_spread": contradicting_spread,
    "doubled": doubled,
    "does_not_add_up": does_not_add_up,
    "outside_scale": outside_scale,
    "withdrawn": withdrawn,
}


def audit(trials: Trials | None = None) -> tuple[Finding, ...]:
    """Every finding of every check, in the order of `CHECKS`.

    Args:
        trials: the studies; all published ones when None.
    """
    every = load_trials() if trials is None else trials
    return tuple(finding for check in CHECKS.values() for finding in check(every))
