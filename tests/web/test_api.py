"""Programs get what the command line prints, refusals in the same words, and no request breaks the server."""

import contextlib
import io
import json

import pytest

from remit.cli.__main__ import main
from remit.vocabulary.errors import NotConverged, StalePosterior
from remit.web.faults import standing_of
from remit.web.requests import spelled_out


def command(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        main([*words, "--json"])
    return json.loads(out.getvalue())


SAME = [
    (["how-fast"], "how-fast"),
    (["how-fast", "--diagnosis", "SAD", "--scale", "LSAS"], "how-fast?diagnosis=SAD&scale=LSAS"),
    (["versus"], "versus"),
    (["how-long", "--sessions", "2"], "how-long?sessions=2"),
    (["how-long"], "how-long"),
    (["by-route"], "by-route"),
    (["for-whom"], "for-whom"),
    (["why"], "why"),
    (["claims"], "claims"),
    (["claims", "iv-fastest"], "claims/iv-fastest"),
    (["safety", "--drug", "esketamine"], "safety?drug=esketamine"),
    (["evidence", "forest", "--at", "7d"], "forest?at=7d"),
    (["evidence", "without", "--study", "glue2017"], "without?study=glue2017"),
    (
        ["session-plan", "--start", "2026-12-01 09:30", "--drug", "esketamine", "--route", "in", "--dose", "56mg"],
        "session-plan?start=2026-12-01 09:30&drug=esketamine&route=in&dose=56mg",
    ),
]


@pytest.mark.parametrize(("words", "address"), SAME)
def test_programs_get_what_the_command_line_prints(client, words, address):
    assert client.get(f"/api/v1/{address}").json() == command(*words)


def test_every_question_is_held_to_the_command_line(client):
    """A question that is added later must come into the comparison above, or be named here with a reason."""
    described = client.get("/api/v1/openapi.json").json()["paths"]
    asked = {
        path.removeprefix("/api/v1/").split("/")[0].split("{")[0] for path, how in described.items() if "get" in how
    }
    compared = {address.split("?")[0].split("/")[0] for _, address in SAME}
    elsewhere = {
        "evidence": "test_tables_come_in_three_kinds", "jobs": "test_jobs", "version": "a word",
        "screen": "test_the_same_for_a_screening",
    }  # fmt: skip
    assert asked == compared | set(elsewhere)


def test_weights_that_cannot_be_trusted_are_a_refusal_and_no_fault_of_the_server(client, monkeypatch):
    monkeypatch.setattr("remit.web.without.by_criteria", lambda *_: {"refusal": "Pareto shape 0.9"})
    found = client.get("/api/v1/without?masking=open")
    assert found.status_code == 409
    assert found.json()["detail"] == "Pareto shape 0.9"
    monkeypatch.undo()
    assert client.get("/api/v1/without").status_code == 422
    assert "nothing to leave out" in client.get("/api/v1/without").json()["detail"]


def test_the_same_for_a_person(client, tmp_path):
    visits = "day,score,dose\n-3,16,\n0,15,yes\n2,11,yes\n"
    file = tmp_path / "visits.csv"
    file.write_text(visits)
    own = client.post("/api/v1/forecast", json={"visits": visits, "sessions": 4}).json()
    assert own == command("forecast", str(file), "--sessions", "4")


def test_the_same_for_a_screening(client, tmp_path):
    record = {"age": 44, "drug": "ketamine"}
    file = tmp_path / "person.json"
    file.write_text(json.dumps(record))
    assert client.post("/api/v1/screen", json={"record": record}).json() == command("screen", str(file))
    assert "age" in client.get("/api/v1/screen/template").json()


@pytest.mark.parametrize(
    ("address", "field", "words"),
    [
        ("how-fast?dose=500mg/kg", "dose", "largest published"),
        ("how-fast?scale=none", "scale", "unknown scale"),
        ("how-fast?baseline=99", "baseline", "0 to 21"),
    ],
)
def test_a_refusal_is_a_problem_with_the_words_of_the_domain(client, address, field, words):
    found = client.get(f"/api/v1/{address}")
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["field"] == field
    assert words in found.json()["detail"]


def test_a_fit_that_does_not_converge_is_no_fault_of_the_server():
    assert standing_of(NotConverged("no posterior"))[0] == 422
    assert standing_of(StalePosterior("another evidence"))[0] == 503


def test_a_misread_request_is_a_problem_too(client):
    found = client.get("/api/v1/how-fast?sessions=1000&colour=red")
    assert found.status_code == 422
    assert {each["field"] for each in found.json()["errors"]} == {"sessions", "colour"}
    assert client.get("/api/v1/nothing").headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/evidence/nothing").status_code == 404


def test_a_policy_cannot_name_a_file(client):
    asked = {"start": "2026-12-01 09:30", "policy": "/etc/hosts.yaml"}
    assert client.get("/api/v1/session-plan", params=asked).status_code == 422
    assert client.post("/api/v1/screen", json={"record": {}, "policy": "../x.yaml"}).status_code == 422


def test_names_in_the_requests_are_those_of_the_vocabulary():
    assert spelled_out()
