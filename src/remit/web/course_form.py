"""The question as a sentence to fill in: its fields, what may be chosen, and how an address is read back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

from remit.answers.question import HowFast
from remit.answers.typed_question import question_of
from remit.evidence.instruments import load_scales
from remit.vocabulary.clock import MINUTES_PER_HOUR
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.errors import InputRefused, OutOfRange
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import DoseUnit

GIVEN = {
    Route.IV: "into a vein", Route.IM: "into a muscle", Route.SC: "under the skin",
    Route.SUBLINGUAL: "under the tongue", Route.BUCCAL: "in the cheek", Route.NASAL: "into the nose",
    Route.ORAL: "by mouth",
}  # fmt: skip
SPACINGS = (
    ("1d", "every day"), ("2d", "every 2 days"), ("3d", "every 3 days"), ("84h", "twice a week"), ("7d", "every week"),
    ("14d", "every 2 weeks"), ("28d", "every 4 weeks"),
)  # fmt: skip
THEN = (
    ("none", "no more sessions"), ("weekly", "a session every week"), ("fortnightly", "a session every 2 weeks"),
    ("monthly", "a session every 4 weeks"),
)  # fmt: skip
"""How sessions go on after the series, by the names of `remit.answers.maintenance.SCHEDULES`."""
PLAIN = {
    "drug": "ketamine", "route": "iv", "dose": "0.5", "unit": "mg/kg", "over": "40", "sessions": "1", "spacing": "2d",
    "then": "none", "diagnosis": "mixed_anxiety", "scale": "GAD-7", "baseline": "", "weight": "", "extrapolate": "",
}  # fmt: skip
"""Fields as they stand before anything is changed; the question of most controlled trials."""


@dataclass(frozen=True, slots=True)
class CourseForm:
    """The fields as typed, and the question they ask where they ask one.

    Attributes:
        typed: by field.
        question: checked; None where it was refused.
        wrong: the field that was refused; empty where none was.
        plain: what an address leaves out, because it is filled in already.
    """

    typed: Mapping[str, str]
    question: HowFast | None
    wrong: str = ""
    plain: Mapping[str, str] = field(default_factory=lambda: PLAIN)

    @property
    def address(self) -> str:
        """The fields that differ from what is filled in, as the query of an address."""
        return urlencode([(name, text) for name, text in self.typed.items() if text != self.plain[name]])

    def going_on(self, then: str) -> str:
        """The same course with sessions after it, as the query of the page about how long it lasts.

        Args:
            then: one of `THEN`.
        """
        asked = {**self.typed, "then": then}
        # that page fills in another number of sessions, so this one is always said
        return urlencode([(name, text) for name, text in asked.items() if text != PLAIN[name] or name == "sessions"])

    def for_programs(self, hides: Collection[str] = ()) -> str:
        """The same as the query of the interface for programs.

        Args:
            hides: fields that the question does not ask.
        """
        typed = {
            name: text for name, text in self.typed.items() if name not in {"unit", "dose", "over", "then"} and text
        }
        typed["dose"] = f"{self.typed['dose']}{self.typed['unit']}"
        if self.typed["over"] and self.typed["route"] == Route.IV.value:
            typed["over"] = f"{self.typed['over']}min"
        if "extrapolate" in typed:
            typed["extrapolate"] = "true"
        return urlencode({name: text for name, text in typed.items() if name not in hides})


def typed_fields(given: Mapping[str, str]) -> dict[str, str]:
    """Every field with what an address gives for it; a dose may carry its unit."""
    typed = {name: given.get(name, plain).strip()[:40] for name, plain in PLAIN.items()}
    if typed["then"] not in dict(THEN):
        typed["then"] = PLAIN["then"]
    for unit in sorted(DoseUnit, key=len, reverse=True):
        bare = typed["dose"].lower().replace(" ", "")
        if bare.endswith(unit.value):
            typed["dose"], typed["unit"] = bare.removesuffix(unit.value), unit.value
            break
    typed["over"] = typed["over"].lower().removesuffix("min").strip()
    return typed


def asked(typed: Mapping[str, str]) -> HowFast:
    """The question that fields ask.

    Raises:
        InputRefused: a field cannot be used; the message names it.
    """
    return question_of(
        drug=typed["drug"],
        route=typed["route"],
        dose=f"{typed['dose']}{typed['unit']}",
        over=f"{typed['over']}min" if typed["over"] and typed["route"] == Route.IV.value else None,
        sessions=_whole(typed["sessions"], "--sessions"),
        spacing=typed["spacing"],
        weight=typed["weight"] or None,
        level=0.9,
        extrapolate=typed["extrapolate"] in {"yes", "on", "true", "1"},
        diagnosis=typed["diagnosis"],
        scale=typed["scale"],
        baseline=_number(typed["baseline"], "--baseline") if typed["baseline"] else None,
    )


def _whole(text: str, where: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise OutOfRange(f"{text!r} is no whole number", allowed="1 to 100", where=where)
    return int(text)


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise InputRefused(f"{text!r} is no number", where=where) from None


@cache
def _usable_scales() -> tuple[str, ...]:
    return tuple(name for name, scale in load_scales().items() if scale.response_fraction is not None)


def choices() -> dict[str, list[tuple[str, str]]]:
    """What each field may be, with its words."""
    return {
        "drug": [(drug.value, drug.value) for drug in Drug],
        "route": [(route.value, words) for route, words in GIVEN.items()],
        "unit": [(unit.value, unit.value) for unit in DoseUnit],
        "spacing": list(SPACINGS),
        "then": list(THEN),
        "diagnosis": [(each.value, each.spoken) for each in Diagnosis],
        "scale": [(name, name) for name in _usable_scales()],
    }


def bounds(typed: Mapping[str, str]) -> str:
    """What is allowed, said before anything is refused."""
    scale = load_scales().get(typed["scale"])
    total = (
        f"; {scale.name} from {scale.low:g} to {scale.high:g}, the typical start of trials if left empty"
        if scale
        else ""
    )
    minutes = round(HowFast().duration_h * MINUTES_PER_HOUR)
    infusion = f"; an infusion usually lasts {minutes} minutes" if typed["route"] == Route.IV.value else ""
    return f"Doses are of base{infusion}; 1 to 100 sessions; 30 to 250 kg{total}."
