"""Clock, units, doses, drugs, scales, people: what can be said, and what is refused."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remit.vocabulary import errors
from remit.vocabulary.clock import days, in_full, minutes, parse_duration, spoken
from remit.vocabulary.dosing import Dose, Regimen, Route, parse_route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange, RemitError, UnitRefused
from remit.vocabulary.people import Diagnosis, Person
from remit.vocabulary.scales import Scale
from remit.vocabulary.units import parse_amount


@pytest.mark.parametrize(
    ("text", "hours"), [("40min", 40 / 60), ("2h", 2.0), ("3d", 72.0), ("1w", 168.0), ("1.5 d", 36.0), ("0min", 0.0)]
)
def test_durations(text, hours):
    assert parse_duration(text, where="--over") == pytest.approx(hours)


@pytest.mark.parametrize("text", ["40", "h", "3 months", "-2d", "", "nan d", "inf h", "1e9999 h"])
def test_durations_without_a_unit_or_of_no_sense_are_refused(text):
    with pytest.raises(InputRefused, match="--over"):
        parse_duration(text, where="--over")


@given(st.floats(0.01, 5000.0))
def test_a_spoken_time_is_near_the_time(hours):
    number, unit = spoken(hours).split()
    scale = {"min": 1 / 60, "h": 1.0, "d": 24.0, "w": 168.0}[unit]
    assert float(number) * scale == pytest.approx(hours, rel=0.02, abs=0.6 / 60)


def test_conversions():
    assert minutes(90) == 1.5
    assert days(2) == 48.0


@given(amount=st.floats(0.01, 500.0), weight=st.floats(30.0, 200.0))
def test_amounts_per_kg_grow_with_weight(amount, weight):
    assert parse_amount(f"{amount!r} mg").in_mg(weight) == pytest.approx(amount)
    assert parse_amount(f"{amount!r}mg/kg").in_mg(weight) == pytest.approx(amount * weight)


@pytest.mark.parametrize("text", ["0.5", "0.5 mL", "half a mg", "0.5 kg/mg", "5 h", ""])
def test_amounts_with_another_unit_are_refused(text):
    with pytest.raises(UnitRefused):
        parse_amount(text)


@pytest.mark.parametrize("text", ["-1mg", "0 mg/kg", "nan mg"])
def test_amounts_of_nothing_are_refused(text):
    with pytest.raises(InputRefused):
        parse_amount(text)


def test_routes_by_code_and_name():
    assert parse_route("IV", where="--route") is Route.IV
    assert parse_route("intranasal", where="--route") is Route.NASAL
    with pytest.raises(InputRefused, match=r"--route.*iv \(intravenous\)"):
        parse_route("nose", where="--route")


def test_a_regimen_runs_forward_and_begins_at_zero():
    dose = Dose(0.0, 35.0, 40 / 60)
    assert Regimen(Drug.KETAMINE, Route.IV, (dose,)).times_h == (0.0,)
    for doses in ((), (Dose(5.0, 35.0, 0.0), Dose(1.0, 35.0, 0.0))):
        with pytest.raises(InputRefused):
            Regimen(Drug.KETAMINE, Route.IV, doses)
    with pytest.raises(OutOfRange):
        Dose(0.0, -1.0, 0.0)


def test_kinship():
    assert Drug.KETAMINE.is_racemate
    assert not Drug.ESKETAMINE.is_racemate


def test_a_total_outside_its_scale_is_refused_with_the_range():
    scale = Scale("GAD-7", 0, 21)
    assert scale.check(21) == 21
    for total in (-1, 22, math.nan):
        with pytest.raises(OutOfRange, match="0 to 21"):
            scale.check(total)


@pytest.mark.parametrize(("weight", "age"), [(7.0, None), (400.0, None), (70.0, -3.0), (70.0, 150.0)])
def test_people_that_cannot_be_are_refused(weight, age):
    with pytest.raises(OutOfRange):
        Person(weight, Diagnosis.GAD, age)


def test_exit_codes_are_the_documented_ones():
    def family(kind):
        yield kind
        for child in kind.__subclasses__():
            yield from family(child)

    codes = {kind.__name__: kind.exit_code for kind in family(RemitError)}
    assert codes == {
        "RemitError": 1, "InputRefused": 2, "UnitRefused": 2, "OutOfRange": 2, "EvidenceRefused": 3,
        "NotConverged": 4, "StalePosterior": 5, "OutputRefused": 6, "ExtrapolationRefused": 7,
    }  # fmt: skip
    for name, code in codes.items():
        assert any(
            line.split()[-1:] == [str(code)] or f" {code}" in line
            for line in errors.__doc__.splitlines()
            if name in line
        )


def test_a_refusal_says_what_is_allowed_and_what_to_do():
    refusal = RemitError("x is 3", allowed="1 or 2", remedy="Choose one", where="--x")
    assert str(refusal) == "--x: x is 3. Allowed: 1 or 2. Choose one."


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("a GAD-7 in 3 d of 4", "a GAD-7 in 3 days of 4"),
        ("followed for 6 w; 1 d after, 0.5 h, 45 min", "followed for 6 weeks; 1 day after, 0.5 hours, 45 minutes"),
        ("5 mg/d, 3 d/w, v1.2 h, 90 % and 2 hours", "5 mg/d, 3 d/w, v1.2 h, 90 % and 2 hours"),
    ],
)
def test_times_of_a_text_in_full(short, full):
    assert in_full(short) == full
