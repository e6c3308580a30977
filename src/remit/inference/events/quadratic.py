"""One step of a constrained Newton method: the best point of a quadratic with some unknowns not below zero."""

from __future__ import annotations

import numpy as np
from scipy.linalg import get_lapack_funcs

(dposv,) = get_lapack_funcs(("posv",), dtype=np.float64)


def bounded_step(hessian: np.ndarray, slope: np.ndarray, start: np.ndarray, bounded: np.ndarray) -> np.ndarray | None:
    """Minimise (x - start)' H (x - start) / 2 - slope' (x - start) with x >= 0 where bounded.

    Unknowns that meet their bound on the way are held there (Lawson and Hanson 1974, inner loop); who may leave it
    again is decided by the caller, from the gradient.

    Args:
        hessian: positive definite (unknowns, unknowns).
        slope: (unknowns,).
        start: allowed point (unknowns,).
        bounded: which unknowns have a bound (unknowns,).

    Returns:
        The point, or None where the Hessian is not positive definite.
    """
    here = start.copy()
    free = np.arange(len(start))
    target = hessian @ start + slope
    while True:
        part = hessian if len(free) == len(start) else hessian[np.ix_(free, free)]
        _, found, fault = dposv(part, target[free], lower=1)
        if fault:
            return None
        low = bounded[free] & (found <= 0)
        if not low.any():
            here[free] = found
            return here
        now = here[free]
        reach = np.full(len(now), np.inf)
        reach[low] = now[low] / np.maximum(now[low] - found[low], np.finfo(float).tiny)
        share = min(float(reach.min()), 1.0)
        now = now + share * (found - now)
        drop = low & (reach <= share * (1 + 1e-9))
        now[drop] = 0.0
        here[free] = now
        free = free[~drop]
