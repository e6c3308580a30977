"""Any tree of compartments, as the sum of exponentials its concentrations are.

Compartments of volumes V exchange drug by flows that are equal both ways and lose it by clearances:

    V_i dc_i/dt = sum_j Q_ij (c_j - c_i) - CL_i c_i

With y = sqrt(V) c this is dy/dt = -S y, S symmetric and positive, S = V^-1/2 (Laplacian of the flows + diag CL)
V^-1/2. One eigen-solve S = U diag(rates) U' therefore serves one, two, three compartments and the hepato-portal tree
of esketamine alike: an amount of 1 mg put into compartment i at time 0 gives in compartment j

    c_j(t) = sum_k U_jk U_ik / sqrt(V_j V_i) exp(-rates_k t)   [mg/L]

The eigen-solve is Jacobi's: plane rotations done for all people at once. For two compartments one rotation is the
exact closed form; rotations keep the relative accuracy of the slow rates, which the quadratic and cubic formulas lose.
`numpy.linalg.eigh` solves people one after the other and is several times slower on a population (benchmarks).
"""

from __future__ import annotations

from itertools import combinations
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Links = tuple[tuple[int, int], ...]
"""Pairs of compartments that exchange drug, by position."""


class Modes(NamedTuple):
    """A sum of exponentials: what 1 mg given at time 0 does, sum_k weights_k exp(-rates_k t).

    Attributes:
        rates: [1/h], shape (..., modes); all above zero.
        weights: [1/L] for a concentration, shape (..., modes); their sum is the value just after the dose.
    """

    rates: Float[Array, "... modes"]
    weights: Float[Array, "... modes"]

    def at(self, times_h: Float[Array, " times"]) -> Float[Array, "... times"]:
        """The sum at times since the dose [h], shape (..., times)."""
        return jnp.einsum("...m,...mt->...t", self.weights, jnp.exp(-self.rates[..., None] * times_h))

    def area(self) -> Float[Array, "..."]:
        """Area under the sum from 0 to infinity [h/L]."""
        return jnp.sum(self.weights / self.rates, axis=-1)


class Tree(NamedTuple):
    """A tree of compartments, for one person or many.

    Attributes:
        volumes: [L], shape (..., compartments).
        flows: exchange along each link [L/h], shape (..., links).
        clearances: loss from each compartment [L/h], shape (..., compartments).
        links: which compartments each flow joins.
    """

    volumes: Float[Array, "... compartments"]
    flows: Float[Array, "... links"]
    clearances: Float[Array, "... compartments"]
    links: Links


class Solved(NamedTuple):
    """A tree in its own coordinates.

    Attributes:
        rates: [1/h], shape (..., compartments).
        basis: U / sqrt(V), shape (..., compartments, modes): concentration [L^-1/2] of each compartment in each mode.
    """

    rates: Float[Array, "... modes"]
    basis: Float[Array, "... compartments modes"]

    def response(self, entered: int, observed: int) -> Modes:
        """Concentration in one compartment after 1 mg into another.

        Args:
            entered: position of the compartment the dose enters.
            observed: position of the compartment that is sampled.
        """
        return Modes(self.rates, self.basis[..., entered, :] * self.basis[..., observed, :])


def solve(tree: Tree) -> Solved:
    """Rates and basis of a tree, batched over people."""
    size = tree.volumes.shape[-1]
    root = jnp.sqrt(tree.volumes)
    entries: dict[tuple[int, int], Array] = {
        (i, i): tree.clearances[..., i] / tree.volumes[..., i] for i in range(size)
    }
    for position, (i, j) in enumerate(tree.links):
        flow = tree.flows[..., position]
        entries[i, i] = entries[i, i] + flow / tree.volumes[..., i]
        entries[j, j] = entries[j, j] + flow / tree.volumes[..., j]
        entries[i, j] = entries[j, i] = -flow / (root[..., i] * root[..., j])
    empty = jnp.zeros_like(entries[0, 0])
    matrix = jnp.stack(
        [jnp.stack([entries.get((i, j), empty) for j in range(size)], axis=-1) for i in range(size)], axis=-2
    )
    rates, vectors = symmetric_modes(matrix)
    return Solved(rates, vectors / root[..., None])


