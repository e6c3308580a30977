"""Fixed people that stand for a whole population inside a likelihood.

A scrambled Sobol sequence covers the space of between-person differences evenly, so a few dozen nodes give the mean and
the response rate of an arm to within a fraction of their standard errors (tests/inference/test_likelihood.py), and the
same nodes for every parameter value keep the likelihood smooth.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, qmc

NODES = 32  # choice: doubling it moves 95 % of rows by less than a third of their standard error
SEED = 20261124  # choice: any; fixed so that the likelihood is the same function on every machine


def population_nodes(numbers: int, nodes: int = NODES) -> NDArray[np.float64]:
    """Standard normal nodes with mean 0 and SD 1 in every column.

    Args:
        numbers: columns, one a trait.
        nodes: rows; a power of two.

    Returns:
        Shape (nodes, numbers).
    """
    uniform = qmc.Sobol(numbers, scramble=True, rng=np.random.default_rng(SEED)).random(nodes)
    normals = norm.ppf(uniform)
    return (normals - normals.mean(axis=0)) / normals.std(axis=0)
