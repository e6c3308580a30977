"""The closed-form engine beside an ordinary differential equation solver at 1e-12, over random people and regimens."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from remit.pharmacology import inputs
from remit.pharmacology.disposition import Tree, solve, symmetric_modes
from remit.pharmacology.linear_system import Input, amounts
from remit.pharmacology.superposition import course, superposed

RTOL = 1e-8
"""Relative difference allowed above a ten-thousandth of the peak, below which the solver errs."""
VOLUME, FLOW = st.floats(5.0, 500.0), st.floats(2.0, 300.0)


def solved(matrix, doses, times):
    """Content of every compartment by DOP853; doses are (place, start, amount, duration)."""
    # every time is an end of a step: the solver's interpolation in between is good to 1e-7 only
    edges = np.unique([*(t for _, start, _, length in doses for t in (start, start + length)), *times])
    state, rows = np.zeros(len(matrix)), {}
    for place, start, amount, length in doses:
        if start == edges[0] and length == 0:
            state[place] += amount
    rows[edges[0]] = state.copy()
    for begin, end in itertools.pairwise(edges):
        rate = np.zeros(len(matrix))
        for place, start, amount, length in doses:
            if length and start <= begin < start + length:
                rate[place] += amount / length
        found = solve_ivp(
            lambda _, x, rate=rate: matrix @ x + rate, (begin, end), state, "DOP853", [end], rtol=1e-12, atol=1e-16
        )
        assert found.success
        state = found.y[:, -1].copy()
        for place, start, amount, length in doses:
            if start == end and length == 0:
                state[place] += amount
        rows[end] = state.copy()
    return np.array([rows[float(time)] for time in times])


def assert_same(ours, expected):
    peak = np.abs(expected).max()
    # below a thousandth of the peak the solver's own error, a few 1e-12 of the peak, is no longer small beside RTOL
    seen = expected > 1e-3 * peak
    np.testing.assert_allclose(np.asarray(ours)[seen], expected[seen], rtol=RTOL)
    assert np.abs(np.asarray(ours) - expected).max() <= RTOL * peak


@st.composite
def bodies(draw):
    """A tree of one to four compartments, a star or a chain, which loses drug from one or two of them."""
    size = draw(st.integers(1, 4))
    volumes = [draw(VOLUME) for _ in range(size)]
    chain = draw(st.booleans())
    links = tuple((n - 1 if chain else 0, n) for n in range(1, size))
    flows = [draw(FLOW) for _ in links]
    clearances = [draw(FLOW), *(0.0 for _ in range(size - 1))]
    if size > 1 and draw(st.booleans()):
        clearances[-1] = draw(FLOW)
    return volumes, flows, clearances, links


def matrix_of(volumes, flows, clearances, links):
    matrix = np.diag(-np.array(clearances) / np.array(volumes))
    for (a, b), flow in zip(links, flows, strict=True):
        for source, target in ((a, b), (b, a)):
            matrix[source, source] -= flow / volumes[source]
            matrix[target, source] += flow / volumes[source]
    return matrix


def tree_of(volumes, flows, clearances, links):
    return Tree(jnp.array([volumes]), jnp.array([flows]).reshape(1, len(links)), jnp.array([clearances]), links)


DOSES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0, 6.0, 24.0]), st.floats(1.0, 100.0), st.sampled_from([0.0, 0.25, 2 / 3])),
    min_size=1, max_size=3, unique_by=lambda dose: dose[0],
).map(sorted)  # fmt: skip
TIMES = np.array([0.0, 0.1, 0.25, 0.4, 2 / 3, 0.9, 1.1, 2.0, 5.0, 6.3, 12.0, 24.1, 30.0])


@settings(max_examples=40, deadline=None)
@given(body=bodies(), doses=DOSES)
def test_boluses_and_infusions_into_any_body(body, doses):
    volumes = body[0]
    modes = solve(tree_of(*body)).response(0, 0)
    starts, given_mg, lengths = (np.array(column) for column in zip(*doses, strict=True))
    expected = solved(matrix_of(*body), [(0, s, a, d) for s, a, d in doses], TIMES)[:, 0] / volumes[0] * 1000.0
    for ours in (
        course(modes, jnp.array([given_mg]), starts, lengths, TIMES),
        superposed(modes, jnp.array([given_mg]), starts, lengths, TIMES),
    ):
        assert_same(ours[0], expected)


@settings(max_examples=40, deadline=None)
@given(
    body=bodies(), doses=DOSES, which=st.integers(0, 3), apart=st.sampled_from([0.0, 1e-12, 1e-9, 1e-6, 1e-3, 0.3, 5.0])
)
def test_a_depot_as_fast_as_the_body(body, doses, which, apart):
    volumes = body[0]
    modes = solve(tree_of(*body)).response(0, 0)
    depot = float(modes.rates[0, which % modes.rates.shape[-1]]) * (1.0 + apart)
    matrix = np.zeros((len(volumes) + 1, len(volumes) + 1))
    matrix[1:, 1:] = matrix_of(*body)
    matrix[0, 0], matrix[1, 0] = -depot, depot
    expected = solved(matrix, [(0, s, a, d) for s, a, d in doses], TIMES)[:, 1] / volumes[0] * 1000.0
    starts, given_mg, lengths = (np.array(column) for column in zip(*doses, strict=True))
    ours = superposed(modes, jnp.array([given_mg]), starts, lengths, TIMES, jnp.array([depot]))
    assert_same(ours[0], expected)


@settings(max_examples=25, deadline=None)
@given(
    body=bodies(),
    stages=st.integers(1, 6),
    stage_rate=st.floats(0.3, 30.0),
    formed=st.floats(0.05, 1.0),
    loss=st.floats(0.05, 5.0),
    apart=st.sampled_from([0.0, 1e-10, 1e-4, 1.0]),
    doses=DOSES,
)
def test_transit_chains_and_metabolites(body, stages, stage_rate, formed, loss, apart, doses):
    parent = matrix_of(*body)
    size = len(parent)
    whole = np.zeros((stages + size + 1, stages + size + 1))
    for stage in range(stages):  # equally fast stages, the case sums of exponentials cannot hold
        whole[stage, stage] -= stage_rate * (1.0 + apart * stage)
        whole[stage + 1, stage] += stage_rate * (1.0 + apart * stage)
    whole[stages : stages + size, stages : stages + size] += parent
    whole[-1, stages] = formed * body[2][0] / body[0][0]
    whole[-1, -1] = -loss
    given_ = tuple(Input(0, jnp.array([[amount]]), np.array([start]), length) for start, amount, length in doses)
    ours = amounts(jnp.asarray(whole)[None], given_, TIMES)[0]
    expected = solved(whole, [(0, s, a, d) for s, a, d in doses], TIMES)
    for place in (stages, len(whole) - 1):
        assert_same(ours[:, place], expected[:, place])


NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)


def integral(function, end):
    """Gauss's rule on each of 60 parts."""
    edges = np.linspace(0.0, end, 61)
    half = 0.5 * np.diff(edges)[:, None]
    return float((half * WEIGHTS * function(edges[:-1, None] + half * (1.0 + NODES))).sum())


