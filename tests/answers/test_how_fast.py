"""The answer as a whole: its form, its laws, its marks. Numbers come from the priors and mean nothing here."""

import json

import pytest

from remit.answers.basis import baselines
from remit.answers.how_fast import how_fast
from remit.answers.question import HowFast
from remit.answers.standing import extrapolations
from remit.evidence.instruments import find_scale
from remit.inference.before_data import before_data
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import Amount, DoseUnit

POSTERIOR = before_data(12, 3)
SMALL = {"people": 32, "draws": 12}
QUESTION = HowFast(**SMALL)


@pytest.fixture(scope="module")
def answer():
    return how_fast(QUESTION, POSTERIOR).as_dict()


def test_same_question_same_bytes(answer):
    again = how_fast(QUESTION, POSTERIOR).as_dict()
    assert json.dumps(again) == json.dumps(answer)


def test_keys_are_stable(answer):
    assert sorted(answer) == [
        "assumptions", "basis", "caveats", "detail", "estimates", "evidence_hash", "extrapolations", "question",
        "schema", "seed", "sentence", "sources", "version",
    ]  # fmt: skip
    assert sorted(answer["detail"]) == [
        "comparators", "control", "course", "data_until_h", "diagnosis", "draws", "horizons", "lasting", "level",
        "open_studies", "people", "rated_at", "regimen", "response_after_last", "response_by", "scale", "session",
        "time_to_response",
    ]  # fmt: skip
    assert sorted(answer["detail"]["horizons"][0]["response"]) == [
        "at", "by", "control_at", "control_by", "drug_at", "drug_by"
    ]  # fmt: skip


def test_every_chance_has_an_interval_in_order(answer):
    for row in answer["detail"]["horizons"]:
        for event in ("change", "response", "remission"):
            for found in row[event].values():
                assert found["low_percent"] <= found["percent"] <= found["high_percent"]


def test_the_sentence_carries_its_numbers(answer):
    day = next(row for row in answer["detail"]["horizons"] if row["time_h"] == 24.0)["response"]
    assert f"{day['at']['percent']:.0f} of 100" in answer["sentence"]
    assert f"{day['control_at']['percent']:.0f} of 100" in answer["sentence"]
    assert answer["basis"]["certainty"] in answer["sentence"]


@pytest.mark.parametrize(
    ("given", "begins"),
    [
        ({"diagnosis": Diagnosis.GAD}, "No usable trial tested exactly this"),
        ({"drug": Drug.ESKETAMINE, "route": Route.NASAL, "amount": Amount(56.0, DoseUnit.MG)}, "No usable trial"),
        ({"diagnosis": Diagnosis.SAD, "scale": "LSAS"}, "After one session"),
    ],
)
def test_a_warning_stands_before_the_first_number(given, begins):
    assert how_fast(HowFast(**given, **SMALL), POSTERIOR).sentence.startswith(begins)


def test_it_says_what_it_rests_on(answer):
    basis = answer["basis"]
    assert "taylor2018" in basis["studies"]
    assert "mills2025_kads" not in basis["studies"]
    assert basis["retracted"] == ["mills2025_kads"]
    assert sum(basis["designs"].values()) == len(basis["studies"])
    assert basis["certainty"] in {"very low", "low"}
    assert "priors" in answer["assumptions"]
    assert answer["assumptions"]["drive_c50"]
    assert any("Not medical advice" in each for each in answer["caveats"])


def test_time_to_response_fits_the_chances(answer):
    speed = answer["detail"]["time_to_response"]
    last = answer["detail"]["horizons"][-1]["response"]["by"]
    assert speed["reached"]["value"] == pytest.approx(last["percent"], abs=1e-6)
    assert speed["never"]["value"] == pytest.approx(100.0 - speed["reached"]["value"], abs=1e-6)
    assert 0.0 < speed["median_h"]["value"] <= 672.0


def test_a_series_speaks_of_its_first_and_last_session():
    found = how_fast(HowFast(sessions=3, **SMALL), POSTERIOR)
    assert "after the first of 3 sessions" in found.sentence
    assert "after the last" in found.sentence
    assert len(found.detail["regimen"]["dose_times_h"]) == 3


def test_scales_of_other_symptoms_are_not_called_anxiety():
    found = how_fast(HowFast(scale="CAPS-5", diagnosis=Diagnosis.PTSD, **SMALL), POSTERIOR)
    assert "30 % fewer symptoms" in found.sentence


def test_a_scale_without_a_published_cut_says_so():
    found = how_fast(HowFast(scale="HAM-A", diagnosis=Diagnosis.GAD, **SMALL), POSTERIOR)
    assert found.detail["horizons"][0]["change"] is None
    assert found.detail["scale"]["no_cut"] == {"change": "not available: no published cut-off"}
    assert "within_person_sd" in found.assumptions


def test_no_baseline_anywhere_is_a_refusal_not_a_guess():
    with pytest.raises(InputRefused, match="--baseline"):
        how_fast(HowFast(scale="Y-BOCS", diagnosis=Diagnosis.OCD, **SMALL), POSTERIOR)


def test_typical_baseline_comes_from_published_arms():
    known = baselines(find_scale("GAD-7"), Diagnosis.GAD)
    assert known.count >= 3
    assert known.low <= known.typical <= known.high


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"diagnosis": Diagnosis.GAD}, "diagnosis: no usable ketamine trial in generalised anxiety disorder"),
        (
            {"route": Route.NASAL, "amount": Amount(50.0, DoseUnit.MG)},
            "route: no published trial here gave nasal ketamine",
        ),
        ({"amount": Amount(3.0, DoseUnit.MG_PER_KG), "extrapolate": True}, "dose: 222 mg is above"),
        ({"amount": Amount(1.0, DoseUnit.MG)}, "dose: 1 mg is less than half"),
        ({"baseline": 3.0}, "baseline: 3 lies outside"),
        ({"weight_kg": 190.0, "amount": Amount(37.0, DoseUnit.MG)}, "weight: 190 kg"),
        ({"sessions": 30, "spacing_days": 7.0}, "series: "),
        ({"sessions": 30, "spacing_days": 7.0}, "time: "),
    ],
)
def test_going_beyond_the_evidence_is_marked(changed, words):
    question = HowFast(**changed)
    found = extrapolations(question, baselines(question.the_scale(), question.diagnosis))
    assert any(each.startswith(words) for each in found), found


def test_the_best_studied_question_has_no_mark_about_its_route():
    question = HowFast(diagnosis=Diagnosis.SAD, scale="LSAS")
    assert not any(each.startswith(("route", "dose", "diagnosis")) for each in extrapolations(question, None))
