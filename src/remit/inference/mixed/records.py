"""Doses and observations of people as arrays, padded to one size, as models and likelihoods take them."""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Array, Bool, Float, Int


class Doses(NamedTuple):
    """Doses of one person, or of many with a leading axis.

    Attributes:
        time: when each begins, in the unit of the table, shape (doses,). Doses implied by ADDL are written out.
        amount: in the unit of the table; 0 where nothing stands (padding).
        duration: time over which it enters evenly; 0 enters at once. None where no dose of the table takes time.
        compartment: position of the compartment it enters, 1 first, as CMT counts. None where all enter the usual one.
        interval: time between the doses of a steady state it belongs to; 0 for a single dose. None where the table has
            no steady state.
        active: whether the dose counts at each observation, shape (times, doses): it was given before, in the order
            of the table, and no reset lies between.
    """

    time: Float[Array, "... doses"]
    amount: Float[Array, "... doses"]
    duration: Float[Array, "... doses"] | None
    compartment: Int[Array, "... doses"] | None
    interval: Float[Array, "... doses"] | None
    active: Bool[Array, "... times doses"]


class Records(NamedTuple):
    """What is known of one person, or of many with a leading axis.

    Attributes:
        time: of each observation, shape (times,).
        observed: its value; the limit of quantification where it is below it.
        output: position of the output it belongs to.
        counted: whether the row is an observation (False where nothing stands).
        below: whether all that is known is that it lies below `observed`.
        occasion: position of its occasion.
        covariates: value of each covariate at each observation, shape (times,).
        dose_occasion: position of the occasion of each dose, shape (doses,).
        dose_covariates: value of each covariate at each dose, shape (doses,).
        doses: see `Doses`.
        setting: what the structural model worked out before the fit, by name.
    """

    time: Float[Array, "... times"]
    observed: Float[Array, "... times"]
    output: Int[Array, "... times"]
    counted: Bool[Array, "... times"]
    below: Bool[Array, "... times"]
    occasion: Int[Array, "... times"]
    covariates: dict[str, Array]
    dose_occasion: Int[Array, "... doses"]
    dose_covariates: dict[str, Array]
    doses: Doses
    setting: dict[str, Array]
