"""The posterior that ships with remit, read once for a process that answers many questions."""

from __future__ import annotations

from functools import cache

from remit.inference.fitted import Posterior, load


@cache
def shipped() -> Posterior:
    """The posterior that ships.

    Raises:
        StalePosterior: there is none, or it was fitted to other evidence than today's.
    """
    return load()
