"""The basic effects of a network: those that are coefficients, and how each treatment's effect is made of them.

Consistent effects: one for each treatment beside the reference. Of classes: ``common``, one for each class; ``random``,
one for each class and the departures of its treatments from it. Unrelated: one for each comparison with a first arm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from remit.inference.network.graph import Pair
from remit.inference.network.network import Network
from remit.vocabulary.errors import InputRefused

CLASSES = ("none", "common", "random")


@dataclass(frozen=True, slots=True, eq=False)
class Basics:
    """The coefficients of a fit, M of them for K treatments; a split's and the mean course's follow, unnamed here.

    Attributes:
        pairs: what each compares: (reference, treatment), (reference, class) or, unrelated, (first arm, treatment).
        loading: (K, M) how many of each make up a treatment's effect beside the reference; all zero when unrelated.
        within: (M,) True for a treatment's departure from its class.
        classes: class to its place among the coefficients.
    """

    pairs: tuple[Pair, ...]
    loading: NDArray[np.float64]
    within: NDArray[np.bool_]
    classes: dict[str, int]


def basics_of(network: Network, classes: str = "none", *, unrelated: bool = False) -> Basics:
    """The basic effects of a network.

    Args:
        network: from `make_network`.
        classes: ``none``, ``common`` or ``random``.
        unrelated: every comparison with a study's first arm gets an effect of its own.

    Raises:
        InputRefused: classes do not go with the table.
    """
    reference, others = network.treatments[0], network.treatments[1:]
    if unrelated:
        if classes != "none":
            raise InputRefused(
                "effects of classes are consistent effects", remedy="Leave --class-effects out", where="--effects"
            )
        pairs = _compared(network)
        return Basics(pairs, np.zeros((len(network.treatments), len(pairs))), np.zeros(len(pairs), dtype=bool), {})
    if classes == "none":
        pairs = tuple((reference, name) for name in others)
        loading = np.vstack([np.zeros(len(others)), np.eye(len(others))])
        return Basics(pairs, loading, np.zeros(len(others), dtype=bool), {})
    group = class_of(network)
    columns: dict[str, int] = {}
    alone = [name for name in others if name not in group]
    own = [name for name in others if name in group] if classes == "random" else []
    for name in others:
        columns.setdefault(f"class {group[name]}" if name in group else name, len(columns))
    width = len(columns) + len(own)
    loading = np.zeros((len(network.treatments), width))
    for number, name in enumerate(others, 1):
        loading[number, columns[name if name in alone else f"class {group[name]}"]] = 1.0
        if name in own:
            loading[number, len(columns) + own.index(name)] = 1.0
    within = np.arange(width) >= len(columns)
    pairs = tuple((reference, name) for name in [*columns, *own])
    places = {said: columns[f"class {said}"] for said in dict.fromkeys(group[name] for name in others if name in group)}
    return Basics(pairs, loading, within, places)


def class_of(network: Network) -> dict[str, str]:
    """Class of each treatment but the reference, where the table gives one.

    Raises:
        InputRefused: there are no classes, no two treatments share one, or one holds the reference and others.
    """
    reference, others = network.treatments[0], network.treatments[1:]
    group = {name: network.classes[name] for name in others if name in network.classes}
    where = f"{network.table.name}, column class"
    beside = [name for name in group if group[name] == network.classes.get(reference)]
    if beside:
        raise InputRefused(
            f"{beside[0]} stands in the class of the reference {reference}, whose effect is zero",
            allowed="a class of its own for the reference, or none",
            where=where,
        )
    if len(set(group.values())) == len(group):
        raise InputRefused(
            "no two treatments share a class", allowed="a column class that names the class of each treatment",
            remedy="Leave --class-effects out", where=where,
        )  # fmt: skip
    return group


def _compared(network: Network) -> tuple[Pair, ...]:
    found = {
        (study.arms[0].treatment, arm.treatment)
        for study in network.studies
        for arm in study.arms[1:]
        if arm.treatment != study.arms[0].treatment
    }
    place = {name: number for number, name in enumerate(network.treatments)}
    return tuple(sorted(found, key=lambda pair: (place[pair[0]], place[pair[1]])))
