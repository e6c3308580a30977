"""Units of a fit's numbers, from those of the table: words for tables and axes, which no number depends on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from remit.evidence.tables import near_miss
from remit.inference.mixed.kinetics import Structure
from remit.vocabulary.errors import InputRefused

TABLE = ("TIME", "AMT", "DV")
"""What a unit can be given of, besides outputs and parameters."""
_PART = re.compile(r"([^/*()\s]+)|([/*()])")
_KINDS = {
    "rate": ("KA", "KE", "KTR", "KE0", "KOUT", "K1", "K2"),
    "flow": ("CL", "Q", "Q3"),
    "volume": ("V", "V1", "V2", "V3"),
    "time": ("TLAG", "D1"),
    "input": ("R1",),
    "concentration": ("EC50", "A1", "A2"),
    "effect": ("E0",),
}
_KIND = {name: kind for kind, names in _KINDS.items() for name in names}


def units_of(structure: Structure, parameters: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """The unit of everything whose unit is known, by name; what has none, or whose is not known, is left out.

    Args:
        structure: the structural model. Published models and scores bring their units, and those come first.
        parameters: names of the model's parameters.
        given: of the table, by TIME, AMT, DV (of the first output), name of an output, or name of a parameter.

    Returns:
        Keys TIME and AMT, names of outputs and of parameters. Rates, clearances and volumes of the library follow from
        TIME, AMT and DV: with h, mg and mg/L they are 1/h, L/h and L.

    Raises:
        InputRefused: a unit of nothing in the table or the model.
    """
    known = (*TABLE, *structure.outputs, *parameters)
    for name, unit in given.items():
        if name not in known:
            raise InputRefused(
                f"a unit of {name}, which is nothing here", allowed=", ".join(known), remedy=near_miss(name, known),
                where="--unit",
            )  # fmt: skip
        if not unit.strip():
            raise InputRefused(f"the unit of {name} is empty", allowed="NAME=UNIT, such as TIME=h", where="--unit")
    first = structure.outputs[0]
    found = {key: unit.strip() for key, unit in given.items() if key != "DV"}
    if "DV" in given:
        found.setdefault(first, given["DV"].strip())
    own = dict(structure.units)
    if "DV" in own:
        own[first] = own.pop("DV")
    found |= own
    if ":" not in structure.name:  # a function of one's own, and models with units of their own, have one
        # EMAX adds to E0 in one model only; in the others it is a share of it
        kinds = {**_KIND, "EMAX": "effect"} if structure.name.endswith("+emax") else _KIND
        for name in parameters:
            if unit := _derived(kinds.get(name, ""), structure.outputs, found):
                found.setdefault(name, unit)
    return found


def _derived(kind: str, outputs: Sequence[str], found: Mapping[str, str]) -> str:
    """Unit of a kind of parameter; an empty text where it has none or the table's are not given."""
    time, amount, level = found.get("TIME", ""), found.get("AMT", ""), found.get(outputs[0], "")
    effect = found.get(outputs[-1], "") if len(outputs) > 1 else ""
    whole: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
        "rate": ((), (time,)),
        "flow": ((amount,), (level, time)),
        "volume": ((amount,), (level,)),
        "time": ((time,), ()),
        "input": ((amount,), (time,)),
        "concentration": ((level,), ()),
        "effect": ((effect,), ()),
    }
    if kind not in whole:
        return ""
    above, below = whole[kind]
    return divided(above, below) if all((*above, *below)) else ""


def divided(above: Sequence[str], below: Sequence[str]) -> str:
    """Products of units, one over another, with what stands on both sides taken out: mg over (mg/L) is L."""
    top: list[str] = []
    bottom: list[str] = []
    for units, (up, down) in ((above, (top, bottom)), (below, (bottom, top))):
        for unit in units:
            side = up
            for word, mark in _PART.findall(unit):
                if mark == "/":
                    side = down
                elif word and word != "1":
                    side.append(word)
    for word in list(top):
        if word in bottom:
            top.remove(word)
            bottom.remove(word)
    return "/".join([" ".join(top) or "1", *bottom]) if top or bottom else ""
