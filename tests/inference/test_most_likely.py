"""Maxima of many people at once: each is done by its own rule, and who is not done is said."""

import jax.numpy as jnp
import numpy as np

from remit.inference.most_likely import Local, most_likely

TARGET = np.array([[0.0, 1.0], [3.0, -2.0], [-5.0, 8.0]])


def bowl(numbers):
    """A quartic bowl: its curvature vanishes towards nothing, so that whole steps are not enough."""
    off = numbers - TARGET
    value = -(0.25 * off**4 + 0.5 * off**2).sum(axis=1)
    curvature = (3.0 * off**2 + 1.0)[:, :, None] * jnp.eye(2)
    return Local(value, -(off**3 + off), curvature)


def test_every_person_reaches_their_own_maximum():
    found = most_likely(bowl, jnp.full((3, 2), 20.0))
    assert found.done.all()
    np.testing.assert_allclose(found.numbers, TARGET, atol=1e-6)
    assert len(set(found.iterations.tolist())) > 1


def test_who_has_not_arrived_is_said():
    def astray(numbers):
        """A slope without an end for the second person."""
        here = bowl(numbers)
        gradient = here.gradient.at[1].set(1.0)
        return Local(here.value.at[1].set(numbers[1].sum()), gradient, here.information.at[1].set(jnp.eye(2)))

    found = most_likely(astray, jnp.zeros((3, 2)))
    assert found.done.tolist() == [True, False, True]