@settings(max_examples=200, deadline=None)
@given(
    rate=st.floats(1e-6, 50.0), apart=st.floats(-0.5, 3.0), hours=st.floats(1e-3, 200.0), length=st.floats(1e-6, 5.0)
)
@example(rate=1.0, apart=0.0, hours=1.0, length=0.5)
@example(rate=1.0, apart=1e-12, hours=10.0, length=4.0)
@example(rate=1e-6, apart=1e-9, hours=100.0, length=1e-6)
def test_inputs_agree_with_quadrature(rate, apart, hours, length):
    depot = rate * (1.0 + apart)
    assume(max(rate, depot) * hours < 100.0)
    at = tuple(map(jnp.array, (hours, rate, depot, length)))
    waited = integral(lambda s: depot * np.exp(-depot * s - rate * (hours - s)), hours)
    assert float(inputs.first_order(*at[:3])) == pytest.approx(waited, rel=1e-10)
    on = min(hours, length)
    infused = integral(lambda s: np.exp(-rate * (hours - s)) / length, on)
    assert float(inputs.infusion(at[0], at[1], at[3])) == pytest.approx(infused, rel=1e-10)
    both = integral(lambda s: np.asarray(inputs.first_order(jnp.asarray(hours - s), at[1], at[2])) / length, on)
    assert float(inputs.zero_then_first_order(*at)) == pytest.approx(both, rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), size=st.integers(1, 4), equal=st.booleans())
def test_rotations_find_the_modes_of_symmetric_matrices(seed, size, equal):
    drawn = np.random.default_rng(seed).normal(size=(size, size))
    matrix = drawn @ drawn.T
    if equal:
        matrix[-1] = matrix[:, -1] = 0.0
        matrix[-1, -1] = matrix[0, 0]
    rates, vectors = (np.asarray(part) for part in symmetric_modes(jnp.asarray(matrix)))
    np.testing.assert_allclose(np.sort(rates), np.linalg.eigvalsh(matrix), rtol=1e-10, atol=1e-12 * np.trace(matrix))
    np.testing.assert_allclose(vectors @ np.diag(rates) @ vectors.T, matrix, atol=1e-12 * np.trace(matrix))


def test_alike_compartments_keep_their_modes_finite():
    tree = Tree(jnp.array([[468.0, 5.0, 5.0, 5.0]]), jnp.array([[2.0, 2.0, 2.0]]), jnp.array([[2.0, 0.0, 0.0, 0.0]]),
                ((0, 1), (0, 2), (0, 3)))  # fmt: skip
    modes = solve(tree).response(0, 0)
    assert np.isfinite(modes.rates).all()
    np.testing.assert_allclose(modes.area(), 0.5, rtol=1e-12)


def test_derivatives_pass_through_equal_compartments():
    def level(flow):
        tree = Tree(jnp.full((1, 2), 50.0), flow[None, None], jnp.array([[20.0, 20.0]]), ((0, 1),))
        return solve(tree).response(0, 0).at(jnp.array([1.0]))[0, 0]

    slope = float(jax.grad(level)(jnp.array(30.0)))
    gap = (float(level(jnp.array(30.0 + 1e-5))) - float(level(jnp.array(30.0 - 1e-5)))) / 2e-5
    assert slope == pytest.approx(gap, rel=1e-6)
