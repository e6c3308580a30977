"""The forward model beside an ordinary differential equation solver at tight tolerance."""

import itertools

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from remit.response.grid import course_grid, positions, with_midpoints
from remit.response.plasticity import plasticity
from remit.response.relief import Traits, session_course
from remit.response.stimulus import esketamine_equivalent
from remit.vocabulary.dosing import Dose, Regimen, Route
from remit.vocabulary.drugs import Drug

ROUTES = [(Route.IV, 40 / 60), (Route.IV, 0.0), (Route.IM, 0.0), (Route.ORAL, 0.0)]


def _regimen(route, duration_h, starts, amount_mg=37.0):
    return Regimen(Drug.KETAMINE, route, tuple(Dose(start, amount_mg, duration_h) for start in starts))


def _solved(regimen, times_h, k_in, k_out, c50):
    """Plasticity by LSODA, restarted at each dose and end of infusion; the drive from the closed form, fine in time."""
    starts = np.array(regimen.times_h)
    corners = np.unique(np.concatenate([starts, [d.time_h + d.duration_h for d in regimen.doses], [times_h[-1]]]))
    state, seen = 0.0, {float(times_h[0]): 0.0}
    for begin, end in itertools.pairwise(corners):
        # geometric times resolve the minutes after a dose; the course between them is smooth
        fine = begin + (end - begin) * np.concatenate([[0.0], np.geomspace(1e-6, 1.0, 6000)])
        inside = fine.copy()
        inside[-1] = np.nextafter(end, begin)
        concentration = np.asarray(esketamine_equivalent(regimen, 74.0, inside))[0]
        drive = concentration / (concentration + c50)
        wanted = np.unique(np.append(times_h[(times_h > begin) & (times_h <= end)], end))
        found = solve_ivp(
            lambda t, p, f=fine, o=drive: k_in * np.interp(t, f, o) * (1.0 - p) - k_out * p,
            (begin, end), [state], method="LSODA", rtol=1e-9, atol=1e-11, t_eval=wanted, max_step=(end - begin) / 50,
        )  # fmt: skip
        seen.update(zip(found.t.tolist(), found.y[0].tolist(), strict=True))
        state = found.y[0, -1]
    return np.array([seen[float(time)] for time in times_h])


@pytest.mark.parametrize(("route", "duration_h"), ROUTES)
@pytest.mark.parametrize(("k_in", "half_life_h"), [(0.1, 300.0), (0.5, 120.0), (3.0, 20.0)])
def test_plasticity_stays_close_to_the_solver(route, duration_h, k_in, half_life_h):
    regimen = _regimen(route, duration_h, (0.0, 48.0, 96.0))
    times = np.array([0.0, 0.5, 1.0, 2.0, 6.0, 24.0, 48.0, 50.0, 96.0, 98.0, 200.0, 700.0])
    k_out, c50 = np.log(2) / half_life_h, 30.0
    grid = course_grid(regimen.times_h, times, duration_h)
    concentration = esketamine_equivalent(regimen, 74.0, with_midpoints(grid))
    drive = concentration / (concentration + c50)
    ours = plasticity(jnp.asarray(drive), jnp.asarray(grid), jnp.array([k_in]), jnp.array([k_out]))
    expected = _solved(regimen, times, k_in, k_out, c50)
    # a bolus leaves the plasma faster than the grid's first step; a gain of 3/h is five times the fitted one
    bound = (5e-4 if k_in < 1 else 2e-3) if duration_h or route is not Route.IV else (2e-3 if k_in < 1 else 5e-3)
    assert np.abs(np.asarray(ours)[0, positions(grid, times)] - expected).max() < bound


@settings(max_examples=40, deadline=None)
@given(
    k_in=st.floats(1e-3, 20.0),
    half_life_h=st.floats(1.0, 3000.0),
    level=st.floats(0.0, 0.999),
    hours=st.floats(0.1, 5000),
)
def test_a_constant_drive_is_solved_exactly(k_in, half_life_h, level, hours):
    k_out = np.log(2) / half_life_h
    grid = np.linspace(0.0, hours, 9)
    ours = plasticity(jnp.full((1, 17), level), jnp.asarray(grid), jnp.array([k_in]), jnp.array([k_out]))
    kappa = k_in * level + k_out
    exact = k_in * level / kappa * -np.expm1(-kappa * grid)
    np.testing.assert_allclose(np.asarray(ours)[0], exact, rtol=1e-9, atol=1e-12)


def _traits(**changes):
    values = {
        "sustained": 0.5, "k_in": 0.5, "k_out": 0.005, "drive_c50": 30.0, "acute": 0.4, "acute_c50": 60.0,
        "gradual": 0.5, "session": 0.2, "tau_h": 300.0, "tau_session_h": 6.0,
    }  # fmt: skip
    return Traits(**{name: jnp.array([value]) for name, value in {**values, **changes}.items()})


@settings(max_examples=40, deadline=None)
@given(
    sustained=st.floats(0.001, 0.999),
    acute=st.floats(-1.0, 0.99),
    gradual=st.floats(-0.5, 3.0),
    session=st.floats(-0.5, 1.0),
    dose=st.floats(1.0, 300.0),
)
def test_a_score_never_falls_below_nothing_and_no_dose_is_the_control(sustained, acute, gradual, session, dose):
    regimen = _regimen(Route.IV, 40 / 60, (0.0,), dose)
    grid = course_grid((0.0,), [2.0, 24.0, 168.0], 40 / 60)
    people = _traits(sustained=sustained, acute=acute, gradual=gradual, session=session)
    concentration = jnp.asarray(esketamine_equivalent(regimen, 74.0, with_midpoints(grid)))
    course = session_course(people, concentration, jnp.asarray(grid))
    assert (course.left >= 0).all()
    assert ((course.plasticity >= 0) & (course.plasticity < 1)).all()
    without = session_course(people, 0.0 * concentration, jnp.asarray(grid))
    np.testing.assert_allclose(without.left, without.without_drug, rtol=1e-12)
    np.testing.assert_allclose(course.without_drug, without.left, rtol=1e-12)
