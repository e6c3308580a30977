"""What is done of long work, kept on this machine so that it can be gone on with."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any


def keep(path: Path | None, value: Any) -> None:
    """Write a value whole or not at all; without a path nothing is kept."""
    if path is None:
        return
    fresh = path.with_suffix(".tmp")
    fresh.write_bytes(pickle.dumps(value))
    fresh.replace(path)
