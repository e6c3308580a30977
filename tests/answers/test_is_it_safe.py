"""Side effects and vital signs: intervals against their definitions, people counted once, certainty computed."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

import remit
from remit.answers.is_it_safe import is_it_safe
from remit.answers.shares import difference, exact_share, pooled_share
from remit.answers.side_effects import fate
from remit.cli.__main__ import main
from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.safety_studies import load_safety_studies
from remit.reports.safety_chart import pressure_chart, side_effects_chart
from remit.reports.safety_page import page
from remit.vocabulary.errors import OutOfRange


@given(st.integers(1, 300), st.data())
def test_the_exact_interval_is_where_binomial_tails_meet_its_level(people, data):
    events = data.draw(st.integers(0, people))
    found = exact_share(events, people, 0.95)
    assert found.low <= events / people <= found.high
    if events > 0:
        assert binom.sf(events - 1, people, found.low) == pytest.approx(0.025, rel=1e-6)
    else:
        assert found.low == 0
    if events < people:
        assert binom.cdf(events, people, found.high) == pytest.approx(0.025, rel=1e-6)
    else:
        assert found.high == 1


def test_the_exact_interval_covers():
    for chance in (0.02, 0.3, 0.77):
        inside = [
            (exact_share(k, 40, 0.9).low <= chance <= exact_share(k, 40, 0.9).high) * binom.pmf(k, 40, chance)
            for k in range(41)
        ]
        assert sum(inside) >= 0.9


def test_random_effects_on_the_logit_written_out():
    counts = [(77, 227), (61, 231), (5, 40)]
    y = np.array([math.log(a / (n - a)) for a, n in counts])
    v = np.array([1 / a + 1 / (n - a) for a, n in counts])
    w = 1 / v
    q = (w * (y - np.average(y, weights=w)) ** 2).sum()
    tau2 = max(0, (q - 2) / (w.sum() - (w**2).sum() / w.sum()))
    w = 1 / (v + tau2)
    mean, half = np.average(y, weights=w), 1.959963984540054 / math.sqrt(w.sum())
    found = pooled_share(counts, 0.95)
    expected = [1 / (1 + math.exp(-each)) for each in (mean, mean - half, mean + half)]
    assert [found.value, found.low, found.high] == pytest.approx(expected, rel=1e-12)
    assert found.spread == pytest.approx(math.sqrt(tau2))
    assert (found.events, found.people, found.studies) == (143, 498, 3)


def test_equal_studies_are_one_study_with_a_shorter_interval():
    one, four = pooled_share([(30, 100)] * 2, 0.95), pooled_share([(30, 100)] * 8, 0.95)
    assert one.value == pytest.approx(0.3) == four.value
    assert one.inconsistency == 0
    assert four.high - four.low == pytest.approx((one.high - one.low) / 2, rel=0.02)


def test_a_study_without_an_event_does_not_break_the_pool():
    found = pooled_share([(0, 50), (3, 60)], 0.95)
    assert 0 < found.low < found.value < found.high < 1


@given(st.integers(0, 50), st.integers(0, 60))
def test_a_difference_turned_round_is_its_negative(one, other):
    a, b = exact_share(one, 50, 0.95), exact_share(other, 60, 0.95)
    middle, low, high = difference(a, b)
    back = difference(b, a)
    assert low <= middle <= high
    assert (middle, low, high) == pytest.approx((-back[0], -back[2], -back[1]))


def test_every_study_has_its_design_and_every_design_its_study():
    assert {effect.study_id for effect in load_adverse_effects()} == set(load_safety_studies())


def test_people_are_counted_once():
    answer = is_it_safe().as_dict()
    for each in answer["detail"]["shares"]:
        assert len(each["studies"]) == len(set(each["studies"]))
        assert not {load_safety_studies()[study].kind for study in each["studies"]} - {"study"}
        overlapping = {
            row.overlaps
            for row in load_adverse_effects()
            if row.study_id in each["studies"] and row.measure == each["measure"] and row.overlaps
        }
        assert not overlapping & set(each["studies"]), each["measure"]
    assert answer["detail"]["left_out"]["the same people are counted elsewhere"] > 10


def test_a_share_is_what_its_rows_say():
    shares = {(e["treatment"], e["route"], e["measure"], e["period"]): e for e in is_it_safe().detail["shares"]}
    found = shares["esketamine", "in", "dissociation", "maintenance"]
    rows = [
        r
        for r in load_adverse_effects()
        if r.study_id == found["studies"][0] and r.measure == "dissociation" and r.treatment == "esketamine"
    ]
    assert found["people"] == rows[0].n
    assert found["percent"] == pytest.approx(rows[0].value, abs=0.06)
    assert found["control"]["events"] == 0
    assert found["control"]["low_percent"] == 0 < found["control"]["high_percent"]


def test_all_rows_are_counted_shown_or_said_to_be_left_out():
    answer = is_it_safe()
    shares = [r for r in load_adverse_effects() if r.metric == "share_of_people" and r.treatment != "ect"]
    used = sum(not fate(row, [r for r in load_adverse_effects() if r.metric == "share_of_people"]) for row in shares)
    assert used + sum(answer.detail["left_out"].values()) == len(shares)


@pytest.mark.parametrize("route", ["im", "buccal"])
def test_a_route_without_a_number_says_so(route):
    answer = is_it_safe("ketamine", route)
    assert answer.detail["shares"] == []
    assert answer.estimates == {}
    assert answer.sentence.startswith("No published share")
    assert answer.detail["no_data"][0]["spoken"] == "any side effect or vital sign"
    assert answer.basis.certainty == "very low"
    assert side_effects_chart(answer.as_dict()) is None
    assert b"any side effect or vital sign" in page(answer.as_dict())


def test_the_answer_is_a_value_with_its_sources_and_its_hash():
    answer = remit.is_it_safe("esketamine", "in")
    assert answer.evidence_hash
    assert set(answer.sources) == set(answer.basis.studies)
    json.dumps(answer.as_dict(), allow_nan=False)
    assert "against" in answer.sentence
    assert answer.sentence.startswith(
        "Counted in people most of whom had no anxiety disorder, of 100 people given nasal"
    )
    assert answer.basis.certainty in answer.sentence
    assert not any(name.startswith("ketamine_") for name in answer.estimates)
    with pytest.raises(OutOfRange):
        is_it_safe(level=1.0)


def test_pictures_hold_every_number_they_are_given():
    answer = is_it_safe().as_dict()
    picture = json.dumps(pressure_chart(answer))
    for each in answer["detail"]["vital"]:
        if each["measure"] != "heart_rate" and each["value"] is not None:
            assert f'"time_h": {each["value"]}' in picture
    chart = side_effects_chart(answer, "dark")
    assert len(chart["vconcat"][0]["hconcat"]) == 3


def test_the_command_has_all_its_faces(tmp_path, capsys):
    files = [tmp_path / name for name in ("a.svg", "b.svg", "c.html")]
    assert main(["safety", "--chart", str(files[0]), "--pressure", str(files[1]), "--html", str(files[2])]) == 0
    text = capsys.readouterr().out
    assert "Not in the collected evidence, intramuscular ketamine" in text
    assert "dissociation" in text
    assert all(file.stat().st_size > 3000 for file in files)
    assert main(["safety", "--route", "in", "--drug", "esketamine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "remit.answer/1"
    assert main(["safety", "--drug", "ketamine", "--route", "im", "--chart", str(tmp_path / "d.svg")]) == 2
    assert not (tmp_path / "d.svg").exists()
