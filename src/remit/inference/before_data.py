"""What the model believes before it has seen a trial: for prior predictive checks and tests, never an answer."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.evidence.assumptions import load_assumptions
from remit.evidence.fingerprint import fingerprint
from remit.inference.calibration import TIMING
from remit.inference.fitted import EVIDENCE_PARTS, GROUPS, SESSION_CONTROL, SHIPPED, Posterior
from remit.inference.priors import prior
from remit.vocabulary.people import Diagnosis

SPREADS = {
    "diagnosis_control": "diagnosis_control_sd", "diagnosis_drug": "diagnosis_drug_sd", "scale": "scale_sd",
    "control": "control_kind_sd", "treatment": "daily_treatment_sd", "onset": "onset_sd", "bias": "bias_scale",
    "domain": "domain_sd",
}  # fmt: skip
"""Spread of each group of effects; the first control and the last masking are the references and have none."""
NAMES = {
    "diagnosis": tuple(diagnosis.value for diagnosis in Diagnosis),
    "scale": ("GAD-7", "HAM-A"),
    "control": ("pill", SESSION_CONTROL),
    "treatment": ("escitalopram", "paroxetine", "sertraline"),
    "masking": ("open", "inert_control", "active_control", "anaesthesia"),
    "timing": TIMING,
}


def before_data(draws: int, seed: int) -> Posterior:
    """Draws from the priors in the form of a posterior; its manifest says that it saw no data.

    Args:
        draws: how many.
        seed: of the only key.
    """
    known = load_assumptions()
    key = jax.random.key(seed)
    found: dict[str, NDArray[np.float64]] = {}
    for index, name in enumerate(SHIPPED):
        if name in known:
            found[name] = np.asarray(prior(name).sample(jax.random.fold_in(key, index), (draws,)), dtype=np.float64)
    for index, (name, group) in enumerate(GROUPS.items(), start=len(SHIPPED)):
        raw = jax.random.normal(jax.random.fold_in(key, index), (draws, len(NAMES[group])), dtype=jnp.float64)
        found[name] = found[SPREADS[name]][:, None] * np.array(jnp.abs(raw) if name == "bias" else raw)
    found["control"][:, 0] = 0.0
    found["bias"][:, -1] = 0.0
    manifest = {
        "saw": "no data: draws from the priors",
        "evidence_hash": fingerprint(*EVIDENCE_PARTS),
        "evidence_parts": list(EVIDENCE_PARTS),
    }
    return Posterior(found, NAMES, manifest)
