"""A distribution for each parameter, from the assumptions in the evidence."""

from __future__ import annotations

import numpyro.distributions as dist

from remit.evidence.assumptions import Assumption, load_assumptions
from remit.vocabulary.errors import EvidenceRefused


def prior(name: str) -> dist.Distribution:
    """The prior of a parameter.

    Raises:
        EvidenceRefused: no assumption of that name is a prior.
    """
    return distribution(load_assumptions()[name])


def distribution(assumption: Assumption) -> dist.Distribution:
    """The distribution an assumption of kind prior describes.

    Raises:
        EvidenceRefused: the assumption is a fixed value.
    """
    if assumption.family == "normal":
        return dist.Normal(assumption.mean, assumption.sd)
    if assumption.family == "halfnormal":
        return dist.HalfNormal(assumption.scale)
    raise EvidenceRefused(
        f"assumption {assumption.id!r} is a fixed value, not a prior",
        allowed="family normal or halfnormal",
        where="assumptions.yaml",
    )
