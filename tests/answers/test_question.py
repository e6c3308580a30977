"""The question is refused before anything is computed, with a reason and a remedy."""

import pytest

from remit.answers.question import HowFast, largest_dose_mg
from remit.vocabulary.clock import days
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import ExtrapolationRefused, InputRefused, OutOfRange
from remit.vocabulary.units import Amount, DoseUnit


def test_defaults_are_one_infusion():
    question = HowFast()
    regimen = question.regimen()
    assert len(regimen.doses) == 1
    assert regimen.doses[0].amount_mg == pytest.approx(0.5 * question.weight_kg)
    assert regimen.doses[0].duration_h == pytest.approx(40 / 60)
    assert "one session" in question.spoken()


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"scale": "GAD-8"}, InputRefused),
        ({"scale": "CADSS"}, InputRefused),
        ({"baseline": 22.0}, OutOfRange),
        ({"baseline": 0.0}, OutOfRange),
        ({"baseline": 12.5}, OutOfRange),
        ({"weight_kg": 5.0}, OutOfRange),
        ({"level": 1.0}, OutOfRange),
        ({"level": 0.2}, OutOfRange),
        ({"sessions": 0}, OutOfRange),
        ({"sessions": 101}, OutOfRange),
        ({"spacing_days": 0.0}, OutOfRange),
        ({"duration_h": -1.0}, OutOfRange),
        ({"duration_h": 23.0, "spacing_days": 0.5}, OutOfRange),
        ({"people": 3}, OutOfRange),
        ({"draws": 5000}, OutOfRange),
        ({"seed": -1}, OutOfRange),
        ({"amount": Amount(5.0, DoseUnit.MG_PER_KG)}, ExtrapolationRefused),
        ({"amount": Amount(5000.0, DoseUnit.MG), "route": Route.BUCCAL}, ExtrapolationRefused),
    ],
)
def test_refusals(changed, refusal):
    with pytest.raises(refusal) as caught:
        HowFast(**changed)
    assert type(caught.value) is refusal
    assert caught.value.what


def test_a_dose_above_any_published_one_can_be_asked_for_on_purpose():
    amount = Amount(5.0, DoseUnit.MG_PER_KG)
    assert HowFast(amount=amount, extrapolate=True).regimen().doses[0].amount_mg == pytest.approx(
        5.0 * HowFast().weight_kg
    )


def test_the_largest_published_dose_itself_is_allowed():
    weight = 70.0
    for route in (Route.IV, Route.SC, Route.SUBLINGUAL, Route.ORAL):
        known = largest_dose_mg(Drug.KETAMINE, route, weight)
        assert known is not None
        HowFast(amount=Amount(known, DoseUnit.MG), route=route, weight_kg=weight)


def test_a_scale_is_called_what_its_authors_call_it():
    assert HowFast(scale="gad-7").scale == "GAD-7"


def test_only_infusions_last():
    assert HowFast(route=Route.SC).regimen().doses[0].duration_h == 0.0


def test_a_series_is_followed_four_weeks_after_its_last_session():
    question = HowFast(sessions=12, spacing_days=7.0)
    assert question.last_dose_h == days(77.0)
    assert question.follow_up_h == days(105.0)
    assert HowFast().follow_up_h == days(56.0)
