"""Where a search begins, from the sizes of doses, values and times of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from remit.inference.mixed.event_table import EventTable
from remit.inference.mixed.kinetics import Structure
from remit.inference.mixed.written_out import output_of


def values_of(table: EventTable, outputs: Sequence[str], output: int) -> NDArray[np.float64]:
    """Every observation of one output.

    Args:
        table: the data.
        outputs: names of all outputs of the model.
        output: position of the one asked for.
    """
    rows = (event for events in table.events for event in events if event.dv is not None)
    return np.array([event.dv for event in rows if output_of(event.dvid, outputs) == output])


def guessed(structure: Structure, table: EventTable, seen: NDArray[Any]) -> dict[str, float]:
    """Starting values of a compartment model; none of others.

    # choice: four half-lives in the time observed, the largest values soon after a dose, equal compartments; the search
    moves orders of magnitude from there

    Args:
        structure: the model.
        table: the data.
        seen: the concentrations among them.
    """
    amounts = [event.amt for events in table.events for event in events if event.amt > 0]
    if "cpt" not in structure.name or not amounts or len(structure.outputs) > 1 or not len(seen):
        return {}
    last = float(np.median([events[-1].time - events[0].time for events in table.events])) or 1.0
    volume = float(np.median(amounts)) / max(float(np.quantile(seen, 0.9)), 1e-12)
    rate = 4.0 * float(np.log(2.0)) / last
    usual = {
        "V": volume,
        "V1": volume,
        "V2": volume,
        "V3": volume,
        "CL": volume * rate,
        "Q": volume * rate,
        "Q3": 0.3 * volume * rate,
        "KE": rate,
        "KA": 10.0 * rate,
        "KTR": 20.0 * rate,
    }
    return {name: usual[name] for name in structure.parameters if name in usual}
