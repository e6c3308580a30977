"""Which treatments were compared with which: connected parts, and comparisons with direct and indirect evidence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Pair = tuple[str, str]


def neighbours(studies: Iterable[Iterable[str]]) -> dict[str, set[str]]:
    """Treatments compared with each treatment in one study at least."""
    found: dict[str, set[str]] = {}
    for each in studies:
        own = set(each)
        for treatment in own:
            found.setdefault(treatment, set()).update(own - {treatment})
    return found


def reached(start: str, graph: Mapping[str, set[str]]) -> set[str]:
    """Everything that a path leads to."""
    found, edge = {start}, [start]
    while edge:
        new = graph.get(edge.pop(), set()) - found
        found |= new
        edge += new
    return found


def parts(studies: Iterable[Iterable[str]]) -> list[set[str]]:
    """Connected parts, the largest first."""
    graph = neighbours(studies)
    left, found = set(graph), []
    while left:
        part = reached(min(left), graph)
        found.append(part)
        left -= part
    return sorted(found, key=lambda part: (-len(part), min(part)))


def split_pairs(studies: Iterable[Iterable[str]], order: list[str]) -> list[Pair]:
    """Pairs compared in one study at least that stay connected without the studies that compare them.

    Studies that compare the pair give direct evidence, all others indirect evidence; a study of three arms, of which
    two are the pair, gives direct evidence only.
    """
    every = [frozenset(each) for each in studies]
    found = []
    for number, first in enumerate(order):
        for second in order[number + 1 :]:
            own = [each for each in every if {first, second} <= each]
            rest = [each for each in every if not {first, second} <= each]
            if own and second in reached(first, neighbours(rest)):
                found.append((first, second))
    return found
