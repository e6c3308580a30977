"""The alarm of a compiler that is slow, which no setting leaves out alone."""

import time

from jaxlib import utils

from remit.cli import compile_alarm
from remit.cli.compile_alarm import FATAL, quiet_compiler


def test_everything_is_heard_at_first_and_again_after_the_work(monkeypatch):
    set_to = []
    monkeypatch.setattr(utils, "absl_set_min_log_level", set_to.append)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "2")
    with quiet_compiler(0.2):
        assert set_to == []
        limit = time.monotonic() + 30.0
        while not set_to and time.monotonic() < limit:
            time.sleep(0.02)
        assert set_to == [FATAL]
    assert set_to == [FATAL, 2]


def test_short_work_is_heard_throughout(monkeypatch):
    set_to = []
    monkeypatch.setattr(utils, "absl_set_min_log_level", set_to.append)
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    with quiet_compiler():
        pass
    assert FATAL not in set_to


def test_what_compiled_nothing_is_left_alone(monkeypatch):
    monkeypatch.setattr(compile_alarm, "sys", type("Bare", (), {"modules": {}}))
    set_to = []
    monkeypatch.setattr(utils, "absl_set_min_log_level", set_to.append)
    with quiet_compiler():
        pass
    assert set_to == []
