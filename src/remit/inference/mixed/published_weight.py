"""Published population values as a stated number of people: their mean is one more observation of a fit.

    published ~ N(typical, Omega / W)

The published values of what people differ in count as the mean of W people who differ as the fitted ones do. So the
weight has a meaning, W of the clinic's own people weigh the same, and no spread is needed that nobody measured.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.marginal import Marginal
from remit.inference.mixed.model import MixedModel

Floats = NDArray[Any]
_LOG_2PI = float(np.log(2.0 * np.pi))


def published_density(model: MixedModel, estimated: Any) -> Any:
    """Log density of the published values under estimated numbers, complex ones too."""
    pop = model.population(estimated)
    names = [each.name for each in model.parameters]
    places = np.array([names.index(name) for name in model.etas])
    away = model.start[places] - pop.typical[places]
    root = pop.factor / np.sqrt(model.published)
    scaled = np.linalg.solve(root, away)
    return -0.5 * (scaled @ scaled + len(places) * _LOG_2PI) - np.log(np.diagonal(root)).sum()


def with_published(model: MixedModel, estimated: Floats, found: Marginal) -> Marginal:
    """The likelihood with the published values as one more row of ``each`` and ``scores``, after the people."""
    # a step into the imaginary is an exact derivative and needs nothing compiled (Squire and Trapp 1998)
    steps = 1e-30j * np.eye(len(estimated))
    score = np.array([np.imag(published_density(model, estimated + step)) / 1e-30 for step in steps])
    value = float(published_density(model, estimated))
    return found._replace(
        each=np.append(np.asarray(found.each), value), scores=np.vstack([np.asarray(found.scores), score])
    )
