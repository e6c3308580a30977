"""What the description of the interface promises is understood by whoever reads it."""

import json
import re
from typing import get_args

import pytest
from pydantic import TypeAdapter

from remit.answers.comparators import SSRIS
from remit.evidence.instruments import load_scales
from remit.safety.eligibility import screen
from remit.safety.person_record import fields, parse_record, template
from remit.safety.policy import find_policy
from remit.settings import Settings
from remit.vocabulary.dates import read_dates
from remit.vocabulary.visit_file import parse_history
from remit.web import described
from remit.web.app import create_app
from remit.web.requests import Course, Plan, Screen, Visits


def branches(schema):
    for each in schema.get("anyOf", [schema]):
        yield from branches(each) if "anyOf" in each else [each]


@pytest.mark.parametrize("make", [described.dose, described.spacing, described.infusion, described.start])
def test_every_example_has_the_form_it_stands_beside(make):
    for each in branches(make()):
        for example in each.get("examples", ()):
            assert re.search(each["pattern"], example)


def test_every_field_of_a_record_is_described_with_its_range():
    schema = described.record()
    assert set(schema["properties"]) == set(template())
    assert not schema["additionalProperties"]
    for name, variable in fields().items():
        kinds = {json.dumps(each, sort_keys=True) for each in branches(schema["properties"][name])}
        if variable.kind == "number":
            low, high = variable.low, variable.high
            assert json.dumps({"type": "number", "minimum": low, "maximum": high}, sort_keys=True) in kinds
            assert parse_record({name: low}).values()[name] == low
            assert parse_record({name: high}).values()[name] == high
        if variable.kind == "category":
            assert json.dumps({"type": "string", "enum": list(variable.choices)}, sort_keys=True) in kinds
        assert json.dumps({"const": "unknown"}) in kinds


def test_the_example_of_a_record_is_screened():
    (example,) = described.record()["examples"]
    assert screen(parse_record(Screen(record=example).record), find_policy(None)).as_dict()


def test_the_examples_of_a_plan_are_dates():
    for each in branches(described.start()):
        for example in each["examples"]:
            assert read_dates([example], ["start"])[0][0].year == 2026


def test_the_examples_of_visits_are_read():
    table, day, week, dated, whole, text = branches(described.visits())
    assert text["type"] == "string"
    assert len(parse_history(table["examples"][0], "visits", load_scales(), None).scores) == 2
    for each in (day, week, dated, whole):
        needed = {"score": 7, "day": 1, "week": 1, "date": "2026-12-01", "dose": "yes"}
        row = {name: needed[name] for name in [*each["items"]["required"], *(["dose"] if each is whole else [])]}
        assert parse_history(json.dumps([row]), "visits.json", load_scales(), None)
        assert Visits(visits=[row]).visits == [row]


def test_names_are_those_that_are_understood():
    assert described.SSRIS == SSRIS
    for name in described.policy()["enum"]:
        assert find_policy(name).id == name
    for name in described.scale()["enum"]:
        assert Course(scale=name).question().scale == name
    assert set(described.picked("masking")()["examples"]) <= {"open", "inert_control"}


def test_what_is_read_is_wider_than_what_is_described():
    assert Course(dose=" 0.5 mg/kg ", spacing="1.5 d", scale="gad-7").question().spacing_days == 1.5
    assert Plan(start="1.12.2026 09:30").start
    assert TypeAdapter(Screen).validate_python({"record": {"age": "44 years"}}).record


def test_the_page_for_programs_tells_fields_of_bodies_and_what_they_may_hold():
    from remit.web.about import _fields

    whole = create_app(Settings()).openapi()
    rows = {
        path: {row[0]: row[1:] for row in _fields(found, whole["components"]["schemas"])}
        for path, verbs in whole["paths"].items()
        for found in verbs.values()
    }
    assert rows["/api/v1/screen"]["record"][1] == "needed"
    assert rows["/api/v1/screen"]["policy"][0].startswith("as_published, cautious")
    assert "`2026-12-01 09:30`" in rows["/api/v1/session-plan"]["start"][0]
    assert "a list of an object with day, score" in rows["/api/v1/forecast"]["visits"][0]
    assert rows["/api/v1/how-fast"]["weight"][0] == "a number from 30 to 250"
    assert rows["/api/v1/meta"]["curve"][2] == "emax" or rows["/api/v1/meta"]["curve"][1] == "emax"


def test_enumerations_written_out_are_literals():
    assert get_args(Course.model_fields["drug"].annotation) == ("ketamine", "esketamine")
