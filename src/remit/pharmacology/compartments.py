"""Parent, metabolites, depots and transit stages laid out as one linear system."""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import NDArray

from remit.pharmacology.linear_system import Input, amounts
from remit.pharmacology.published_models import Substance, Way
from remit.vocabulary.units import NG_PER_ML_IN_MG_PER_L

Floats = NDArray[np.float64]


class Layout:
    """A linear system under construction: places get numbers, flows fill the matrix."""

    def __init__(self, people: int) -> None:
        self.people = people
        self.places: dict[str, int] = {}
        self.flows: list[tuple[int, int | None, Array, Array | float]] = []

    def place(self, name: str) -> int:
        """The number of a place, new or known."""
        return self.places.setdefault(name, len(self.places))

    def flow(self, source: str, target: str | None, rate: Array, kept: Array | float = 1.0) -> None:
        """What leaves a place [1/h], and the mass that arrives elsewhere for each mass that leaves; None is lost."""
        self.flows.append((self.place(source), None if target is None else self.place(target), rate, kept))

    def matrix(self) -> Float[Array, "people size size"]:
        """K [1/h]."""
        size = len(self.places)
        matrix = jnp.zeros((self.people, size, size))
        for source, target, rate, kept in self.flows:
            matrix = matrix.at[:, source, source].add(-rate)
            if target is not None:
                matrix = matrix.at[:, target, source].add(rate * kept)
        return matrix


def lay_out(substances: Sequence[Substance], people: int) -> Layout:
    """The substances of a model, each formed from the one before it."""
    layout = Layout(people)
    entry: dict[str, tuple[str, Array | float]] = {}
    for before, substance in zip([None, *substances], substances, strict=False):
        for name in substance.names:
            layout.place(f"{substance.analyte}/{name}")
        for position, (a, b) in enumerate(substance.tree.links):
            flow = substance.tree.flows[..., position]
            one, other = f"{substance.analyte}/{substance.names[a]}", f"{substance.analyte}/{substance.names[b]}"
            layout.flow(one, other, flow / substance.tree.volumes[..., a])
            layout.flow(other, one, flow / substance.tree.volumes[..., b])
        if before is None:
            continue
        head = f"{substance.analyte}/{substance.names[0]}"
        for stage in range(len(substance.stages) - 1, -1, -1):
            place = f"{substance.analyte}/stage{stage + 1}"
            layout.flow(place, head, substance.stages[stage])
            head = place
        entry[substance.analyte] = (head, substance.share if substance.share is not None else 1.0)
    for substance, after in zip(substances, [*substances[1:], None], strict=True):
        for by, (at, rate) in substance.losses.items():
            source = f"{substance.analyte}/{substance.names[at]}"
            if after is not None and after.formed_by == by:
                target, kept = entry[after.analyte]
                layout.flow(source, target, rate, kept)
            else:
                layout.flow(source, None, rate)
    return layout


def concentrations(
    substances: Sequence[Substance],
    routes: Sequence[tuple[Way, list[int]]],
    amounts_mg: Float[Array, "people doses"],
    starts_h: Floats,
    times_h: Floats,
) -> Float[Array, "people substances times"]:
    """Concentration [ng/mL] of each substance in its first compartment.

    Args:
        substances: the parent and its metabolites in order of formation.
        routes: ways of the doses, and which doses take each.
        amounts_mg: amount of each dose [mg].
        starts_h: start of each dose [h].
        times_h: times [h], rising.
    """
    people = amounts_mg.shape[0]
    layout = lay_out(substances, people)
    entered: list[tuple[str, Way, list[int]]] = []
    by_analyte = {substance.analyte: substance for substance in substances}
    for number, (way, doses) in enumerate(routes):
        if way.into.startswith("metabolite:"):
            formed = by_analyte.get(way.into.removeprefix("metabolite:"))
            if formed is None:
                continue  # that metabolite is not asked for, and nothing of this way reaches the parent
            target = f"{formed.analyte}/stage1" if formed.stages else f"{formed.analyte}/{formed.names[0]}"
            kept: Array | float = formed.share if formed.share is not None else 1.0
        else:
            target, kept = f"{substances[0].analyte}/{way.into}", 1.0
        hops = [rate for rate in (way.depot, *way.stages) if rate is not None]
        for hop in range(len(hops) - 1, -1, -1):
            place = f"way{number}/{hop}"
            layout.flow(place, target, hops[hop], kept)
            target, kept = place, 1.0
        entered.append((target, way, doses))
    matrix = layout.matrix()
    given = tuple(
        Input(
            layout.places[target],
            amounts_mg[:, doses]
            * jnp.broadcast_to(way.fraction, (*way.fraction.shape[:-1], amounts_mg.shape[1]))[..., doses],
            starts_h[doses],
            way.zero_order_h,
        )
        for target, way, doses in entered
    )
    content = amounts(matrix, given, times_h)
    found = []
    for substance in substances:
        at = layout.places[f"{substance.analyte}/{substance.names[0]}"]
        found.append(content[..., at] / substance.tree.volumes[..., :1] * NG_PER_ML_IN_MG_PER_L)
    return jnp.stack(found, axis=1)
