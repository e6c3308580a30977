"""The plan of a session: times, borrowed rules, alarms, leaving, driving and dates; and its faces."""

import json
import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remit.cli.__main__ import main
from remit.evidence.rules import load_monitoring
from remit.reports.session_plan_chart import session_plan_chart
from remit.reports.session_plan_page import calendar, page
from remit.safety.discharge import checklist, ready_to_leave
from remit.safety.policy import find_policy, load_policies
from remit.safety.session import plan_session, rules_of_session
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange
from remit.vocabulary.units import parse_amount

START = datetime(2026, 12, 1, 9, 30)  # noqa: DTZ001


def plan(drug="esketamine", route="in", dose="56mg", minutes=0.0, policy=None):
    return plan_session(Drug(drug), Route(route), parse_amount(dose), START, minutes, policy and find_policy(policy))


def test_nasal_esketamine_is_watched_for_two_hours_where_the_us_text_is_followed():
    found = plan(policy="us")
    assert found.stays_until == START + timedelta(minutes=120)
    assert "esk_observation_2h" in found.stays_because
    pressures = [each.at_min for each in found.timeline if each.rule_id == "esk_bp_schedule"]
    assert pressures == [None, 40.0, 120.0]


def test_the_eu_text_gives_no_hours_and_the_us_rule_is_shown_and_not_followed():
    found = plan(policy="eu")
    by = {each.rule_id: each for each in found.timeline}
    assert not by["esk_observation_2h"].is_followed
    assert "esk_observation_2h" not in found.stays_because
    items = {each.item: each.is_followed for each in found.leaving}
    assert items["stable_by_judgement"]
    assert not items["two_hours_watched"]


@pytest.mark.parametrize(("minutes", "during"), [(40.0, 4), (60.0, 6), (35.0, 3)])
def test_pressure_is_taken_every_ten_minutes_of_an_infusion_and_every_quarter_of_an_hour_after(minutes, during):
    found = plan("ketamine", "iv", "0.5mg/kg", minutes)
    times = [each.at_min for each in found.timeline if each.rule_id == "ket_iv_bp_interval"]
    assert times[:during] == [10.0 * step for step in range(1, during + 1)]
    after = [at for at in times if at > minutes]
    assert after == [minutes + 15 * step for step in range(1, 9)]
    assert found.stays_until == START + timedelta(minutes=minutes + 120)


@pytest.mark.parametrize("route", ["im", "sc", "sl", "buccal", "po"])
def test_what_was_written_for_another_route_is_borrowed_and_says_so(route):
    found = plan("ketamine", route, "0.5mg/kg")
    measured = [each for each in found.timeline if each.at_min is not None]
    assert measured
    assert all(each.is_borrowed for each in measured)
    assert "borrowed" in found.caveats[0]
    assert any("fasting" in each for each in found.caveats)


def test_nothing_is_borrowed_for_the_route_a_rule_was_written_for():
    assert not any(rules_of_session(Drug.ESKETAMINE, Route.NASAL).values())
    assert not any(rules_of_session(Drug.KETAMINE, Route.IV).values())
    # what is done at home is never borrowed for a clinic, nor how often a dose is given
    borrowed = {rule for rule, is_borrowed in rules_of_session(Drug.KETAMINE, Route.IM).items() if is_borrowed}
    assert not {load_monitoring()[rule].topic for rule in borrowed} & {"home", "dosing_frequency", "fasting", "driving"}


@pytest.mark.parametrize("policy", list(load_policies()))
def test_every_published_interval_without_driving_stands_and_one_is_followed(policy):
    found = [each for each in plan(policy=policy).driving if each.ends]
    assert [each.ends - each.begins for each in found] == [timedelta(hours=24), timedelta(hours=8)]
    assert [each.is_followed for each in found] == [True, False]


def test_dates_after_a_first_session():
    dates = {(each.rule_id, each.begins): each for each in plan(policy="us").follow_up}
    assert dates["rems_monitoring_form_7_days", START].ends == START + timedelta(days=7)
    assert ("esk_review_end_induction", START + timedelta(weeks=4)) in dates
    assert dates["freq_esk_induction", START].ends == START + timedelta(weeks=4)
    assert dates["freq_esk_week9", START + timedelta(weeks=8)].ends is None
    assert ("cognitive_followup", START + timedelta(weeks=12)) in dates
    assert dates["urinary_followup", None].begins is None


