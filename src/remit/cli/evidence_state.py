"""The state of the answers under a folder of evidence, as JSON: run as a process of its own, because a process reads
one folder only."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main(evidence: str, posterior: str) -> None:
    """Print the state.

    Args:
        evidence: a folder; empty for what ships.
        posterior: a folder.
    """
    if evidence:
        from remit.evidence.tables import read_from

        read_from(Path(evidence))
    from remit.cli.compiled import keep_compiled

    # the evidence that ships takes up the programs that any other command kept
    keep_compiled(elsewhere=bool(evidence))
    from remit.answers.state import state

    sys.stdout.write(json.dumps(state(Path(posterior)), allow_nan=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
