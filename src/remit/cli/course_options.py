"""Options by which a course, the people and the scale are named, the same in every command that asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remit.cli.typed import read_dose, read_drug, read_infusion, read_weight
from remit.vocabulary.clock import HOURS_PER_DAY, parse_duration
from remit.vocabulary.dosing import parse_route
from remit.vocabulary.people import parse_diagnosis

if TYPE_CHECKING:
    from remit.answers.question import HowFast

DrugName = Annotated[str, typer.Option("--drug", help="ketamine or esketamine.")]
RouteName = Annotated[str, typer.Option("--route", help="iv, im, sc, sl, buccal, in (nasal) or po (oral).")]
DoseOf = Annotated[str, typer.Option("--dose", help="Of one session, as base: 0.5mg/kg, 56mg.")]
Over = Annotated[
    str | None,
    typer.Option("--over", help="Length of an infusion: 40min (what is taken if left out), 1h. Only for iv."),
]
Sessions = Annotated[int, typer.Option("--sessions", help="Number of sessions.")]
Spacing = Annotated[str, typer.Option("--spacing", help="From one session to the next: 2d, 1w.")]
DiagnosisName = Annotated[
    str, typer.Option("--diagnosis", help="GAD, SAD, PD, PTSD, OCD, mixed_anxiety or anxious_depression.")
]
ScaleName = Annotated[str, typer.Option("--scale", help="How anxiety is rated: GAD-7, HAM-A, LSAS, CAPS-5, PCL-5 ...")]
Baseline = Annotated[
    float | None,
    typer.Option("--baseline", help="Total before the first session; the typical one of published trials if left out."),
]
Weight = Annotated[
    str | None,
    typer.Option("--weight", help="Body weight in kg; the median of the largest kinetic analysis if left out."),
]
Level = Annotated[float, typer.Option("--level", help="Of the intervals, as a fraction.")]
Seed = Annotated[
    int | None, typer.Option("--seed", help="Seed of the virtual people; the same seed gives the same answer.")
]
Draws = Annotated[int | None, typer.Option("--draws", help="Draws of the posterior they are followed under.")]
Extrapolate = Annotated[bool, typer.Option("--extrapolate", help="Allow a dose above any published one; marked.")]
PosteriorFolder = Annotated[
    Path | None,
    typer.Option("--posterior", help="Folder of a posterior of your own, from remit calibrate.", metavar="FOLDER"),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
Pictures = Annotated[
    list[Path] | None,
    typer.Option(
        "--chart", help="Draw the picture: FILE.svg, .png, .pdf or .html; may be given again.", metavar="FILE"
    ),
]
ThemeName = Annotated[str, typer.Option("--theme", help="Of the picture: light or dark.")]


def question_of(
    *,
    drug: str,
    route: str,
    dose: str,
    over: str | None,
    sessions: int,
    spacing: str,
    weight: str | None,
    level: float,
    extrapolate: bool,
    diagnosis: str | None = None,
    scale: str | None = None,
    baseline: float | None = None,
    **counts: int | None,
) -> HowFast:
    """The question that options ask, checked.

    Args:
        drug, route, dose, over, sessions, spacing, weight, level, extrapolate, diagnosis, scale, baseline: as typed.
        counts: ``seed``, ``people`` and ``draws``. What is left out keeps the default of the question.

    Raises:
        InputRefused: an option cannot be used; the message names it.
    """
    from remit.answers.question import HowFast

    way = parse_route(route, where="--route")
    asked = {
        "duration_h": read_infusion(over, way),
        "weight_kg": None if weight is None else read_weight(weight),
        "diagnosis": None if diagnosis is None else parse_diagnosis(diagnosis, where="--diagnosis"),
        "scale": scale,
        "baseline": baseline,
        **counts,
    }
    return HowFast(
        drug=read_drug(drug),
        route=way,
        amount=read_dose(dose),
        sessions=sessions,
        spacing_days=parse_duration(spacing, where="--spacing") / HOURS_PER_DAY,
        level=level,
        extrapolate=extrapolate,
        **{name: value for name, value in asked.items() if value is not None},
    )
