"""Options by which a course, the people and the scale are named, the same in every command that asks for them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.answers.typed_question import question_of

__all__ = ["question_of"]

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
People = Annotated[int | None, typer.Option("--people", help="Virtual people.")]
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
