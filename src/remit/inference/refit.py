"""From the evidence to a posterior: select, assemble, sample, check, hold out, write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import jax.numpy as jnp

from remit.evidence.fingerprint import fingerprint
from remit.evidence.instruments import load_scales
from remit.evidence.trials import Trial, load_trials
from remit.inference import fitted
from remit.inference.assembly import assemble, setting
from remit.inference.calibration import TIMING, model
from remit.inference.design import Design
from remit.inference.diagnostics import require_converged
from remit.inference.held_out import leave_each_out
from remit.inference.predictive import check
from remit.inference.row_check import HeldOut, RowCheck
from remit.inference.sampling import Fit, Report, Settings, sample
from remit.inference.selection import POOLS, Selection, is_session_drug, select
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Route

SHIPPED_DRAWS = (
    1000  # choice: a 90 % band of a probability moves by less than a percentage point between halves of them
)


@dataclass(frozen=True, slots=True, eq=False)
class Refit:
    """A calibration and what came of it."""

    selection: Selection
    design: Design
    fit: Fit
    posterior: fitted.Posterior
    checks: list[RowCheck]
    label: str


def data(without: frozenset[str] = frozenset()) -> tuple[Selection, Design]:
    """The selected rows and the design of today's evidence.

    Args:
        without: studies to leave out.
    """
    trials, scales = load_trials(), load_scales()
    selection = select(trials, scales, without)
    return selection, assemble(selection, trials, scales, esketamine_equivalent)


def refit(
    settings: Settings, *, checkpoint: Path | None, report: Report, without: frozenset[str] = frozenset()
) -> Refit:
    """Calibrate on today's evidence.

    Args:
        settings: how to sample.
        checkpoint: file for the state of a fit under way.
        report: called with stage, iterations done and in all.
        without: studies to leave out.

    Raises:
        NotConverged: a diagnostic is not met; nothing was written.
    """
    selection, design = data(without)
    label = "|".join([fingerprint(*fitted.EVIDENCE_PARTS), *sorted(without)])
    weight = jnp.ones(len(design.names.study))
    fit = sample(model, (design,), settings, label=label, changing=(weight,), checkpoint=checkpoint, report=report)
    require_converged(fit.diagnostics)
    checks = check(design, fit.draws, settings.seed)
    groups = ("diagnosis", "scale", "control", "masking", "treatment")
    names = {**{group: getattr(design.names, group) for group in groups}, "timing": TIMING}
    counts = {
        "studies": len(selection.used),
        "rows_used": sum(map(len, selection.used.values())),
        "rows_left_out": len(selection.left_out),
        "timing_studies": len(selection.timing),
        "timing_rows": sum(map(len, selection.timing.values())),
        "arms": len(design.arms.study),
    }
    made = fitted.manifest(fit.diagnostics, settings, counts)
    made["session_studies"] = sorted(set(session_studies(design)) & set(selection.used))
    if without:
        made["without"] = sorted(without)
    posterior = fitted.Posterior(fitted.evenly_spaced(fit.draws, SHIPPED_DRAWS), names, made)
    return Refit(selection, design, fit, posterior, checks, label)


def session_studies(design: Design) -> list[str]:
    """Studies with an arm that had sessions."""
    return sorted({design.names.study[study] for study in design.arms.study[design.arms.has_session > 0]})


def given_in(trial: Trial) -> str:
    """What was given in a trial: ketamine by a route, a daily drug, or psychotherapy."""
    kind = setting(trial)
    if kind != "session":
        return kind.replace("therapy", "psychotherapy").replace("_", " ")
    routes = sorted({Route(arm.route).spoken for arm in trial.arms if is_session_drug(arm) and arm.route})
    return f"ketamine, {' and '.join(routes)}" if routes and trial.kind not in POOLS else "ketamine, pooled"


def held_out(found: Refit, *, checkpoint: Path | None, report: Report) -> list[HeldOut]:
    """Every trial predicted from the others.

    Raises:
        NotConverged: a refit did not mix.
    """
    trials: Mapping[str, Trial] = load_trials()
    groups = {study: given_in(trials[study]) for study in found.design.names.study}
    return leave_each_out(
        found.fit,
        found.design,
        groups,
        checkpoint=checkpoint,
        label=found.label,
        report=report,
    )
