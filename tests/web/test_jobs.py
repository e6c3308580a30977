"""An uploaded table is pooled beside the server: begun, asked about, stopped, and the same as from the command line."""

import time
from pathlib import Path

import pytest
from test_api import command

GOLDEN = Path(__file__).parents[1] / "golden"
CLASSIC = {"time": "none", "reference": "control"}


def begin(client, content, name="table.csv", **options):
    return client.post("/api/v1/meta", files={"table": (name, content)}, data=options)


def ended(client, address):
    deadline = time.monotonic() + 300
    while (found := client.get(address).json())["state"] in {"waiting", "running"}:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return found


def test_a_table_is_pooled_as_on_the_command_line(client, tmp_path):
    table = tmp_path / "table.csv"
    table.write_bytes((GOLDEN / "bcg.csv").read_bytes())
    found = begin(client, table.read_bytes(), **CLASSIC)
    assert found.status_code == 202
    assert found.json()["state"] in {"waiting", "running"}
    done = ended(client, found.headers["location"])
    assert done["state"] == "done", done
    assert done["result"] == command("meta", str(table), "--time", "none", "--reference", "control")
    assert done["seconds"] > 0


def test_a_table_that_cannot_be_used_says_why(client):
    found = begin(client, b"study,treatment\na,b\n", **CLASSIC)
    failed = ended(client, found.headers["location"])
    assert failed["state"] == "failed"
    assert "table.csv" in failed["refusal"]
    assert "/" not in failed["refusal"].split("table.csv")[0]
    assert failed["result"] is None


def test_an_analysis_can_be_stopped(client):
    table = (GOLDEN / "bcg.csv").read_bytes()
    address = begin(client, table, **CLASSIC).headers["location"]
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["state"] == "stopped"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("table.exe", {}),
        ("table.csv", {"curve": "all"}),
        ("table.csv", {"at": "--out"}),
        ("table.csv", {"reference": "-x"}),
    ],
)
def test_nothing_but_a_table_and_known_options_begins(client, name, options):
    found = begin(client, b"study,treatment\n", name, **options)
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"


def test_there_is_no_such_analysis(client):
    assert client.get("/api/v1/jobs/nothing").status_code == 404
    assert client.delete("/api/v1/jobs/nothing").status_code == 404
