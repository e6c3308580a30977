"""Fitting a mixed-effects model to a table: the estimate with all that says whether it may be used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.by_simulation import by_nuts, by_saem
from remit.inference.mixed.climb import climb
from remit.inference.mixed.event_table import EventTable, refused
from remit.inference.mixed.found import Effort, Fit
from remit.inference.mixed.individual import brief, compared, log_variance, rated, typical_curves
from remit.inference.mixed.kinetics import LIBRARY
from remit.inference.mixed.linearised import fit_linearised
from remit.inference.mixed.marginal import Marginal, Method, compiled
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.own_function import is_own, try_function
from remit.inference.mixed.published_weight import with_published
from remit.inference.mixed.records import Records
from remit.inference.mixed.shortfall import explained, lifted, remedy, undetermined
from remit.inference.mixed.starting import pooled
from remit.inference.mixed.stepwise import follows, stepped, stepwise
from remit.inference.mixed.uncertainty import estimates, uncertainty
from remit.inference.mixed.under_way import under_way
from remit.inference.mixed.written_out import padded
from remit.vocabulary.errors import InputRefused, NotConverged

Floats = NDArray[Any]
Report = Callable[[str, int, int | None], None]
METHODS = (*Method, "lme", "saem", "nuts")
_LIFTS = 2
"""Climbs from where a spread went to zero.  # choice: each costs as much as a fit; what is gone after two stays so"""
_GAIN = 0.01  # choice: of the log likelihood; less is no other maximum
LARGEST_GRID = 20_000
"""Nodes of quadrature for one person.  # choice: more than four random effects at 11 nodes take minutes a step"""


def prepare(table: EventTable, model: MixedModel) -> tuple[MixedModel, Records]:
    """The records of a table as a model takes them, and the model with its number of occasions.

    Raises:
        InputRefused: table and model do not fit together.
    """
    records = padded(table, model.structure.outputs, model.structure.compartment)
    model.check(records, table.covariates)
    for place, output in enumerate(model.structure.outputs):
        if not (np.asarray(records.counted) & (np.asarray(records.output) == place)).any():
            raise InputRefused(
                f"no row is of output {output} of {model.structure.name}",
                allowed=f"rows of each of {', '.join(model.structure.outputs)} (column DVID)",
                remedy="Name the output of each row, or take a model without it",
                where=table.name,
            )
    _check_outputs(table, model)
    _check_durations(table, model)
    own = is_own(model.structure)
    change = _change(table, model, records) if own or model.structure.constant else ""
    if own:  # where nothing changes within a person its parameters are numbers
        model = replace(model, structure=model.structure._replace(constant=not change))
    elif change:
        model, records = _followed(table, model, change)
    if model.structure.setting is not None:
        records = records._replace(setting=model.structure.setting(table, records))
    if model.shifting:
        model = replace(model, occasions=int(np.asarray(records.occasion).max()) + 1)
    if own:
        try_function(model, records)
    log = [number for number, error in enumerate(model.errors) if "log" in error.kinds]
    bad = np.isin(records.output, log) & np.asarray(records.counted) & ~(np.asarray(records.observed) > 0)
    if bad.any():
        person = int(np.argwhere(bad)[0][0])
        raise InputRefused(
            f"an observation of person {table.people[person]} is not above 0 and the error is log-normal",
            remedy="Leave it out (MDV 1), mark it as below the limit (CENS 1), or use another error",
            where=table.name,
        )
    return model, records


