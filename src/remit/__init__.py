"""remit: how fast does ketamine work for anxiety, for whom, for how long, compared with what, and how safely.

The layers, in the order data runs (a module imports only from layers above its own in this list):

    vocabulary      the words every layer speaks
    program         compiled programs, kept between processes (beside evidence, which needs none)
    evidence        what has been published, as data with sources
    pharmacology    dose to concentration
    response        concentration to anxiety over time
    population      many people who differ
    inference       from published arms and scores back to parameters
    safety          who may be treated and what to watch (beside inference; needs no model)
    answers         the questions, answered as values
    reports         what a person can look at
    settings        the facts of one installation
    web             pages in a browser, and the same for programs
    cli             one command a module
"""

import os
import sys
from typing import Any

# every number is a 64-bit float. Said here, before JAX starts, so that no module can be imported without it; importing
# JAX here would cost the command line its instant help
os.environ["JAX_ENABLE_X64"] = "1"
if "jax" in sys.modules:
    sys.modules["jax"].config.update("jax_enable_x64", True)

__version__ = "0.1.0"

_LAZY = {
    "claim": "remit.answers.claims.board",
    "claims": "remit.answers.claims.board",
    "how_long": "remit.answers.how_long",
    "by_route": "remit.answers.by_route",
    "for_whom": "remit.answers.for_whom",
    "why": "remit.answers.why",
    "versus": "remit.answers.versus",
    "events": "remit.inference.events.of_table",
    "fit": "remit.inference.mixed.of_table",
    "forecast": "remit.answers.this_person",
    "how_fast": "remit.answers.how_fast",
    "is_it_safe": "remit.answers.is_it_safe",
    "meta": "remit.inference.network.of_table",
}
"""Names that are imported when they are first asked for, and their modules."""


def __getattr__(name: str) -> Any:
    """``remit.forecast`` and its like, without loading the science for those who do not ask for it."""
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'remit' has no attribute {name!r}")
