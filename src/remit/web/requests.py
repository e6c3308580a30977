"""What programs may ask, with ranges: the names of the fields are those of the command line."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from remit.answers.question import SEED, HowFast
from remit.answers.typed_question import question_of
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis
from remit.web import described
from remit.web.described import Described

Strict = ConfigDict(extra="forbid")
Scale = Annotated[str, Field(max_length=40), Described(described.scale)]
Total = Annotated[float, Field(ge=0, le=1000), Described(described.total)]
DRUGS = Literal["ketamine", "esketamine"]
ROUTES = Literal["iv", "im", "sc", "sl", "buccal", "in", "po"]
DIAGNOSES = Literal["GAD", "SAD", "PD", "PTSD", "OCD", "mixed_anxiety", "anxious_depression"]
Level = Annotated[float, Field(ge=0.5, lt=1, description="Of the intervals, as a fraction.")]
Dose = Annotated[
    str,
    Field(
        pattern=r"^\s*\d{1,6}(\.\d{1,6})?\s*[mM][gG](/[kK][gG])?\s*$", description="Of one session, as base.",
    ),
    Described(described.dose),
]  # fmt: skip
LENGTH = partial(Field, pattern=r"^\s*\d{1,5}(\.\d{1,4})?\s*(min|h|d|w)\s*$")
Spacing = Annotated[
    str,
    LENGTH(description="From one session to the next, 6 h to 90 days: a number with h, d or w."),
    Described(described.spacing),
]
Infusion = Annotated[str, LENGTH(), Described(described.infusion)]
Policy = Annotated[str, Field(max_length=40, pattern=r"^[a-z_]+$"), Described(described.policy)]


class _Dose(BaseModel):
    """One dose and how the answer is to be computed."""

    model_config = Strict

    dose: Dose = "0.5mg/kg"
    over: Annotated[Infusion | None, Field(description="Length of an infusion; only for iv.")] = None
    weight: Annotated[float | None, Field(ge=30, le=250, description="Body weight [kg].")] = None
    level: Level = 0.9
    seed: Annotated[int, Field(ge=0, lt=2**32)] = SEED
    extrapolate: Annotated[bool, Field(description="Allow a dose above any published one; marked.")] = False

    def question(self) -> HowFast:
        """The question it asks; what it has no field for is as in ``remit how-fast``.

        Raises:
            InputRefused: fields contradict each other or the evidence.
        """
        asked = {name: Course.model_fields[name].default for name in Course.model_fields} | self.model_dump()
        weight = asked.pop("weight")
        return question_of(weight=None if weight is None else str(weight), **asked)


class _Sessions(BaseModel):
    """What is given, how, and how often."""

    drug: DRUGS = "ketamine"
    route: ROUTES = "iv"
    sessions: Annotated[int, Field(ge=1, le=100)] = 1
    spacing: Spacing = "2d"


class _People(BaseModel):
    """Who is treated, and how they are rated."""

    diagnosis: DIAGNOSES = "mixed_anxiety"
    scale: Annotated[Scale, Field(description="How anxiety is rated.")] = "GAD-7"
    baseline: Annotated[Total | None, Field(description="Total before the first session.")] = None


class Course(_Dose, _People, _Sessions):
    """A course of sessions, the people and the scale: the options of ``remit how-fast``."""


class Series(Course):
    """A series of sessions: the options of ``remit how-long``."""

    sessions: Annotated[int, Field(ge=1, le=100)] = 6


class OneDose(_Dose, _People):
    """One dose by every route: the options of ``remit by-route``."""


class Everybody(_Dose, _Sessions):
    """A course for people of every diagnosis: the options of ``remit for-whom`` that name no diagnosis."""


class Safety(BaseModel):
    """Which side effects to show."""

    model_config = Strict

    drug: DRUGS | None = None
    route: ROUTES | None = None
    level: Level = 0.95


class Look(BaseModel):
    """When trials are looked at; other times and levels are for ``remit evidence forest``, each takes seconds."""

    model_config = Strict

    at: Annotated[Literal["2h", "24h", "3d", "7d", "14d", "28d"], Field(description="After the last session.")] = "24h"


CODE = Field(max_length=60, pattern=r"^[A-Za-z0-9_.-]+$")


class LeftOut(BaseModel):
    """Which studies to leave out, any that one of these picks: the options of ``remit evidence without``."""

    model_config = Strict

    masking: Annotated[str, CODE, Described(described.picked("masking"))] | None = None
    design: Annotated[str, CODE, Described(described.picked("design"))] | None = None
    sponsor: Annotated[str, CODE, Described(described.picked("sponsor"))] | None = None
    diagnosis: Annotated[str, CODE, Described(described.picked("diagnosis"))] | None = None
    study: Annotated[list[Annotated[str, CODE, Described(described.picked("study"))]], Field(max_length=20)] = []
    every: Annotated[bool, Field(description="Pick trials of daily medicines and therapies as well.")] = False

    def criteria(self) -> tuple[str | None, str | None, str | None, str | None, tuple[str, ...], bool]:
        """What picks the studies, in the order of the fields."""
        return self.masking, self.design, self.sponsor, self.diagnosis, tuple(self.study), self.every


class Plan(BaseModel):
    """A session to plan: the options of ``remit session-plan``."""

    model_config = Strict

    start: Annotated[str, Field(max_length=40, description="By the clock of the clinic."), Described(described.start)]
    drug: DRUGS = "ketamine"
    route: ROUTES = "iv"
    dose: Dose = "0.5mg/kg"
    over: Infusion | None = None
    policy: Policy | None = None


class Screen(BaseModel):
    """A record of a person, and how the rules are read."""

    model_config = Strict

    record: Annotated[
        dict[str, Any],
        Field(description="As `remit screen --template` prints it; any field may be left out."),
        Described(described.record),
    ]
    policy: Policy | None = None


class Visits(BaseModel):
    """One person's record, and what it leaves open: the options of ``remit forecast``."""

    model_config = Strict

    visits: Annotated[
        Annotated[str | list[dict[str, Any]], Described(described.visits)] | None,
        Field(description="The text of a CSV (day,score ...), or a list of visits; none: before any score."),
    ] = None
    scale: Scale | None = None
    drug: DRUGS | None = None
    route: ROUTES | None = None
    dose: Dose = "0.5mg/kg"
    over: Infusion | None = None
    sessions: Annotated[int, Field(ge=1, le=100)] = 1
    spacing: Spacing = "2d"
    daily: Annotated[str, Field(max_length=60), Described(described.daily)] | None = None
    diagnosis: DIAGNOSES | None = None
    baseline: Total | None = None
    weight: Annotated[float | None, Field(ge=30, le=250)] = None
    seed: Annotated[int | None, Field(ge=0, lt=2**32)] = None
    extrapolate: bool = False


def spelled_out() -> bool:
    """Whether the names written out above are those of the vocabulary; a test holds it."""
    return (
        set(get_args(DRUGS)) == {each.value for each in Drug}
        and set(get_args(ROUTES)) == {each.value for each in Route}
        and set(get_args(DIAGNOSES)) == {each.value for each in Diagnosis}
    )
