"""By route: doses and counts are read from the evidence, concentrations keep their laws, and what is said of them."""

import json
from collections import Counter

import pytest

from remit.answers.by_route import _compared, by_route
from remit.answers.question import HowFast
from remit.answers.routes_studied import commonest_dose, compared_in_trials, studied, studied_pairs
from remit.evidence.trials import load_trials
from remit.inference.before_data import before_data
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug


@pytest.fixture(scope="module")
def few():
    # every route costs a compilation; three of each kind of kinetics stand for all
    return ((Drug.KETAMINE, Route.IV), (Drug.KETAMINE, Route.ORAL), (Drug.ESKETAMINE, Route.NASAL))


@pytest.fixture(scope="module")
def answer(few):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("remit.answers.by_route.studied_pairs", lambda: few)
        return by_route(HowFast(draws=10), before_data(10, 3)).as_dict()


def test_the_commonest_dose_is_the_one_most_studies_gave():
    found = commonest_dose(Drug.KETAMINE, Route.IV)
    count: Counter[tuple[float, str]] = Counter()
    for trial in load_trials().values():
        own = [arm for arm in trial.arms if (arm.treatment, arm.route) == ("ketamine", "iv") and arm.dose_value]
        if not trial.is_retracted:
            count.update({(arm.dose_value, arm.dose_unit) for arm in own if arm.dose_unit in {"mg", "mg/kg"}})
    (best, studies), *_ = count.most_common(1)
    assert (found.amount.value, str(found.amount.unit), found.studies) == (*best, studies)
    assert found.infusion_min == 40
    assert commonest_dose(Drug.KETAMINE, Route.BUCCAL) is None


def test_every_pair_was_given_by_a_study_that_stands():
    for drug, route in studied_pairs():
        counts = studied(drug, route)
        names = [study for kind in counts.values() for study in kind["studies"]]
        assert names
        assert len(names) == len(set(names))
        assert not any(load_trials()[name].is_retracted for name in names)


def test_studies_that_compare_routes_gave_more_than_one():
    for study in compared_in_trials():
        assert len({arm.route for arm in load_trials()[study].arms if arm.route}) > 1


def test_concentrations_keep_their_laws(answer):
    for row in answer["detail"]["routes"]:
        same = row["same_dose"]
        for name in ("cmax_ng_per_ml", "tmax_min", "auc_ng_h_per_ml"):
            assert same[name]["low"] <= same[name]["typical"] * (1 + 1e-9)
            assert same[name]["typical"] <= same[name]["high"] * (1 + 1e-9)
            assert same[name]["cv"] >= 0
        assert max(same["curve"]["typical"]) == pytest.approx(same["cmax_ng_per_ml"]["typical"], rel=0.02)


def test_what_arrives_is_all_of_an_infusion_and_less_by_mouth(answer):
    rows = {row["name"]: row["availability"] for row in answer["detail"]["routes"]}
    assert rows["ketamine_iv"]["fraction"] == 1.0
    assert rows["ketamine_po"]["how"] == "assumed"
    assert rows["ketamine_po"]["low"] <= rows["ketamine_po"]["fraction"] <= rows["ketamine_po"]["high"] < 1
    assert rows["esketamine_in"]["how"] == "of the model"
    assert 0.2 < rows["esketamine_in"]["fraction"] < 1


def test_an_infusion_peaks_when_it_ends_in_everybody(answer):
    infused = next(row for row in answer["detail"]["routes"] if row["name"] == "ketamine_iv")
    assert infused["same_dose"]["tmax_min"] == {"typical": 40.0, "low": 40.0, "high": 40.0, "cv": pytest.approx(0.0)}


def test_a_bolus_peaks_at_once_in_everybody():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("remit.answers.by_route.studied_pairs", lambda: ((Drug.KETAMINE, Route.IV),))
        bolus = by_route(HowFast(draws=10, duration_h=0.0), before_data(10, 3)).as_dict()
    (row,) = bolus["detail"]["routes"]
    assert row["same_dose"]["tmax_min"] == {"typical": 0.0, "low": 0.0, "high": 0.0, "cv": 0.0}


def test_the_control_is_the_same_whatever_the_route(answer):
    without = [[look["control"] for look in row["same_dose"]["response"]] for row in answer["detail"]["routes"]]
    assert all(each == without[0] for each in without)


def test_orders_follow_the_numbers(answer):
    rows = {row["name"]: row for row in answer["detail"]["routes"]}
    order = answer["detail"]["compared"]["by_cv_of_auc"]
    values = [rows[name]["same_dose"]["auc_ng_h_per_ml"]["cv"] for name in order]
    assert values == sorted(values)
    assert "ketamine_po" not in answer["detail"]["compared"]["measured_spread_by_cv_of_cmax"]
    assert _compared(answer["detail"]["routes"]) == answer["detail"]["compared"]


def test_the_answer_says_what_it_lacks(answer):
    assert "Certainty" in answer["sentence"]
    assert any("carried over by concentration alone" in line for line in answer["extrapolations"])
    json.dumps(answer, allow_nan=False)
