"""What programs may ask, with ranges: the names of the fields are those of the command line."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from remit.answers.question import SEED, HowFast
from remit.answers.typed_question import question_of
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis

Strict = ConfigDict(extra="forbid")
DRUGS = Literal["ketamine", "esketamine"]
ROUTES = Literal["iv", "im", "sc", "sl", "buccal", "in", "po"]
DIAGNOSES = Literal["GAD", "SAD", "PD", "PTSD", "OCD", "mixed_anxiety", "anxious_depression"]
Level = Annotated[float, Field(ge=0.5, lt=1, description="Of the intervals, as a fraction.")]
Dose = Annotated[
    str,
    Field(
        pattern=r"^\s*\d{1,6}(\.\d{1,6})?\s*[mM][gG](/[kK][gG])?\s*$", description="Of one session, as base.",
        examples=["0.5mg/kg", "56mg"],
    ),
]  # fmt: skip
Duration = Annotated[
    str, Field(pattern=r"^\s*\d{1,5}(\.\d{1,4})?\s*(min|h|d|w)\s*$", description="A number with min, h, d or w.")
]


class _Dose(BaseModel):
    """One dose and how the answer is to be computed."""

    model_config = Strict

    dose: Dose = "0.5mg/kg"
    over: Annotated[Duration | None, Field(description="Length of an infusion; only for iv.")] = None
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
    spacing: Duration = "2d"


class _People(BaseModel):
    """Who is treated, and how they are rated."""

    diagnosis: DIAGNOSES = "mixed_anxiety"
    scale: Annotated[str, Field(max_length=40, description="How anxiety is rated.")] = "GAD-7"
    baseline: Annotated[float | None, Field(ge=0, le=1000, description="Total before the first session.")] = None


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


Code = Annotated[str, Field(max_length=60, pattern=r"^[A-Za-z0-9_.-]+$")]


class LeftOut(BaseModel):
    """Which studies to leave out, any that one of these picks: the options of ``remit evidence without``."""

    model_config = Strict

    masking: Annotated[Code | None, Field(description="Studies masked so.")] = None
    design: Annotated[Code | None, Field(description="Studies of a design.")] = None
    sponsor: Annotated[Code | None, Field(description="`company`: data of the maker.")] = None
    diagnosis: Annotated[Code | None, Field(description="Studies of a population.")] = None
    study: Annotated[list[Code], Field(max_length=20, description="Ids of studies.")] = []
    every: Annotated[bool, Field(description="Pick trials of daily medicines and therapies as well.")] = False

    def criteria(self) -> tuple[str | None, str | None, str | None, str | None, tuple[str, ...], bool]:
        """What picks the studies, in the order of the fields."""
        return self.masking, self.design, self.sponsor, self.diagnosis, tuple(self.study), self.every


class Plan(BaseModel):
    """A session to plan: the options of ``remit session-plan``."""

    model_config = Strict

    start: Annotated[str, Field(max_length=40, examples=["2026-12-01 09:30"])]
    drug: DRUGS = "ketamine"
    route: ROUTES = "iv"
    dose: Dose = "0.5mg/kg"
    over: Duration | None = None
    policy: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z_]+$")] = None


class Screen(BaseModel):
    """A record of a person, and how the rules are read."""

    model_config = Strict

    record: Annotated[
        dict[str, Any], Field(description="As `remit screen --template` prints it; any field may be left out.")
    ]
    policy: Annotated[str | None, Field(max_length=40, pattern=r"^[a-z_]+$")] = None


class Visits(BaseModel):
    """One person's record, and what it leaves open: the options of ``remit forecast``."""

    model_config = Strict

    visits: Annotated[
        str | list[dict[str, Any]] | None,
        Field(description="The text of a CSV (day,score ...), or a list of visits; none: before any score."),
    ] = None
    scale: Annotated[str | None, Field(max_length=40)] = None
    drug: DRUGS | None = None
    route: ROUTES | None = None
    dose: Dose = "0.5mg/kg"
    over: Duration | None = None
    sessions: Annotated[int, Field(ge=1, le=100)] = 1
    spacing: Duration = "2d"
    daily: Annotated[str | None, Field(max_length=60)] = None
    diagnosis: DIAGNOSES | None = None
    baseline: Annotated[float | None, Field(ge=0, le=1000)] = None
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
