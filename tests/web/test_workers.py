"""Processes that answer: values, refusals, deaths and ends."""

import asyncio
import math
import os
import time
from concurrent.futures.process import BrokenProcessPool

import pytest

from remit import program
from remit.settings import read_settings
from remit.vocabulary.errors import InputRefused
from remit.web import workers as module
from remit.web.answering import Answers
from remit.web.workers import Workers


@pytest.fixture
def workers():
    found = Workers(2)
    yield found
    found.close()


def test_none_computes_in_the_server_itself():
    answers = Answers(4)
    assert not answers.workers
    assert asyncio.run(answers.computed(math.sqrt, 9.0)) == 3.0
    assert answers.kept.known((math.sqrt, 9.0)) == 3.0


def test_work_is_done_in_processes_of_their_own(workers):
    async def all_of_them():
        return await asyncio.gather(*(workers.did(os.getpid) for _ in range(2)))

    found = asyncio.run(all_of_them())
    assert len({*found, os.getpid()}) == 3


def test_a_refusal_comes_back_as_it_was(workers):
    with pytest.raises(InputRefused, match="REMIT_PORT") as refusal:
        asyncio.run(workers.did(read_settings, {"REMIT_PORT": "a lot"}))
    assert refusal.value.where == "REMIT_PORT"
    assert "65535" in refusal.value.allowed


def test_a_process_that_dies_is_begun_anew(workers):
    async def dies_and_lives():
        with pytest.raises(BrokenProcessPool):
            await workers.each[0].did(os._exit, 3)
        return await workers.each[0].did(math.sqrt, 16.0)

    assert asyncio.run(dies_and_lives()) == 4.0
    assert workers.each[0].waiting == 0


def test_the_one_with_least_to_do_works(workers):
    workers.each[0].waiting = 3
    mine, other = (asyncio.run(workers.each[place].did(os.getpid)) for place in (0, 1))
    assert mine != other
    assert asyncio.run(workers.did(os.getpid)) == other


def test_who_asks_for_what_is_under_way_waits_for_it(workers):
    async def together():
        answers = Answers(4, workers)
        # each process says another number, so equal numbers were computed once
        return await asyncio.gather(*(answers.computed(time.perf_counter_ns) for _ in range(5)))

    assert len(set(asyncio.run(together()))) == 1


def test_a_refusal_is_not_kept():
    def refuse(text):
        return read_settings({"REMIT_PORT": text})

    async def twice():
        answers = Answers(4)
        for _ in range(2):
            with pytest.raises(InputRefused):
                await answers.computed(refuse, "a lot")
        return len(answers.kept)

    assert asyncio.run(twice()) == 0


def test_nothing_is_left_behind():
    found = Workers(1)
    process = asyncio.run(found.did(os.getpid))
    found.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {process} is still there")


def test_a_process_that_holds_too_many_programs_forgets_them_before_its_next_work(monkeypatch):
    forgotten = []
    monkeypatch.setattr(program, "forget_programs", lambda: forgotten.append(True))
    monkeypatch.setattr(program, "MANY_PIECES", 10**6)
    module._look()
    assert module._worked(math.sqrt, 4.0) == 2.0
    assert not forgotten
    monkeypatch.setattr(program, "MANY_PIECES", 1)
    module._look()
    assert module._worked(math.sqrt, 9.0) == 3.0
    assert module._worked(math.sqrt, 16.0) == 4.0
    assert forgotten == [True]
