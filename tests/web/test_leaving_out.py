"""What the answers lean on, as a page: the choice, the wait, the answer, and the refusal of weights."""

import threading
import time

import numpy as np
import pytest

from remit.answers import without as answers_module
from remit.answers.without import answers_without, picks
from remit.inference.fitted import load
from remit.inference.left_out import Reweighted
from remit.web import without as page_module

CODE = "study:glue2017"


@pytest.fixture(scope="module")
def moved():
    """A real answer under few draws that are worth the same."""
    with pytest.MonkeyPatch.context() as patch:
        posterior = load().thinned(60)
        weight = np.full(posterior.size, 1 / posterior.size)
        patch.setattr(answers_module, "without", lambda *_: Reweighted(("glue2017",), (), weight, 0.1, 60.0))
        return answers_without(["glue2017"], posterior).as_dict()


def test_every_choice_leaves_some_studies_in_and_takes_some_out():
    offered = picks()
    assert {code.split(":")[0] for code in offered} == {"masking", "design", "diagnosis", "sponsor", "study"}
    used = {name for code, (_, studies) in offered.items() if code.startswith("study:") for name in studies}
    for words, studies in offered.values():
        assert words
        assert 0 < len(set(studies)) < len(used)
        assert set(studies) <= used


def test_the_choice_is_there_before_anything_is_asked(client):
    text = client.get("/without").text
    assert '<option value="masking:open">everybody knew (4)' in text
    assert f'<option value="{CODE}">glue2017</option>' in text
    found = client.get("/without?out=study:nobody")
    assert found.status_code == 422
    assert "cannot be left out" in found.text
    assert client.get("/without.json").status_code == 422


def test_a_page_that_waits_says_so_and_then_shows_what_the_command_would(client, moved, monkeypatch):
    ready = threading.Event()

    def slow(code):
        assert code == CODE
        assert ready.wait(60)
        return moved

    monkeypatch.setattr(page_module, "answered", slow)
    waiting = client.get(f"/without?out={CODE}")
    assert waiting.status_code == 202
    assert waiting.headers["refresh"] == str(page_module.AGAIN_S)
    assert "Under way" in waiting.text
    assert client.get(f"/without.json?out={CODE}").json()["state"] == "running"
    assert client.get(f"/picture/without/moves.svg?out={CODE}").status_code == 404
    ready.set()
    deadline = time.monotonic() + 60
    while (found := client.get(f"/without?out={CODE}")).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "refresh" not in found.headers
    assert "glue2017" in found.text
    assert moved["detail"]["rows"][0]["said"] in found.text
    assert client.get(f"/without.json?out={CODE}").json() == moved
    assert "<svg" in client.get(f"/picture/without/moves.svg?out={CODE}").text


def test_weights_that_cannot_be_trusted_are_told_and_no_number_is_shown(client, monkeypatch):
    monkeypatch.setattr(page_module, "answered", lambda _: {"refusal": "Pareto shape 0.9"})
    deadline = time.monotonic() + 60
    while (found := client.get("/without?out=masking:open")).status_code == 202:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert "This cannot be said by weights" in found.text
    assert "Pareto shape 0.9" in found.text
    assert "moves.json" not in found.text
