"""The compiler's alarm that it is slow, which tells somebody who sees how far a fit is nothing but how to file a bug.

It is written to the terminal as an error of the compiler, and no setting leaves out that one message. So, once long
work has run for a while, only what ends the process is let through until the work is done. What programs warn of as
they are taken up is said before, and what goes wrong later still ends in an exception.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer

FATAL = 3
"""The level of the compiler's log at which only what ends the process is written."""
WAIT_S = 10.0
"""choice: the alarm comes after 120 s; the first programs of a fit are taken up within ten"""


@contextmanager
def quiet_compiler(wait_s: float = WAIT_S) -> Iterator[None]:
    """Do work whose programs may compile for minutes, without the alarm.

    Args:
        wait_s: how long everything is heard [s].
    """
    timer = Timer(wait_s, _hear, (FATAL,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        _hear(int(os.environ.get("TF_CPP_MIN_LOG_LEVEL", "1")))  # 1, without what only informs, is what JAX sets itself


def _hear(level: int) -> None:
    log = sys.modules.get("jaxlib.utils")  # there as soon as anything was compiled
    if log is not None:
        log.absl_set_min_log_level(level)
