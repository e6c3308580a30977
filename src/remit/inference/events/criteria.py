"""How well a fitted model of times does: what every one of them says of itself in the same way."""

from __future__ import annotations

import numpy as np

from remit.inference.events.likelihood import Seen
from remit.inference.events.newton import Maximum


class Criteria:
    """Of a model with parameters and a maximum."""

    __slots__ = ()
    names: tuple[str, ...]
    maximum: Maximum

    @property
    def log_likelihood(self) -> float:
        """At the maximum."""
        return self.maximum.value

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return 2 * len(self.names) - 2 * self.log_likelihood


class SubjectCriteria(Criteria):
    """Of one that holds its subjects as well."""

    __slots__ = ()
    data: Seen

    @property
    def bic(self) -> float:
        """Schwarz's criterion, for the number of subjects."""
        return float(np.log(self.data.weight.sum()) * len(self.names) - 2 * self.log_likelihood)
