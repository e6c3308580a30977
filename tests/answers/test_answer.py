"""An answer is plain, stable and never half a number."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from remit.answers.answer import SCHEMA, Answer, Basis, Estimate, ends_of, estimate, percent

BASIS = Basis(("a",), 10, {"randomised": 1}, "low", ("few people",), {})


def _answer(**changed: object) -> Answer:
    fields = {
        "question": "?", "sentence": "!", "estimates": {"x": Estimate(1.0, 0.5, 2.0, "h", 0.9)},
        "detail": {"n": float("nan")}, "basis": BASIS, "assumptions": {}, "caveats": (), "extrapolations": (),
        "sources": ("a",), "evidence_hash": "0" * 64, "seed": 1, "version": "0",
    }  # fmt: skip
    return Answer(**{**fields, **changed})  # type: ignore[arg-type]


def test_plain_values_survive_json_and_hold_no_nan():
    plain = _answer(detail={"a": np.array([1.0, np.inf]), "b": (np.float64(1 / 3), 2), "c": float("nan")}).as_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    assert plain["detail"] == {"a": [1.0, None], "b": [0.33333333, 2], "c": None}


def test_schema_names_itself():
    assert _answer().as_dict()["schema"] == SCHEMA == "remit.answer/1"


def test_an_answer_does_not_change():
    with pytest.raises(FrozenInstanceError):
        _answer().seed = 2  # type: ignore[misc]


def test_interval_is_central():
    across = np.arange(1001.0)
    found = estimate(across, 0.9, "h")
    assert (found.low, found.value, found.high) == pytest.approx((50.0, 500.0, 950.0))


def test_percent_is_of_100():
    assert percent(np.full(5, 0.25), 0.9) == {"percent": 25.0, "low_percent": 25.0, "high_percent": 25.0}


@pytest.mark.parametrize("shape", [(1, 3), (2, 3), (7,), (200, 5), (6, 2, 4)])
def test_ends_are_those_of_the_library(shape):
    values = np.random.default_rng(2).normal(size=shape)
    places = [0.0, 0.05, 0.25, 0.5, 0.95, 1.0]
    np.testing.assert_allclose(ends_of(values, places), np.quantile(values, places, axis=0), rtol=0, atol=1e-14)
