"""How long a report takes once its answers are there: laid out, its pictures drawn anew, set as HTML or PDF."""

import time
from functools import partial

import numpy as np

from remit.answers.for_whom import for_whom
from remit.answers.how_fast import how_fast
from remit.answers.how_long import how_long
from remit.answers.is_it_safe import is_it_safe
from remit.answers.question import HowFast
from remit.answers.versus import versus
from remit.cli.compiled import keep_compiled
from remit.inference.fitted import load
from remit.reports import drawings
from remit.reports.document import Reader
from remit.reports.paper import SETTINGS, paper

COURSES = 7
"""Counted after a first one, each with answers of its own: the typesetter keeps what it has set before."""
AIMED_AT_MS = 1000.0


def _reports(question, held, safety):
    """Both reports of a course, each laid out only when it is called."""
    first, beside = how_fast(question, held).as_dict(), versus(question, held).as_dict()
    more = {
        "how_long": how_long(question, held).as_dict(), "for_whom": for_whom(question, held, narrow=False).as_dict(),
    }  # fmt: skip
    return {
        Reader.PERSON: partial(paper, Reader.PERSON, question, first, beside, safety),
        Reader.CLINICIAN: partial(paper, Reader.CLINICIAN, question, first, beside, safety, **more),
    }


def workload():
    """Milliseconds of each report and kind, over courses that differ in seed."""
    keep_compiled()
    held, safety = load(), is_it_safe().as_dict()
    taken: dict[str, list[tuple[float, float]]] = {}
    for course in range(COURSES + 1):
        question = HowFast(seed=course + 1)
        for reader, laid_out in _reports(question, held, safety).items():
            for kind, made in SETTINGS.items():
                drawings.forget()
                start, used = time.perf_counter(), time.process_time()
                content = made(laid_out())
                took = (1000 * (time.perf_counter() - start), 1000 * (time.process_time() - used))
                if len(content) < 10_000:
                    raise SystemExit(f"a report of {len(content)} bytes holds no picture")
                if course:
                    taken.setdefault(f"{reader.value}, {kind}", []).append(took)
    return {
        name: {
            "median_ms": round(float(np.median([wall for wall, _ in each]))),
            "slowest_ms": round(max(wall for wall, _ in each)),
            "processor_median_ms": round(float(np.median([used for _, used in each]))),
            "rounds": len(each), "aimed_at_ms": AIMED_AT_MS,
        }
        for name, each in taken.items()
    }  # fmt: skip


if __name__ == "__main__":
    for report, times in workload().items():
        print(report, times)
