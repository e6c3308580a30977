"""A posterior drawn from the priors: for tests of form and law, never a result."""

from __future__ import annotations

import jax
import numpy as np

from remit.evidence.assumptions import load_assumptions
from remit.evidence.fingerprint import fingerprint
from remit.inference.fitted import EVIDENCE_PARTS, GROUPS, SESSION_CONTROL, SHIPPED, Posterior
from remit.inference.priors import prior
from remit.vocabulary.people import Diagnosis

NAMES = {
    "diagnosis": tuple(diagnosis.value for diagnosis in Diagnosis),
    "scale": ("GAD-7", "HAM-A", "LSAS"),
    "control": ("pill", SESSION_CONTROL, "wait_list"),
    "treatment": ("escitalopram", "paroxetine", "sertraline", "pregabalin"),
    "masking": ("open", "inert_control", "active_control", "anaesthesia"),
}
SPREAD = {
    "diagnosis_control": "diagnosis_control_sd", "diagnosis_drug": "diagnosis_drug_sd", "scale": "scale_sd",
    "control": "control_kind_sd", "treatment": "daily_treatment_sd", "onset": "onset_sd", "bias": "bias_scale",
}  # fmt: skip


def stand_in(draws: int = 24, seed: int = 1) -> Posterior:
    """Draws from the priors, narrowed to half their spread so that courses stay in a range that pictures can show."""
    key = jax.random.key(seed)
    found: dict[str, np.ndarray] = {}
    known = load_assumptions()
    for index, name in enumerate(SHIPPED):
        own = jax.random.fold_in(key, index)
        if name in known:
            values = np.asarray(prior(name).sample(own, (draws,)))
            found[name] = (
                known[name].mean + 0.5 * (values - known[name].mean) if known[name].family == "normal" else 0.5 * values
            )
    for index, name in enumerate(GROUPS):
        raw = np.array(jax.random.normal(jax.random.fold_in(key, 1000 + index), (draws, len(NAMES[GROUPS[name]]))))
        found[name] = found[SPREAD[name]][:, None] * (np.abs(raw) if name == "bias" else raw)
    found["control"][:, 0] = 0.0
    found["bias"][:, -1] = 0.0
    manifest = {"evidence_hash": fingerprint(*EVIDENCE_PARTS), "evidence_parts": list(EVIDENCE_PARTS), "stand_in": True}
    return Posterior(found, NAMES, manifest)
