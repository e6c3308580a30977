"""From the evidence to a posterior: select, assemble, sample, check, write."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from remit.evidence.fingerprint import fingerprint
from remit.evidence.instruments import load_scales
from remit.evidence.trials import load_trials
from remit.inference import fitted
from remit.inference.assembly import assemble
from remit.inference.calibration import OTHERS, SPREADS, TYPICAL, model
from remit.inference.design import Design
from remit.inference.predictive import RowCheck, check
from remit.inference.sampling import Diagnostics, Report, Settings, require_converged, sample
from remit.inference.selection import Selection, select
from remit.response.stimulus import esketamine_equivalent

SHIPPED_DRAWS = (
    1000  # choice: a 90 % band of a probability moves by less than a percentage point between halves of them
)


@dataclass(frozen=True, slots=True)
class Refit:
    """A calibration and what came of it."""

    selection: Selection
    design: Design
    posterior: fitted.Posterior
    diagnostics: Diagnostics
    checks: list[RowCheck]


def data(without: frozenset[str] = frozenset()) -> tuple[Selection, Design]:
    """The selected rows and the design of today's evidence.

    Args:
        without: studies to leave out.
    """
    trials, scales = load_trials(), load_scales()
    selection = select(trials, scales, without)
    return selection, assemble(selection, trials, scales, esketamine_equivalent)


def refit(settings: Settings, *, checkpoint: Path | None, report: Report) -> Refit:
    """Calibrate on today's evidence.

    Args:
        settings: how to sample.
        checkpoint: file for the state of a fit under way.
        report: called with stage, iterations done and in all.

    Raises:
        NotConverged: a diagnostic is not met; nothing was written.
    """
    selection, design = data()
    label = fingerprint(*fitted.EVIDENCE_PARTS)
    dense = ((*TYPICAL, *SPREADS, *OTHERS),)
    draws, diagnostics = sample(
        model, (design,), settings, label=label, dense=dense, checkpoint=checkpoint, report=report
    )
    require_converged(diagnostics)
    checks = check(design, draws, settings.seed)
    names = {group: getattr(design.names, group) for group in ("diagnosis", "scale", "control", "masking", "treatment")}
    counts = {
        "studies": len(selection.used),
        "rows_used": sum(map(len, selection.used.values())),
        "rows_left_out": len(selection.left_out),
        "arms": len(design.arms.study),
    }
    made = fitted.manifest(diagnostics, settings, counts)
    in_session = design.arms.study[design.arms.has_session > 0]
    made["session_studies"] = sorted({design.names.study[study] for study in in_session})
    posterior = fitted.Posterior(fitted.evenly_spaced(draws, SHIPPED_DRAWS), names, made)
    return Refit(selection, design, posterior, diagnostics, checks)
