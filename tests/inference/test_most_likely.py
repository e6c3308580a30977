"""Maxima of many people at once: each is done by its own rule, and who is not done is said."""

import jax
import jax.numpy as jnp
import numpy as np

from remit.inference.most_likely import LONGER, LONGEST, MANY, Local, most_likely

TARGET = np.array([[0.0, 1.0], [3.0, -2.0], [-5.0, 8.0]])


def bowl(numbers, _=()):
    """A quartic bowl: its curvature vanishes towards nothing, so that whole steps are not enough."""
    off = numbers - TARGET
    value = -(0.25 * off**4 + 0.5 * off**2).sum(axis=1)
    curvature = (3.0 * off**2 + 1.0)[:, :, None] * jnp.eye(2)
    return Local(value, -(off**3 + off), curvature)


def test_every_person_reaches_their_own_maximum():
    found = most_likely(bowl, TARGET + np.array([[0.1], [3.0], [20.0]]))
    assert found.done.all()
    np.testing.assert_allclose(found.numbers, TARGET, atol=1e-6)
    assert len(set(found.iterations.tolist())) > 1


def test_who_has_not_arrived_is_said():
    def astray(numbers, _):
        """A slope without an end for the second person."""
        here = bowl(numbers)
        gradient = here.gradient.at[1].set(1.0)
        return Local(here.value.at[1].set(numbers[1].sum()), gradient, here.information.at[1].set(jnp.eye(2)))

    found = most_likely(astray, jnp.zeros((3, 2)))
    assert found.done.tolist() == [True, False, True]


def crowd(numbers, target):
    """A bowl around each person's own target."""
    off = numbers - target
    curvature = (3.0 * off**2 + 1.0)[:, :, None] * jnp.eye(2)
    return Local(-(0.25 * off**4 + 0.5 * off**2).sum(axis=1), -(off**3 + off), curvature, off)


def test_the_last_of_many_people_reach_what_they_reach_alone():
    # most begin where they end; a tenth lies far away and goes on when the others are done
    target = np.zeros((MANY + 7, 2))
    target[::10] = np.random.default_rng(1).normal(0.0, 300.0, (len(target[::10]), 2))
    found = most_likely(crowd, jnp.zeros(target.shape), target, blank=jnp.zeros(target.shape))
    assert found.done.all()
    np.testing.assert_allclose(found.numbers, target, atol=1e-5)
    np.testing.assert_allclose(found.extra, np.asarray(found.numbers) - target, atol=1e-12)
    for person in (10, 261):
        alone = most_likely(crowd, jnp.zeros((1, 2)), target[person : person + 1], blank=jnp.zeros((1, 2)))
        np.testing.assert_allclose(found.numbers[person], alone.numbers[0], atol=1e-12)
        assert found.iterations[person] == alone.iterations[0]


def test_a_first_step_goes_no_further_than_the_density_says_anything(monkeypatch):
    monkeypatch.setattr("remit.inference.most_likely.MOST", 5)

    # a straight slope with hardly any curvature: a whole step would go ten thousand posterior SDs
    def straight(numbers, _):
        tried.append(np.asarray(numbers[0]))
        return Local(100.0 * numbers.sum(axis=1), jnp.full((1, 2), 100.0), jnp.eye(2)[None] * 1e-4)

    tried = []
    with jax.disable_jit():
        assert not most_likely(straight, jnp.zeros((1, 2))).done[0]
    steps = 0.01 * np.linalg.norm(np.diff(tried, axis=0), axis=1)
    np.testing.assert_allclose(steps[:4], LONGEST * LONGER ** np.arange(4.0), rtol=1e-6)