# compiled also where it is called by itself: a loop of its own would be a new program at each call, and never let go
@jax.jit
def symmetric_modes(
    matrix: Float[Array, "... size size"],
) -> tuple[Float[Array, "... size"], Float[Array, "... size size"]]:
    """Eigenvalues and eigenvectors (columns) of symmetric matrices, in no particular order, by Jacobi's rotations.

    The number of sweeps is fixed, so that the work is the same for every person and derivatives pass through.
    """
    size = matrix.shape[-1]
    vectors = jnp.broadcast_to(jnp.eye(size), matrix.shape)
    if size == 1:
        return matrix[..., 0], vectors
    # choice: convergence is quadratic; 2x2 is exact in one rotation, 4x4 reached rounding in 6 sweeps in 1e5 random
    # trees, and two more are kept
    sweeps = 1 if size == 2 else 8

    def sweep(_: int, state: tuple[Array, Array]) -> tuple[Array, Array]:
        for p, q in combinations(range(size), 2):
            state = _rotate(*state, p, q)
        return state

    turned, vectors = jax.lax.fori_loop(0, sweeps, sweep, (matrix, vectors))
    return jnp.diagonal(turned, axis1=-2, axis2=-1), vectors


def _rotate(matrix: Array, vectors: Array, p: int, q: int) -> tuple[Array, Array]:
    """One plane rotation that empties the entry (p, q)."""
    off = matrix[..., p, q]
    gap = matrix[..., q, q] - matrix[..., p, p]
    squared = gap**2 + 4.0 * off**2
    # nothing to turn, also where an entry is so small that its square is zero (equal compartments, late in a sweep);
    # kept out of the root so that its derivative is finite
    idle = squared == 0.0
    length = jnp.sqrt(jnp.where(idle, 1.0, squared))
    tangent = jnp.where(idle, 0.0, 2.0 * off * jnp.where(gap < 0.0, -1.0, 1.0) / (jnp.abs(gap) + length))
    cosine = 1.0 / jnp.sqrt(1.0 + tangent**2)
    sine = tangent * cosine

    def turn(whole: Array) -> Array:
        left, right = whole[..., :, p], whole[..., :, q]
        whole = whole.at[..., :, p].set(cosine[..., None] * left - sine[..., None] * right)
        return whole.at[..., :, q].set(sine[..., None] * left + cosine[..., None] * right)

    turned = jnp.swapaxes(turn(jnp.swapaxes(turn(matrix), -1, -2)), -1, -2)
    turned = turned.at[..., p, q].set(0.0).at[..., q, p].set(0.0)
    turned = turned.at[..., p, p].set(matrix[..., p, p] - tangent * off)
    turned = turned.at[..., q, q].set(matrix[..., q, q] + tangent * off)
    return turned, turn(vectors)


def convolved(first: Modes, second: Modes) -> Modes:
    """One sum of exponentials feeding another: the convolution of the two, again a sum of exponentials.

    Used for depots, effect sites and metabolites. By partial fractions
    exp(-a t) * exp(-b t) = (exp(-a t) - exp(-b t)) / (b - a). A gap b - a below 1e-8 of b is widened to that: the
    result is then wrong by at most a few 1e-8 of its peak. Where more is asked for at near-equal rates use
    `remit.pharmacology.inputs` (one delay) or `remit.pharmacology.linear_system` (any chain), which do not subtract.
    """
    a, b = first.rates[..., :, None], second.rates[..., None, :]
    # choice: the loss by rounding, 1e-16 / gap, equals the loss by widening, gap, at a gap of 1e-8
    least = 1e-8 * b
    gap = b - a
    gap = jnp.where(jnp.abs(gap) < least, jnp.where(gap < 0.0, -least, least), gap)
    pairs = first.weights[..., :, None] * second.weights[..., None, :] / gap
    ahead, behind = jnp.sum(pairs, axis=-1), -jnp.sum(pairs, axis=-2)
    shape = ahead.shape[:-1]
    rates = [jnp.broadcast_to(part.rates, (*shape, part.rates.shape[-1])) for part in (first, second)]
    return Modes(jnp.concatenate(rates, axis=-1), jnp.concatenate([ahead, behind], axis=-1))


def delayed(modes: Modes, rate: Float[Array, "..."]) -> Modes:
    """A sum of exponentials after a first-order delay k exp(-k t): a depot in front of it or an effect site behind it.

    Args:
        modes: what 1 mg does without the delay.
        rate: k [1/h], one value a person.
    """
    return convolved(modes, Modes(rate[..., None], rate[..., None]))