def test_each_alarm_has_its_limit_its_rule_and_its_sources():
    found = plan().alarms
    limits = {each.limit for each in found}
    assert "systolic pressure at least 180 mmHg" in limits
    assert any("2 times 5 min apart" in each for each in limits)
    assert any("for 5 min" in each for each in limits)
    assert all(each.sources for each in found)
    assert any(each.flag == "forum" for each in found)


def all_yes(items):
    return {each.item: True for each in items if each.variable is None}


@pytest.mark.parametrize(
    ("minutes", "is_ready"), [(119, False), (119.99, False), (120, True), (121, True), (None, False)]
)
def test_two_hours_are_two_hours(minutes, is_ready):
    items = plan().leaving
    found = ready_to_leave(items, minutes, all_yes(items))
    assert found.is_ready is is_ready
    assert found.unknown == (("two_hours_watched",) if minutes is None else ())


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_nobody_leaves_with_an_item_open(data):
    drug, route = data.draw(st.sampled_from([("esketamine", "in"), ("ketamine", "iv"), ("ketamine", "im")]))
    policy = load_policies()[data.draw(st.sampled_from(sorted(load_policies())))]
    items = checklist(rules_of_session(Drug(drug), Route(route)), policy)
    answers = {each.item: data.draw(st.sampled_from([True, False, None])) for each in items if each.variable is None}
    found = ready_to_leave(items, 300.0, answers)
    followed = [each for each in items if each.is_followed]
    assert found.is_ready == (bool(followed) and all(answers.get(e.item, True) is True for e in followed))
    assert set(found.unmet) | set(found.unknown) <= {each.item for each in followed}


def test_an_empty_checklist_lets_nobody_go():
    assert not ready_to_leave((), 1000.0, {}).is_ready
    with pytest.raises(InputRefused, match="no item"):
        ready_to_leave(plan().leaving, 120, {"two_hours_watched": True})


def test_an_infusion_belongs_to_a_vein():
    with pytest.raises(OutOfRange):
        plan("ketamine", "im", "0.5mg/kg", 40.0)
    with pytest.raises(OutOfRange):
        plan("ketamine", "iv", "0.5mg/kg", 601.0)


@pytest.mark.parametrize(("drug", "route", "minutes"), [("esketamine", "in", 0.0), ("ketamine", "iv", 40.0),
                                                        ("ketamine", "po", 0.0)])  # fmt: skip
def test_the_faces_hold_what_the_plan_holds(drug, route, minutes):
    found = plan(drug, route, "0.5mg/kg", minutes).as_dict()
    json.dumps(found, allow_nan=False)
    text = page(found).decode()
    for each in (*found["alarms"], *found["timeline"]):
        assert each["rule_id"] in text or not each["is_followed"]
    for source in found["sources"]:
        assert source in text
    assert not re.search(r"<(script|link|img)", text)
    assert "@page" in text
    assert "data:font/ttf" in text
    picture = session_plan_chart(found)
    drawn = [row for layer in picture["vconcat"][0]["layer"] for row in layer.get("data", {}).get("values", [])]
    times = {each["at_min"] for each in found["timeline"] if each["is_followed"] and each["at_min"] is not None}
    assert times <= {row.get("time_h") for row in drawn}


def test_calendar_lines_are_short_and_dated():
    text = calendar(plan().as_dict())
    assert text.startswith(b"BEGIN:VCALENDAR\r\n")
    assert text.count(b"BEGIN:VEVENT") == text.count(b"END:VEVENT") >= 5
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    assert b"DTSTART:20261201T093000" in text


def test_the_command_writes_all_its_faces(tmp_path, capsys):
    paths = [tmp_path / name for name in ("p.html", "p.ics", "p.svg")]
    words = ["session-plan", "--drug", "esketamine", "--route", "in", "--dose", "56mg", "--start", "2026-12-01 09:30"]
    more = ["--html", str(paths[0]), "--ics", str(paths[1]), "--chart", str(paths[2]), "--policy", "us"]
    assert main([*words, *more]) == 0
    assert "Ready to leave" in capsys.readouterr().out
    assert all(path.stat().st_size > 500 for path in paths)
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "remit.session_plan/1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--start", "tomorrow"], "tomorrow"),
        (["--start", "2026-12-01", "--route", "im", "--over", "40min"], "--over"),
        (["--start", "2026-12-01", "--ics", "a.txt"], ".ics"),
        (["--start", "2026-12-01", "--policy", "none"], "cautious"),
    ],
)
def test_the_command_refuses_in_words(words, said, capsys):
    assert main(["session-plan", *words]) == 2
    assert said in capsys.readouterr().err