def fit(
    table: EventTable,
    model: MixedModel,
    method: str = "focei",
    *,
    effort: Effort | None = None,
    start: Floats | None = None,
    report: Report | None = None,
    folder: Path | None = None,
) -> Fit:
    """Fit a model to a table.

    Args:
        table: from `read_events`.
        model: with starting values.
        method: ``focei``, ``foce``, ``laplace``, ``agq`` (adaptive quadrature), ``lme`` (as nlme), ``saem`` or ``nuts``
            (full Bayes).
        effort: how much is spent; the usual when None.
        start: estimated numbers to begin with, in place of the model's.
        report: called with words on where the fit is, the steps done, and of how many (None where nobody knows).
        folder: where what is done is kept, so that an interrupted fit goes on from there and ends with the same
            numbers; nowhere when None. Method ``lme`` keeps nothing.

    Raises:
        InputRefused: table, model and method do not fit together.
        NotConverged: no maximum was reached; says what to try.
    """
    if method not in METHODS:
        raise InputRefused(f"unknown method {method!r}", allowed=", ".join(METHODS), where="--method")
    model, records = prepare(table, model)
    effort, tell = effort or Effort(), report or (lambda *_: None)
    nodes = effort.nodes
    below = bool(np.asarray(records.below).any())
    if below and method in {Method.FOCE, Method.FOCEI, "lme"}:
        raise InputRefused(
            f"rows below the limit of quantification (CENS 1) need the exact curvature, which {method} does not have",
            remedy="Use --method laplace, agq, saem or nuts",
            where="--method",
        )
    counted = _counted(tell)
    if rated(model) and method in {Method.FOCE, Method.FOCEI, "lme"}:
        raise InputRefused(
            f"totals that are rounded and cut off (bounded) need the exact curvature, which {method} does not have",
            remedy="Use --method laplace, agq, saem or nuts, or --error additive",
            where="--error",
        )
    if model.published and method not in set(Method):
        raise InputRefused(
            f"the weight of published values has no part in {method}",
            allowed=", ".join(Method),
            remedy="Give priors (--prior) to nuts" if method == "nuts" else "Choose one of these methods",
            where="--published",
        )
    begin = model.start[model.free] if start is None else start
    quick = effort.quick and brief(model, records)
    if start is None and model.guessed:
        begin = pooled(model, records, begin, quick)
    _check_start(model, records, begin, table, quick)
    if method == "lme":
        return _linear(table, model, records, begin, counted)
    kept = under_way(folder, table, model, method, begin, effort)
    if method == "nuts":
        return by_nuts(table, model, records, effort, tell, kept)
    if method == "saem":
        return by_saem(table, model, records, begin, effort, tell, kept)
    how = Method(method)
    if how is Method.QUADRATURE and nodes**model.size > LARGEST_GRID:
        raise InputRefused(
            f"{nodes} nodes in {model.size} dimensions are {nodes**model.size:,} points",
            allowed=f"up to {LARGEST_GRID:,}",
            remedy="Use fewer --nodes or --method laplace",
            where="--nodes",
        )
    run, held = compiled(model, how, nodes, quick, below), jax.device_put(records)

    def evaluate(at: Floats, modes: Floats) -> Marginal:
        found = run(at, held, modes)
        return with_published(model, at, found) if model.published else found

    nobody = np.zeros((len(table.people), model.size))
    summit = climb(evaluate, begin, nobody, counted, kept)
    for number in range(_LIFTS):
        above = lifted(model, summit)
        if above is None:
            break
        again = climb(evaluate, above, nobody, counted, kept.beside(f"again{number}"))
        if again.fault and again.value <= summit.value + _GAIN:
            break
        summit = again
    if summit.fault:
        raise NotConverged(
            explained(model, summit),
            remedy=remedy(model, summit, method),
            where=f"{table.name}, {model.structure.name}",
        )
    sure, each = uncertainty(summit.information, summit.scores), summit.each[: len(table.people)]
    loose = undetermined(model, np.sqrt(np.diag(sure.covariance)))
    if loose:
        raise NotConverged(
            f"not converged: the spread of {', '.join(loose)} cannot be told from none",
            remedy=f"Leave {loose[0]} out of the random effects (--random)"
            + (", or take a diagonal Omega" if any(row != column for row, column in model.entries) else ""),
            where=f"{table.name}, {model.structure.name}",
        )
    return Fit(
        table,
        model,
        records,
        method,
        summit.estimated,
        float(each.sum()),
        summit.modes,
        estimates(model, summit.estimated, sure.covariance, sure.sandwich),
        sure,
        float(np.abs(summit.gradient).max()),
        summit.left,
        summit.steps,
        summit.evaluations,
        nodes if how is Method.QUADRATURE else 1,
        each,
        quick=quick,
    )


def _counted(tell: Report) -> Callable[[int, float], None]:
    return lambda step, value: tell(f"log likelihood {value:.3f}, steps", step, None)


def _change(table: EventTable, model: MixedModel, records: Records) -> str:
    """What changes within a person, in words; an empty string where nothing does.

    Closed forms hold for constant parameters; a user's own function is given parameters of shape (times,).
    """
    if model.shifting:
        return f"{model.shifting[0]} differs between occasions"
    for name, effect in model.effects:
        value, counted = np.asarray(records.covariates[effect.covariate]), np.asarray(records.counted)
        # of people without an observation neither end is a number that counts
        highest, lowest = np.where(counted, value, -np.inf).max(axis=1), np.where(counted, value, np.inf).min(axis=1)
        moves = highest > lowest
        if moves.any():
            person = table.people[int(np.argmax(moves))]
            return f"{effect.covariate} changes within person {person} and moves {name}"
    return ""


def _check_outputs(table: EventTable, model: MixedModel) -> None:
    """Refuse observations of several outputs where a model predicts one.

    Raises:
        InputRefused: there are some; names the first row of another output.
    """
    first: dict[str, int] = {}
    for event in (event for events in table.events for event in events if event.observes):
        first.setdefault(event.dvid, event.row)
    if len(model.structure.outputs) == 1 and len(first) > 1:
        raise InputRefused(
            f"observations are of {', '.join(first)} (DVID, or CMT of observations), and {model.structure.name} "
            "predicts one output",
            remedy="Keep the rows of one, or take a model of several",
            where=f"{table.name}, row {sorted(first.values())[1]}",
        )


