"""Which fit is under way: a fingerprint of everything that decides its numbers, and the file of what is done."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.checkpoint import Kept
from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.found import Effort
from remit.inference.mixed.model import MixedModel


def under_way(
    folder: Path | None, table: EventTable, model: MixedModel, method: str, start: NDArray[Any], effort: Effort
) -> Kept:
    """Where a fit is kept on the way.

    Args:
        folder: None keeps nothing.
        table, model, method, start, effort: what decides the numbers. Of a function of one's own its file does, too.
            The number of draws does not: a fit can be gone on with to more of them.
    """
    said: list[Any] = [
        table.people, table.events, model.structure.name, model.parameters, model.errors, model.blocks, model.occasions,
        model.published, method, np.asarray(start).tolist(),
        replace(effort, sampler=replace(effort.sampler, draws=0)),
    ]  # fmt: skip
    source = Path(model.structure.name.rpartition(":")[0])
    if source.suffix == ".py" and source.is_file():
        said.append(source.read_bytes())
    name = hashlib.sha256(repr(said).encode()).hexdigest()
    return Kept(None if folder is None else folder / f"{method}.pickle", name)
