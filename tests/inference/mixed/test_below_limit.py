"""What lies below the limit of quantification, in predictive checks and prediction errors."""

import numpy as np
import pytest
from scipy.stats import norm

from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.found import Fit
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.simulation import checked, prediction_errors

PEOPLE, LIMIT = 40, -0.5


@pytest.fixture(scope="module")
def known():
    """A fit of one observation a person, standard normal, cut off at a limit; and data simulated alike."""
    chance = np.random.default_rng(4)
    seen = chance.normal(size=PEOPLE)
    rows = "".join(f"{n},0,9,.,.\n{n},1,.,{max(y, LIMIT)},{int(y < LIMIT)}\n" for n, y in enumerate(seen))
    table = parse_events("ID,TIME,AMT,DV,CENS\n" + rows)
    model, records = prepare(table, load_model("1cpt-iv", Wishes(), table, "laplace"))
    nobody = np.zeros((PEOPLE, model.size))
    fit = Fit(
        table, model, records, "laplace", model.start[model.free], 0.0, nobody, (), None, 0.0, 0.0, 1, 1
    )  # fmt: skip
    return fit, chance.normal(size=(4000, *records.time.shape)), seen


def test_a_check_counts_what_is_below_as_the_limit(known):
    fit, drawn, seen = known
    rows = {row["quantile"]: row for row in checked(fit, drawn, bins=1)}
    assert rows[0.05]["rows"] == PEOPLE  # nothing is left out
    assert rows[0.05]["observed"] == rows[0.05]["low"] == rows[0.05]["high"] == LIMIT
    assert rows[0.5]["observed"] == pytest.approx(np.median(np.maximum(seen, LIMIT)))
    assert rows[0.5]["low"] < rows[0.5]["observed"] < rows[0.5]["high"]


def test_a_prediction_error_stands_for_every_observation(known):
    fit, drawn, seen = known
    errors = prediction_errors(fit, drawn)
    assert errors.shape == (PEOPLE,)
    below = seen < LIMIT
    assert 5 < below.sum() < 30
    # an exact value has its own rank; one below the limit any rank below that of the limit
    np.testing.assert_allclose(errors[~below], seen[~below], atol=0.15)
    assert (errors[below] < LIMIT + 0.1).all()
    assert norm.cdf(errors).std() == pytest.approx(np.sqrt(1 / 12), abs=0.06)