def _check_durations(table: EventTable, model: MixedModel) -> None:
    """Refuse rates and durations that are parameters where the model has none, and doses that a model cannot take.

    Raises:
        InputRefused: there are some; names the row.
    """
    if model.structure.name.startswith("1cpt-transit"):
        for event in (event for events in table.events for event in events if event.evid in {1, 4}):
            if event.duration or event.ss or event.cmt > 1:
                raise InputRefused(
                    f"{model.structure.name} takes doses by mouth at once",
                    allowed="doses without RATE, DUR and SS, into compartment 1",
                    where=f"{table.name}, row {event.row}",
                )
    _check_compartments(table, model)
    asked = {int(event.duration): event.row for events in table.events for event in events if event.duration < 0}
    for code, name, what in ((-1, "R1", "rate"), (-2, "D1", "duration")):
        has = any(each.name == name for each in model.parameters)
        if code in asked and (not has or len(model.structure.outputs) > 1):
            raise InputRefused(
                f"RATE is {code}: the {what} of a dose is a parameter, and {model.structure.name} has none",
                allowed=f"1cpt-iv to 3cpt-oral with --initial {name}=...",
                where=f"{table.name}, row {asked[code]}, column RATE",
            )
        if has and code not in asked and model.structure.name in LIBRARY:
            raise InputRefused(
                f"no dose asks for the {what} {name}", allowed=f"RATE {code} on some doses", where=table.name
            )


def _check_compartments(table: EventTable, model: MixedModel) -> None:
    """Refuse doses into a compartment that a model of the library does not have.

    Raises:
        InputRefused: there are some; names the row.
    """
    kinetic = model.structure.name.partition("+")[0]
    if kinetic not in LIBRARY or "cpt-" not in kinetic:
        return
    oral = not kinetic.endswith("-iv")
    for event in (event for events in table.events for event in events if event.evid in {1, 4}):
        if event.cmt > 1 + oral:
            raise refused(
                str(event.cmt), "CMT",
                "1 (depot), 2 (central) or blank of a dose" if oral else "1 (central) or blank of a dose", event.row,
                table.name, f"{model.structure.name} takes doses nowhere else; other compartments need a function of "
                "your own",
            )  # fmt: skip


def _followed(table: EventTable, model: MixedModel, change: str) -> tuple[MixedModel, Records]:
    """Model and records that carry amounts from row to row.

    Raises:
        InputRefused: the structural model cannot follow changes.
    """
    if not follows(model.structure) or any(each.name in {"TLAG", "D1", "R1"} for each in model.parameters):
        raise InputRefused(
            f"{change}, which {model.structure.name} cannot follow",
            allowed="1cpt-iv to 3cpt-oral without TLAG, D1 and R1, or a function of your own (FILE.py:FUNCTION)",
            remedy="Give one value a person, or leave the occasions out",
            where=table.name,
        )
    model = replace(model, structure=stepwise(model.structure))
    return model, stepped(table, model.structure)


def _check_start(model: MixedModel, records: Records, begin: Floats, table: EventTable, quick: bool) -> None:
    """Refuse a start at which an observation has no spread: a proportional error of a prediction of zero."""
    curve = typical_curves(model, quick, begin[None], records)[0]
    with np.errstate(all="ignore"):
        spread = log_variance(model, model.population(begin), curve, records)
        curve = compared(model, curve, records)
    counted, number = np.asarray(records.counted), np.isfinite(curve)
    bad = counted & ~(number & (spread > -60.0))
    if not bad.any():
        return
    none = counted & ~number
    shown = none if none.any() else bad
    person, place = np.argwhere(shown)[0]
    output = model.structure.outputs[int(np.asarray(records.output)[person, place])]
    raise InputRefused(
        ("the model gives no number for" if none.any() else "the model predicts 0, and so has no spread, for")
        + f" {int(shown.sum())} observations at the start, the first of person {table.people[person]} at time "
        f"{float(np.asarray(records.time)[person, place]):g}" + (f", output {output}" if len(model.errors) > 1 else ""),
        remedy="Give other starting values (--initial)" + (
            ", and look where the function divides by zero" if none.any() and is_own(model.structure) else
            ", or leave these rows out (MDV 1)" if none.any() else
            ", add an additive error, or leave these rows out (MDV 1)"
        ),
        where=table.name,
    )  # fmt: skip


def _linear(table: EventTable, model: MixedModel, records: Records, begin: Floats, report: Any) -> Fit:
    at, value, covariance, modes, rounds = fit_linearised(model, records, begin, report)
    whole = np.full((len(at), len(at)), np.nan)
    whole[: len(covariance), : len(covariance)] = covariance
    return Fit(
        table,
        model,
        records,
        "lme",
        at,
        value,
        modes,
        estimates(model, at, whole, np.full_like(whole, np.nan)),  # no person has a score here, so no sandwich
        None,
        float("nan"),
        float("nan"),
        rounds,
        rounds,
    )
