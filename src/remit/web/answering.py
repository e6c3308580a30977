"""Every answer the pages show: asked once, kept while room is, computed beside the server so that pages stay quick.

What is kept is found again by the question alone. Nothing that a person typed about themselves is kept.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from fastapi.responses import Response

from remit.answers.question import HowFast
from remit.web.workers import Workers

Answered = dict[str, Any]
THREADS = 2
"""choice: as many drawings at one time as a small server has cores; more only wait for each other."""


class Kept:
    """Values found again by their key, the least used forgotten first; each is computed once at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, threading.Lock] = {}

    def __len__(self) -> int:
        return len(self._known)

    def known(self, key: Hashable) -> Any | None:
        """What is kept for a key; None where nothing is."""
        with self._lock:
            if key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
            return None

    def keep(self, key: Hashable, value: Any) -> None:
        """Keep a value; the least used goes where there is no room."""
        with self._lock:
            self._known[key] = value
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept for a key, made first where nothing is."""
        if (found := self.known(key)) is not None:
            return found
        with self._lock:
            own = self._under_way.setdefault(key, threading.Lock())
        with own:
            if (found := self.known(key)) is not None:
                return found
            try:
                made = make()
                self.keep(key, made)
            finally:
                with self._lock:
                    self._under_way.pop(key, None)
        return made


def said(value: Any) -> Any:
    """Plain values as JSON; a number that is not finite is a mistake of the program.

    A response, of a type left open: what an operation says it returns describes the content to programs.
    """
    return Response(json.dumps(value, ensure_ascii=False, allow_nan=False, default=str), media_type="application/json")


def how_fast(question: HowFast) -> Answered:
    """The answer to "how fast": the one place from which the explorer takes it."""
    from remit.answers.how_fast import how_fast as answered
    from remit.answers.shipped import shipped

    return answered(question, shipped()).as_dict()


def versus(question: HowFast) -> Answered:
    """The answer to "compared with what"."""
    from remit.answers.shipped import shipped
    from remit.answers.versus import versus as answered

    return answered(question, shipped()).as_dict()


def is_it_safe(drug: str | None, route: str | None, level: float) -> Answered:
    """The answer to "is it safe"."""
    from remit.answers.is_it_safe import is_it_safe as answered

    return answered(drug, route, level).as_dict()


def forecast(visits: str, name: str, daily: str | None, options: dict[str, Any]) -> Answered:
    """What one person's scores say.

    Args:
        visits: their record as text; empty for none.
        name: of the text, for messages; ends in ``.json`` where it is that.
        daily: a daily treatment in place of sessions.
        options: what `remit.answers.typed_question.person_question` takes.

    Raises:
        InputRefused: something in it cannot be used.
        NotConverged: their posterior was not reached.
    """
    from remit.answers.shipped import shipped
    from remit.answers.this_person import Forecast
    from remit.answers.this_person import forecast as answered
    from remit.answers.typed_question import person_question
    from remit.evidence.instruments import find_scale, load_scales
    from remit.vocabulary.visit_file import parse_history
    from remit.vocabulary.visits import History

    known = find_scale(options["scale"], where="--scale").name if options.get("scale") else None
    history = parse_history(visits, name, load_scales(), known) if visits.strip() else History()
    question = person_question(history, **{**options, "scale": known})
    return answered(Forecast(history, question, daily or history.daily), shipped()).as_dict()


class Answers:
    """Answers of one installation.

    Args:
        most: how many are kept.
        workers: processes that compute them; in threads of the server where there are none.
    """

    def __init__(self, most: int, workers: Workers | None = None) -> None:
        self.kept = Kept(most)
        self.workers = workers or Workers(0)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="answer")
        self._under_way: dict[Hashable, asyncio.Future[Any]] = {}

    async def apart(self, work: Callable[[], Any]) -> Any:
        """Do work in a thread; no more than `THREADS` at one time."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    async def of(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What is kept for a key, made in a thread where nothing is."""
        found = self.kept.known(key)
        return found if found is not None else await self.apart(lambda: self.kept.of(key, make))

    async def did(self, work: Callable[..., Any], *given: Any) -> Any:
        """What a function of a module gives, computed beside the server; not kept."""
        if self.workers:
            return await self.workers.did(work, *given)
        return await self.apart(partial(work, *given))

    async def computed(self, work: Callable[..., Any], *given: Hashable) -> Any:
        """The same, kept; who asks while it is under way waits for it and does not begin it anew.

        Args:
            work: a function of a module, because a process finds it by name.
            given: what it is given; with the function it is what the answer is found again by.
        """
        return await self.under((work, *given), work, *given)

    async def under(self, key: Hashable, work: Callable[..., Any], *given: Any) -> Any:
        """The same, found again by a key of its own."""
        if (found := self.kept.known(key)) is not None:
            return found
        under_way = self._under_way.get(key)
        if under_way is None:
            under_way = self._under_way[key] = asyncio.ensure_future(self.did(work, *given))
            under_way.add_done_callback(partial(self._ended, key))
        # one who leaves does not end it for the others
        return await asyncio.shield(under_way)

    def _ended(self, key: Hashable, under_way: asyncio.Future[Any]) -> None:
        del self._under_way[key]
        if not under_way.cancelled() and under_way.exception() is None:
            self.kept.keep(key, under_way.result())

    async def how_fast(self, question: HowFast) -> Answered:
        """The answer to "how fast"."""
        return await self.computed(how_fast, question)

    async def versus(self, question: HowFast) -> Answered:
        """The answer to "compared with what"."""
        return await self.computed(versus, question)

    async def is_it_safe(self, drug: str | None, route: str | None, level: float) -> Answered:
        """The answer to "is it safe"."""
        return await self.computed(is_it_safe, drug, route, level)

    def close(self) -> None:
        """End what computes in processes, and begin nothing in threads any more."""
        self.workers.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    def rest(self) -> None:
        """Wait for threads that are at work."""
        self._threads.shutdown(wait=True)
