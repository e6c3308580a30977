"""The integrated likelihood against a dense normal density, its coefficients, curves and leaving one out."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import multivariate_normal

from remit.inference.network.coefficient import draw_coefficients, noise_sizes
from remit.inference.network.curve import MEANING, columns_of, make_curve
from remit.inference.network.design import default_priors, make_design
from remit.inference.network.fit import Assumptions, make_model
from remit.inference.network.marginal import Design, correlation_of, course_scale, integrate, rows_of, variance_of
from remit.inference.network.network import make_network
from remit.inference.network.prediction import _program
from remit.inference.network.table import rows_from
from remit.vocabulary.errors import InputRefused

TIMES = (0.0, 1.0, 2.0, 4.0, 8.0)


def small_network(seed=0, doses=False):
    rng = np.random.default_rng(seed)
    records = []
    for study, arms in enumerate([("p", "a"), ("p", "a", "b"), ("a", "b"), ("p", "b")]):
        for arm in arms:
            for time in TIMES[: 5 - study % 2]:
                size = {"p": 0.0, "a": -2.0, "b": -3.0}[arm]
                value = 20 - 3 * time / (time + 1) + size * time / (2 + time) + 0.3 * rng.normal()
                given = "" if arm == "p" else "0;1"
                row = {"study": str(study), "treatment": arm, "time_w": str(time), "y": f"{value:.5f}", "se": "0.3"}
                row["class"] = "" if arm == "p" else "drug"
                records.append({**row, "doses": given} if doses else row)
    return make_network(rows_from(records, list(records[0]), "small.csv"), "p")


CASES = [
    {"curve": "emax"},
    {"curve": "emax", "misfit": True, "residual": "exchangeable"},
    {"curve": "exponential", "residual": "autoregressive", "effects": "common"},
    {"curve": "spline", "residual": "autoregressive", "correlation": 0.4},
    {"curve": "rise-and-fall", "shapes": "each"},
    {"curve": "emax", "course": "pooled", "level": False},
    {"curve": "log-linear", "misfit": True},
    {"curve": "as-given", "misfit": True},
    {"curve": "emax", "classes": "random"},
    {"curve": "emax", "classes": "common"},
]


def setting(case):
    network = small_network(doses=case["curve"] == "as-given")
    assumptions = Assumptions(**{"misfit": False, **case})
    model = make_model(network, assumptions)
    priors = replace(default_priors(network), level_sd=3.0, course_sd=2.0, effect_sd=1.5)
    design = make_design(network, model, priors, level=assumptions.level)
    position = 0.3 * np.random.default_rng(1).normal(size=model.size)
    return model, design, position


def dense(model, design, position):
    """Mean zero and covariance of all rows, row by row, from the sentence of the model."""
    named = model.split(jnp.asarray(position))
    own, first = (np.asarray(each) for each in rows_of(model, named, design))
    studies, arms, long, columns = own.shape
    variance = np.asarray(variance_of(model, named, design))
    rho = 0.0 if model.residual == "independent" else float(correlation_of(model, named))
    course = np.asarray(course_scale(model, named, design))
    sd = np.exp(np.asarray(named["log_sd"])) if model.heterogeneity else np.zeros(columns)
    effect_sd = design.effect_sd
    if model.classes == "random":
        effect_sd = np.where(design.within > 0, np.exp(named["log_class_sd"][0]), effect_sd)
    keys = [(s, a, t) for s in range(studies) for a in range(arms) for t in range(long) if design.mask[s, a, t]]
    cover = np.zeros((len(keys), len(keys)))
    for i, (s, a, t) in enumerate(keys):
        for j, (r, b, u) in enumerate(keys):
            made_of = design.contrast[s, a] * effect_sd, design.contrast[r, b] * effect_sd
            cover[i, j] += (made_of[0] @ made_of[1]) * (own[s, a, t] @ own[r, b, u])
            if model.course == "pooled":
                cover[i, j] += design.effect_sd[-1] ** 2 * (first[s, a, t] @ first[r, b, u])
            if s != r:
                continue
            cover[i, j] += design.level_sd[s] ** 2
            cover[i, j] += (first[s, a, t] * course[s]) @ (first[r, b, u] * course[s])
            together = (design.spread[s] @ design.spread[s].T)[a, b]
            cover[i, j] += together * ((own[s, a, t] * sd) @ (own[r, b, u] * sd))
            if a == b:
                apart = abs(design.times[s, a, t] - design.times[s, a, u]) / design.gap
                alike = 1.0 if t == u else (rho if model.residual == "exchangeable" else rho**apart if rho else 0.0)
                cover[i, j] += alike * np.sqrt(variance[s, a, t] * variance[s, a, u])
    return np.array([design.y[key] for key in keys]), cover, keys


@pytest.mark.parametrize("case", CASES, ids=lambda case: " ".join(map(str, case.values())))
def test_the_integrated_likelihood_is_the_dense_one(case):
    model, design, position = setting(case)
    y, cover, _ = dense(model, design, position)
    found, _ = integrate(model, model.split(jnp.asarray(position)), Design(*map(jnp.asarray, design)))
    assert float(found) == pytest.approx(multivariate_normal(cov=cover).logpdf(y), rel=1e-9)


@pytest.mark.parametrize("case", [CASES[0], CASES[5], CASES[3]], ids=["emax", "pooled", "spline"])
def test_coefficients_have_the_mean_and_spread_of_the_dense_posterior(case):
    model, design, position = setting(case)
    y, cover, keys = dense(model, design, position)
    device = Design(*map(jnp.asarray, design))
    noise = np.random.default_rng(2).normal(size=(20000, sum(noise_sizes(model, device))))
    drawn = jax.vmap(lambda own: draw_coefficients(model, jnp.asarray(position), device, own))(jnp.asarray(noise))
    effects = np.asarray(drawn["effects"])[:, 0, 0]
    own = np.asarray(rows_of(model, model.split(jnp.asarray(position)), device)[0])
    # of a normal prior: E[d | y] = cov(d, y) cov(y)^-1 y
    between = np.array([design.contrast[s, a, 0] * design.effect_sd[0] ** 2 * own[s, a, t, 0] for s, a, t in keys])
    pull = np.linalg.solve(cover, between)
    variance = design.effect_sd[0] ** 2 - between @ pull
    assert effects.mean() == pytest.approx(pull @ y, abs=4 * np.sqrt(variance / 20000))
    assert effects.std() == pytest.approx(np.sqrt(variance), rel=0.03)


def test_leaving_one_row_out_is_the_conditional_density():
    """Given effects, log p(y_i | the other rows) of the closed form is that of the partitioned normal density."""
    model, design, position = setting({"curve": "emax", "residual": "exchangeable"})
    effects = np.array([[-1.0], [-2.0], [0.0], [0.0]])
    fixed = design._replace(effect_sd=np.zeros(4))
    y, cover, keys = dense(model, fixed, position)
    named = model.split(jnp.asarray(position))
    own = np.asarray(rows_of(model, named, fixed)[0])
    mean = np.array([own[s, a, t] @ (fixed.contrast[s, a] @ effects) for s, a, t in keys])
    studies, arms = fixed.y.shape[:2]
    zero = [np.zeros((1, studies, arms, 1)), np.zeros((1, studies)), np.zeros((1, studies, 1))]
    rest = _program(model)(
        jnp.asarray(position)[None],
        jnp.asarray(effects)[None],
        *map(jnp.asarray, zero),
        Design(*map(jnp.asarray, fixed)),
    )[0]
    for number, (s, a, t) in enumerate(keys):
        others = [k for k in range(len(keys)) if k != number]
        pull = np.linalg.solve(cover[np.ix_(others, others)], cover[others, number])
        middle = mean[number] + pull @ (y[others] - mean[others])
        variance = cover[number, number] - pull @ cover[others, number]
        expected = -0.5 * ((y[number] - middle) ** 2 / variance + np.log(2 * np.pi * variance))
        assert float(rest[0, s, a, t]) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("name", sorted(set(MEANING) - {"constant"}))
def test_every_curve_starts_at_zero(name):
    curve = make_curve(name, np.array(TIMES))
    times = jnp.linspace(0.0, 12.0, 50)
    columns = np.asarray(columns_of(curve, times[None], jnp.full((1, 1, len(curve.shapes)), 0.2)))[0]
    assert columns.shape == (50, curve.columns)
    assert np.abs(columns[0]).max() == pytest.approx(0.0, abs=1e-12)
    if curve.monotone:
        assert (np.diff(columns, axis=0) > -1e-12).all()


def test_curves_say_what_their_shapes_mean():
    half = jnp.log(jnp.array([[[3.0]]]))
    for name in ("emax", "exponential"):
        curve = make_curve(name, np.array(TIMES))
        assert float(columns_of(curve, jnp.array([[3.0]]), half)[0, 0, 0]) == pytest.approx(0.5)
    curve = make_curve("rise-and-fall", np.array(TIMES))
    shapes = jnp.log(jnp.array([[[1.0, 3.0]]]))  # half-lives of 1 and 4
    dense_times = jnp.linspace(0, 60, 6001)[None]
    course = np.asarray(columns_of(curve, dense_times, shapes))[0, :, 0]
    assert course.max() == pytest.approx(1.0, abs=1e-5)
    assert np.log(course[4000] / course[4400]) / 4.0 == pytest.approx(np.log(2) / 4.0, rel=1e-6)
    twice = np.asarray(columns_of(curve, dense_times, shapes, jnp.array([[0.0, 10.0]])))[0, :, 0]
    shifted = np.interp(np.asarray(dense_times)[0] - 10, np.asarray(dense_times)[0], course, left=0.0)
    assert twice == pytest.approx(course + shifted, abs=1e-5)


def test_a_curve_needs_its_times():
    with pytest.raises(InputRefused, match="needs two times"):
        make_curve("emax", np.array([0.0, 8.0]))
    with pytest.raises(InputRefused, match="a spline needs 3 times"):
        make_curve("spline", np.array([0.0, 4.0, 8.0]))
    with pytest.raises(InputRefused, match="unknown curve 'wave'"):
        make_curve("wave", np.array(TIMES))
