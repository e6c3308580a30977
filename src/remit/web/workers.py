"""Processes that compute answers beside the server, one a processor, so that pages stay quick while answers are made.

Each works at one thing at a time. What it is given and what it gives back are plain values, and a refusal comes back as
the refusal it is. A process that dies is begun anew, and what it was at is tried once more. One that was asked so many
different things that its programs fill what the system lets it map forgets them between two answers.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

Work = Callable[..., Any]
LOOK_S = 2.0
"""choice: how often a process looks whether its server is still there, and how full it is itself [s]."""

_full = threading.Event()


def _begin(prepare: Work | None) -> None:
    # Ctrl-C reaches every process of a terminal; the server ends these itself
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    server = os.getppid()

    def follow() -> None:
        while os.getppid() == server:
            _look()
            time.sleep(LOOK_S)
        os._exit(0)

    threading.Thread(target=follow, daemon=True).start()
    if prepare is not None:
        prepare()


def _look() -> None:
    """See whether this process holds so many programs that the system would soon end it."""
    program = sys.modules.get("remit.program")
    if program is not None and program.mapped_pieces() > program.MANY_PIECES:
        _full.set()


def _worked(work: Work, *given: Any) -> Any:
    """What a piece of work gives, in a process that makes room first where it has to."""
    if _full.is_set():
        from remit.program import forget_programs

        forget_programs()
        gc.collect()
        _full.clear()
    return work(*given)


class Worker:
    """One process.

    Args:
        prepare: what it does before its first work; a function of a module, because it is handed over by name.
    """

    def __init__(self, prepare: Work | None) -> None:
        self._prepare = prepare
        self._pool = self._begun()
        self.waiting = 0

    def _begun(self) -> ProcessPoolExecutor:
        # not forked: a copy of a process that has threads may wait for a lock that nobody holds
        return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, (self._prepare,))

    async def did(self, work: Work, *given: Any) -> Any:
        """What a function of a module gives for plain values.

        Raises:
            BrokenProcessPool: the process died at it twice.
        """
        self.waiting += 1
        try:
            for attempt in range(2):
                pool = self._pool
                try:
                    return await asyncio.wrap_future(pool.submit(_worked, work, *given))
                except BrokenProcessPool:
                    if self._pool is pool:
                        self._pool = self._begun()
                    if attempt:
                        raise
        finally:
            self.waiting -= 1

    def close(self) -> None:
        """End it, whatever it is at."""
        processes = list((self._pool._processes or {}).values())  # there is no other way to end one at work
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()


class Workers:
    """The processes of one server; none computes in the server itself."""

    def __init__(self, count: int, prepare: Work | None = None) -> None:
        self.each = tuple(Worker(prepare) for _ in range(count))

    def __bool__(self) -> bool:
        return bool(self.each)

    async def did(self, work: Work, *given: Any) -> Any:
        """The same, by the process that has the least to do."""
        return await min(self.each, key=lambda worker: worker.waiting).did(work, *given)

    def close(self) -> None:
        """End all of them."""
        for worker in self.each:
            worker.close()
