"""An uploaded table is pooled beside the server: begun, asked about, stopped, and the same as from the command line."""

import html
import json
import re
import time
from pathlib import Path

import pytest
from test_api import command

from remit.reports.pooled_face import face_of
from remit.reports.signs import in_print
from remit.web.jobs import PROGRESS, RUNNING, Job

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


def test_an_analysis_says_how_far_it_is(tmp_path):
    job = Job("name", [], tmp_path, state=RUNNING, begun=time.time())
    assert job.progress() is None
    lines = [
        {"stage": "preparing", "done": 1, "total": 1, "seconds": 3.0},
        {"stage": "sampling", "done": 0, "total": 400, "seconds": 4.0},
        {"stage": "sampling", "done": 100, "total": 400, "seconds": 6.0},
    ]
    (tmp_path / PROGRESS).write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    # two seconds for a quarter of it
    assert job.progress() == {"stage": "sampling", "done": 100, "total": 400, "share": 0.25, "left_s": 6.0}
    (tmp_path / PROGRESS).write_text('{"stage": "samp')
    assert job.progress() is None
    job.state = "done"
    assert job.as_dict()["progress"] is None


def _width(svg):
    return float(re.match(r"<svg[^>]*? width=\"([0-9.]+)", svg)[1])


def test_a_table_is_pooled_on_a_page(client):
    table = {"table": ("bcg.csv", (GOLDEN / "bcg.csv").read_bytes())}
    begun = client.post("/pool", files=table, data=CLASSIC)
    assert begun.status_code == 303
    address = begun.headers["location"]
    done = ended(client, f"/api/v1/jobs/{address.removeprefix('/pool/')}")
    found = client.get(address)
    assert found.headers["cache-control"] == "no-store"
    assert in_print(face_of(done["result"]).sentence) in html.unescape(found.text)
    wide, narrow = (client.get(f"/picture{address}.svg?size={size}").text for size in ("wide", "narrow"))
    # a telephone gets a picture of its own: letters of the wide one would be too small to read
    assert _width(narrow) < 420 < _width(wide)
    assert "<html" not in client.get(address, headers={"hx-request": "true"}).text


def test_an_analysis_on_a_page_can_be_stopped(client):
    table = {"table": ("bcg.csv", (GOLDEN / "bcg.csv").read_bytes())}
    address = client.post("/pool", files=table, data=CLASSIC).headers["location"]
    under_way = client.get(address)
    assert "Stop it" in under_way.text
    assert client.post(f"{address}/stop").status_code == 303
    assert "Nothing of it is kept" in client.get(address).text


@pytest.mark.parametrize(
    ("name", "options", "said"),
    [
        ("table.exe", {}, "ends in .csv"),
        ("table.csv", {"at": "--out"}, "for at"),
        ("table.csv", {"curve": "x"}, "for c"),
    ],
)
def test_a_page_refuses_what_cannot_be_pooled(client, name, options, said):
    found = client.post("/pool", files={"table": (name, b"study\n")}, data=options)
    assert found.status_code == 422
    assert said in found.text
    assert client.get("/pool/nothing").status_code == 404
