"""From where and on what scale a question counts."""

from __future__ import annotations

import numpy as np

from remit.answers.basis import Baselines, baselines
from remit.answers.courses import Rating
from remit.answers.question import HowFast
from remit.inference.entry_level import within_person_sd
from remit.inference.fitted import Posterior
from remit.vocabulary.errors import InputRefused


def rated(question: HowFast, posterior: Posterior) -> tuple[Baselines | None, Rating]:
    """The published baselines, where there are any, and how courses become totals.

    Args:
        question: checked input.
        posterior: its draws are those of the responsiveness.

    Raises:
        InputRefused: no baseline is published or given.
    """
    scale = question.the_scale()
    known, baseline = _baseline(question)
    responsiveness = np.exp(np.asarray(posterior.of_scale(scale.name, question.seed)))
    return known, Rating(scale.low, scale.high, scale.step, baseline, within_person_sd(scale), responsiveness)


def _baseline(question: HowFast) -> tuple[Baselines | None, float]:
    scale = question.the_scale()
    if question.baseline is None:
        known = baselines(scale, question.diagnosis)
        return known, known.typical
    try:
        return baselines(scale, question.diagnosis), float(question.baseline)
    except InputRefused:
        return None, float(question.baseline)
