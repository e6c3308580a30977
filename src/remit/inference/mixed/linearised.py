"""Lindstrom and Bates (1990): the model made linear at the modes, a linear mixed model fitted, and so on to the end.

This is the method of R's nlme, offered to compare with its published numbers: its log likelihood is that of the linear
model at the end, not of the model itself. Where the residual variance follows the prediction it follows that of the
current values, which stands still while the linear model is fitted, as with nlme's variance functions.

    w = y - f + X beta + Z eta ~ N(X beta, Z Omega Z' + V(f)),   X = df/dbeta,  Z = df/deta at the current values
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.individual import log_variance, predicted
from remit.inference.mixed.model import MixedModel
from remit.inference.mixed.records import Records
from remit.vocabulary.errors import InputRefused, NotConverged

Floats = NDArray[Any]
MOST = 200
TOLERANCE = 1e-7
"""Largest relative change of any number from round to round at the end."""


def fit_linearised(
    model: MixedModel, records: Records, start: Floats, report: Callable[[int, float], None] | None = None
) -> tuple[Floats, float, Floats, Floats, int]:
    """Fit by alternating linearisation.

    Args:
        model: of one output whose error is neither log-normal nor bounded, and without occasions.
        records: of all people.
        start: estimated numbers to begin with.
        report: called with the round and its log likelihood.

    Returns:
        The estimated numbers, the log likelihood of the linear model, the covariance of the population values, the
        standardised random effects and the number of rounds.

    Raises:
        InputRefused: the model has something that the method does not.
        NotConverged: the rounds do not settle.
    """
    if len(model.errors) > 1 or model.shifting or any({"log", "bounded"} & set(each.kinds) for each in model.errors):
        raise InputRefused(
            "method lme takes one output without occasions, and no log or bounded error",
            allowed="additive, proportional, combined, combined1 or power error",
            remedy="Use --method focei, or laplace where the error is bounded",
            where="--method",
        )
    fixed = int(model.free[: len(model.parameters) + len(model.effects)].sum())
    linearise, likelihood, score = _programs(model, fixed)
    at = jnp.asarray(start)
    eta = jnp.zeros((records.time.shape[0], len(model.etas)))
    value = -np.inf
    for round_ in range(1, MOST + 1):
        linear = linearise(at, eta, records)
        variances, value = _inner(likelihood, score, at[fixed:], (*linear, records))
        new, beta_covariance, new_eta = _estimates(
            model, variances, fixed, [np.asarray(part) for part in linear], records
        )
        fresh = jnp.concatenate([jnp.asarray(new), variances])
        share = 1.0
        if round_ > 30:  # choice: rounds that circle settle when half of each is taken
            share = 0.5
        fresh, new_eta = at + share * (fresh - at), eta + share * (new_eta - eta)
        change = float(jnp.max(jnp.abs(fresh - at) / (1.0 + jnp.abs(at))))
        at, eta = fresh, new_eta
        if report is not None:
            report(round_, value)
        if change < TOLERANCE:
            factor = np.asarray(model.population(at).factor)
            modes = np.linalg.solve(factor, np.asarray(eta).T).T
            return np.asarray(at), value, beta_covariance, modes, round_
    raise NotConverged(
        "the rounds of linearisation do not settle", remedy="Use --method focei, or other starting values"
    )


def _programs(model: MixedModel, fixed: int) -> tuple[Any, Any, Any]:
    def curve(beta: Any, eta: Any, at: Any, records: Records) -> Any:
        pop = model.population(jnp.concatenate([beta, at[fixed:]]))
        return predicted(model, pop._replace(factor=jnp.eye(len(model.etas))), eta, records)

    @jax.jit
    def linearise(at: Any, eta: Any, records: Records) -> Any:
        def one(e: Any, rec: Records) -> Any:
            beta = at[:fixed]
            x = jax.jacfwd(curve, argnums=0)(beta, e, at, rec)
            z = jax.jacfwd(curve, argnums=1)(beta, e, at, rec)
            here = curve(beta, e, at, rec)
            return rec.observed - here + x @ beta + z @ e, x, z, here

        return jax.vmap(one)(eta, records)

    def likelihood(variances: Any, work: Any) -> Any:
        offset, x, z, here, records = work
        pop = model.population(jnp.concatenate([jnp.zeros(fixed), variances]))

        def one(w: Any, xi: Any, zi: Any, near: Any, rec: Records) -> Any:
            shown = rec.counted
            zi = jnp.where(shown[:, None], zi @ pop.factor, 0.0)
            cov = zi @ zi.T + jnp.diag(jnp.exp(log_variance(model, pop, near, rec)))
            root = jnp.linalg.cholesky(cov)
            both = jnp.concatenate([w[:, None], xi], axis=1) * shown[:, None]
            scaled = jax.scipy.linalg.solve_triangular(root, both, lower=True)
            return scaled.T @ scaled, 2.0 * jnp.sum(jnp.log(jnp.diagonal(root))), shown.sum()

        products, dets, counts = jax.vmap(one)(offset, x, z, here, records)
        total = products.sum(axis=0)
        beta = jnp.linalg.solve(total[1:, 1:], total[1:, 0])
        rest = total[0, 0] - total[0, 1:] @ beta
        return -0.5 * (dets.sum() + rest + counts.sum() * jnp.log(2.0 * jnp.pi))

    return linearise, jax.jit(likelihood), jax.jit(jax.jacfwd(likelihood))


def _inner(likelihood: Any, score: Any, start: Any, work: Any) -> tuple[Any, float]:
    from scipy.optimize import minimize

    found = minimize(
        lambda v: -float(likelihood(jnp.asarray(v), work)),
        np.asarray(start),
        method="BFGS",
        jac=lambda v: -np.asarray(score(jnp.asarray(v), work)),
        options={"gtol": 1e-8},
    )
    return jnp.asarray(found.x), -float(found.fun)


def _estimates(
    model: MixedModel, variances: Any, fixed: int, linear: Sequence[Floats], records: Records
) -> tuple[Floats, Floats, Any]:
    """Population values by generalised least squares, their covariance, and the predicted random effects."""
    pop = model.population(jnp.concatenate([jnp.zeros(fixed), variances]))
    (offset, x, z, here), factor = linear, np.asarray(pop.factor)
    variance = np.exp(np.asarray(log_variance(model, pop, jnp.asarray(here), records)))
    left, right, held = np.zeros((fixed, fixed)), np.zeros(fixed), []
    for person in range(len(offset)):
        shown = np.asarray(records.counted)[person]
        w, xi, zi = offset[person][shown], x[person][shown], z[person][shown]
        cov = zi @ factor @ factor.T @ zi.T + np.diag(variance[person][shown])
        solved = np.linalg.solve(cov, np.column_stack([w, xi]))
        left += xi.T @ solved[:, 1:]
        right += xi.T @ solved[:, 0]
        held.append((w, xi, zi, cov))
    beta = np.linalg.solve(left, right)
    eta = [factor @ factor.T @ zi.T @ np.linalg.solve(cov, w - xi @ beta) for w, xi, zi, cov in held]
    return beta, np.linalg.inv(left), jnp.asarray(np.array(eta))
