"""Values kept between processes: the same ones, made once, and never those of another state of the source."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from remit import kept as module
from remit.evidence import trials
from remit.evidence.tables import published
from remit.kept import keep_in, kept
from remit.vocabulary.errors import InputRefused


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_places", [])
    keep_in(tmp_path)
    yield tmp_path
    module.folder_of_state.cache_clear()


def _files(place):
    return [file for file in place.rglob("*") if file.is_file()]


def test_values_are_kept_by_name(place):
    made = []

    def make():
        made.append(1)
        return {"numbers": np.arange(3.0)}

    for _ in range(2):
        np.testing.assert_array_equal(kept("numbers", make)["numbers"], np.arange(3.0))
    assert made == [1]
    kept("other numbers", make)
    assert made == [1, 1]
    assert len(_files(place)) == 2


def test_nothing_is_kept_unless_a_place_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_places", [])
    assert kept("one", lambda: 1) == 1
    assert not _files(tmp_path)


def test_what_is_broken_is_made_anew(place):
    kept("one", lambda: 1)
    _files(place)[0].write_bytes(b"broken")
    assert kept("one", lambda: 2) == 2
    assert kept("one", lambda: 3) == 2


def test_what_cannot_be_made_leaves_nothing(place):
    def refuse():
        raise InputRefused("no such thing")

    with pytest.raises(InputRefused, match="no such thing"):
        kept("one", refuse)
    assert not _files(place)


def test_a_folder_nobody_can_write_to_is_no_fault(monkeypatch):
    monkeypatch.setattr(module, "_places", [Path("/proc/nowhere")])
    np.testing.assert_array_equal(kept("ones", partial(np.ones, 2)), [1.0, 1.0])


def test_few_states_of_the_source_are_kept(place, monkeypatch):
    for state in range(6):
        monkeypatch.setattr(module, "_state", lambda _, state=state: f"state {state}")
        module.folder_of_state.cache_clear()
        kept("ones", partial(np.ones, 2))
    assert len([folder for folder in place.iterdir() if folder.is_dir()]) <= module.STATES_KEPT


def test_another_state_of_the_source_is_another_folder(tmp_path, monkeypatch):
    first = module._state(())
    (tmp_path / "kept.py").write_text("")
    monkeypatch.setattr(module, "__file__", str(tmp_path / "kept.py"))
    assert module._state(()) != first
    before = module._state(())
    (tmp_path / "kept.py").write_text("# changed")
    assert module._state(()) != before


def test_trials_are_the_same_from_files_and_kept(place):
    read = trials._read_all()
    for _ in range(2):
        trials.load_trials.cache_clear()
        assert trials.load_trials() == read
    assert len(_files(place)) == 1


def test_trials_of_another_folder_are_read_from_it(place, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("evidence")
    for each in ("studies", "outcomes"):
        shutil.copytree(str(published() / each), elsewhere / each)
    monkeypatch.setattr(trials, "published", lambda: elsewhere)
    trials.load_trials.cache_clear()
    trials.load_trials()
    trials.load_trials.cache_clear()
    assert not _files(place)
