"""A fit from the pages: off unless allowed, one at a time, stopped gently, and never over what ships."""

import sys
import time
from pathlib import Path

import httpx
import pytest

import remit
from remit.settings import Settings, read_settings
from remit.vocabulary.errors import InputRefused
from remit.web import jobs as module
from remit.web.app import create_app

FIT = """
import json, sys, time
from pathlib import Path
kept, file = Path(sys.argv[1]) / "kept", Path(sys.argv[sys.argv.index("--progress") + 1])
done = int(kept.read_text()) if kept.exists() else 0
wait = 0.0 if done else 0.2
try:
    while done < 900:
        done += 1
        with file.open("a") as out:
            out.write(json.dumps({"stage": "drawing", "done": done, "total": 900, "seconds": 0.1 * done}) + "\\n")
        time.sleep(wait)
except KeyboardInterrupt:
    kept.write_text(str(done))
    raise SystemExit(130)
print("R-hat 1.00")
"""


@pytest.fixture
def fits(tmp_path, monkeypatch, served):
    """A server of its own whose fit is a short program that can be interrupted."""
    script, into = tmp_path / "fit.py", tmp_path / "posterior"
    script.write_text(FIT)
    into.mkdir()
    made = module.Job

    def short(name, command, folder, **more):
        if "calibrate" in command:
            assert command[command.index("--out") + 1] == str(into)
            command = [sys.executable, str(script), str(into), *command[command.index("--progress") :]]
        return made(name, command, folder, **more)

    monkeypatch.setattr(module, "Job", short)
    # without its beginning, so that nothing is warmed up: the pages alone
    app = create_app(Settings(calibrate=into))
    with (
        served(app, lifespan="off") as address,
        httpx.Client(base_url=address, timeout=60, follow_redirects=True) as client,
    ):
        yield client, into
        app.state.jobs.close()


def until(client, address, *states):
    deadline = time.monotonic() + 60
    while (found := client.get(address).json())["state"] not in states:
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_it_is_off_unless_the_operator_names_a_folder(client):
    refused = client.post("/api/v1/calibrate")
    assert refused.status_code == 403
    assert "REMIT_CALIBRATE" in refused.json()["detail"]
    assert "Not allowed here" in client.get("/calibrate").text
    assert client.post("/calibrate/begin").status_code == 403


def test_what_ships_cannot_be_named(tmp_path):
    inside = Path(remit.__file__).parent / "inference" / "posterior"
    with pytest.raises(InputRefused, match="ships with it"):
        read_settings({"REMIT_CALIBRATE": str(inside)})
    assert read_settings({}).calibrate is None
    assert read_settings({"REMIT_CALIBRATE": str(tmp_path)}).calibrate == tmp_path.resolve()


def test_a_fit_is_one_at_a_time_says_how_far_it_is_and_goes_on_where_it_was_stopped(fits):
    client, into = fits
    begun = client.post("/api/v1/calibrate")
    assert begun.status_code == 202
    address = begun.headers["location"]
    assert client.post("/api/v1/calibrate").status_code == 409
    deadline = time.monotonic() + 60
    while not (far := client.get(address).json()["progress"]) or far["done"] < 3:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert far["stage"] == "drawing"
    assert 0 < far["share"] < 1
    page = client.get("/calibrate").text
    assert "Drawing" in page
    assert "Stop it" in page
    assert client.delete(address).status_code == 204
    assert client.get(address).json()["state"] == "stopped"
    kept = int((into / "kept").read_text())
    assert kept >= 3
    assert "Go on" in client.get("/calibrate").text
    again = client.post("/api/v1/calibrate").headers["location"]
    done = until(client, again, "done", "failed")
    assert done["state"] == "done", done
    assert done["result"] == {"said": "R-hat 1.00"}
    assert "R-hat 1.00" in client.get("/calibrate").text
