"""One route beside the others, in numbers of the kinetic models at the usual dose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from remit.answers.claims.verdict import AGAINST, FOR, NEITHER
from remit.answers.route_concentrations import Row, at_the_usual_dose
from remit.vocabulary.drugs import Drug

_SAID = {
    "tmax_min": ("tmax_min", "typical", 1.0, "highest after {:.0f} min"),
    "cmax_cv": ("cmax_ng_per_ml", "cv", 100.0, "SD of the peak {:.0f} % of its mean"),
    "auc_cv": ("auc_ng_h_per_ml", "cv", 100.0, "SD of the exposure {:.0f} % of its mean"),
}
"""Of each measure of claims.yaml: quantity, which of its numbers, what it is multiplied with, and words."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Another route, and which way it speaks.

    Attributes:
        speaks: ``for`` where its number is larger than that of the route asked about, ``against`` where smaller.
        text: what it is.
        is_published: whether its kinetics were published for it, its absorption not being assumed.
        source_id: where the model was seen.
    """

    speaks: str
    text: str
    is_published: bool
    source_id: str

    def as_dict(self) -> dict[str, Any]:
        """As evidence of a part."""
        return {"speaks": self.speaks, "text": self.text, "source_ids": [self.source_id]}


def beside(of: Mapping[str, Any], apart: float) -> tuple[str, list[Beside]]:
    """What is said of a route of ketamine, and every other route of ketamine and esketamine beside it.

    Args:
        of: ``measure`` and ``route`` of claims.yaml.
        apart: by which share of the smaller number two must differ [fraction].
    """
    quantity, which, factor, words = _SAID[of["measure"]]

    def number(row: Row) -> float:
        return factor * row[quantity][which]

    held = at_the_usual_dose()
    own = next(each for each in held if each.drug is Drug.KETAMINE and each.route == of["route"])
    mine = number(own.row)
    others = []
    for each in held:
        if each.route == of["route"]:
            continue
        its = number(each.row)
        is_apart = max(mine, its) >= (1.0 + apart) * min(mine, its)
        speaks = NEITHER if not is_apart else FOR if its > mine else AGAINST
        text = f"{each.label}: {words.format(its)} ({each.spread_is})"
        others.append(Beside(speaks, text, each.spread_is == "published", each.source_id))
    return words.format(mine), others
