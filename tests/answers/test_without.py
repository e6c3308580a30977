"""Studies left out: which are picked, when no number is shown, and that equal weights move nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from remit.answers import without as module
from remit.answers.claims.decided import weighted
from remit.answers.without import answers_without, certainty_said, chosen
from remit.cli.__main__ import main
from remit.evidence.trials import load_trials
from remit.inference.fitted import load
from remit.inference.left_out import Reweighted
from remit.reports.without_page import without_chart
from remit.vocabulary.errors import InputRefused, NotConverged


def test_criteria_pick_what_they_say_and_add_up():
    trials = load_trials()
    picked = chosen(masking="open")
    every = chosen(masking="open", every=True)
    assert every == tuple(name for name, trial in trials.items() if trial.masking == "open")
    assert set(picked) < set(every)
    assert all(any("ketamine" in arm.treatment for arm in trials[name].arms) for name in picked)
    both = chosen(masking="open", studies=["taylor2018"])
    assert set(both) == {*picked, "taylor2018"}
    assert all(any(flag.kind == "company_data" for flag in trials[name].flags)
               or trials[name].status == "company_report" for name in chosen(sponsor="company"))  # fmt: skip
    assert "feder2021" in chosen(diagnosis="PTSD")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "nothing to leave out"),
        ({"masking": "opn"}, "Did you mean 'open'"),
        ({"diagnosis": "flu"}, "unknown diagnosis"),
        ({"studies": ["tailor2018"]}, "Did you mean 'taylor2018'"),
    ],
)
def test_what_cannot_be_picked_is_refused(asked, said):
    with pytest.raises(InputRefused, match=said):
        chosen(**asked)


def made(k, weight):
    return Reweighted(("glue2017",), (), weight, k, float(1.0 / (weight**2).sum()))


def test_no_number_is_shown_when_the_weights_cannot_be_trusted(monkeypatch):
    equal = np.full(200, 1 / 200)
    monkeypatch.setattr(module, "without", lambda *_: made(0.71, equal))
    with pytest.raises(NotConverged, match=r"Pareto shape 0\.71.*remit calibrate --without glue2017"):
        answers_without(["glue2017"], load())
    one = np.zeros(200)
    one[:3] = 1 / 3
    monkeypatch.setattr(module, "without", lambda *_: made(0.1, one))
    with pytest.raises(NotConverged, match="3 effective draws"):
        answers_without(["glue2017"], load())


@pytest.fixture(scope="module")
def moved():
    with pytest.MonkeyPatch.context() as patch:
        posterior = load().thinned(60)
        weight = np.full(posterior.size, 1 / posterior.size)
        patch.setattr(module, "without", lambda *_: made(0.1, weight))
        return answers_without(["glue2017"], posterior).as_dict()


def test_equal_weights_move_no_number(moved):
    for row in moved["detail"]["rows"]:
        width = row["before"]["high"] - row["before"]["low"]
        # a quantile of weighted draws lies between two of them
        assert abs(row["moved"]) < 0.1 * width + 0.1
    assert moved["detail"]["people_left_out"] > 0
    assert "glue2017" not in moved["sources"]
    json.dumps(moved, allow_nan=False)


def test_the_picture_holds_both_sides_of_every_number(moved):
    text = json.dumps(without_chart(moved, "dark"))
    for row in moved["detail"]["rows"]:
        for side in ("before", "after"):
            assert f'"time_h": {row[side]["value"]}' in text


def test_weighted_quantiles_follow_the_weights():
    values = np.arange(100.0)
    high = weighted(values, np.where(values >= 50, 0.02, 0.0), 0.9, "x")
    assert 49.0 <= high.low < high.value < high.high
    assert high.value == pytest.approx(74.5, abs=1.0)


def test_the_command_says_that_retracted_studies_are_not_used(capsys):
    assert main(["evidence", "without", "--retracted"]) == 0
    assert "mills2025_kads" in capsys.readouterr().out
    assert main(["evidence", "without"]) == 2
    assert main(["evidence", "without", "--study", "mills2025_kads"]) == 2


def test_a_posterior_fitted_without_the_studies_takes_the_place_of_weights(monkeypatch, capsys):
    whole = load().thinned(60)
    fitted = replace(whole, manifest={**whole.manifest, "without": ["glue2017"]})
    monkeypatch.setattr("remit.inference.fitted.load", lambda folder=None: whole if folder is None else fitted)
    # another study than the one it was fitted without
    assert main(["evidence", "without", "--study", "taylor2018", "--refitted", "there"]) == 2
    assert "that posterior was fitted without glue2017" in capsys.readouterr().err.replace("\n", " ")
    assert main(["evidence", "without", "--study", "glue2017", "--refitted", "there", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["detail"]["road"] == "refit"
    assert answer["detail"]["pareto_k"] is None
    # the same draws on both sides: nothing moves but what hangs on who is left
    assert all(row["moved"] == 0.0 for row in answer["detail"]["rows"])


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [("low", "low", "low, as with all studies"), ("low", "very low", "very low, low with all studies")],
)
def test_certainty_says_whether_it_moved(before, after, said):
    assert certainty_said({"before": before, "after": after}) == said
