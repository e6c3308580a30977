"""remit evidence without: studies left out, and how each answer moves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from remit.cli.course_command import PICTURED, Option, offering
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

SAYS = "Leave studies out and see each answer move: numbers with intervals, verdicts, certainty."
Masking = Annotated[str | None, typer.Option(help="Studies masked so: open, inert_control ...")]
Design = Annotated[str | None, typer.Option(help="Studies of a design: open_label, rct_crossover ...")]
Sponsor = Annotated[str | None, typer.Option(help="company: data of the maker.")]
DiagnosisOf = Annotated[str | None, typer.Option(help="Studies of a population: PTSD, OCD, SAD ...")]
Studies = Annotated[list[str] | None, typer.Option(help="A study; may be given again.", metavar="STUDY")]
Every = Annotated[bool, typer.Option("--every", help="Pick trials of daily medicines and therapies as well.")]
Retracted = Annotated[bool, typer.Option("--retracted", help="Retracted studies: none of them is used.")]
Refitted = Annotated[
    Path | None,
    typer.Option(help="Folder of remit calibrate --without ..., instead of weights.", metavar="FOLDER"),
]
CRITERIA: Mapping[str, Option] = {
    "masking": (Masking, None), "design": (Design, None), "sponsor": (Sponsor, None), "diagnosis": (DiagnosisOf, None),
    "study": (Studies, None),
}  # fmt: skip
SHOWN: Mapping[str, Option] = {
    **CRITERIA, "every": (Every, False), "retracted": (Retracted, False), "refitted": (Refitted, None), **PICTURED,
}  # fmt: skip


def _answer(typed: dict[str, Any]) -> None:
    pictures = typed["chart"] or []
    check_pictures(pictures, typed["theme"])
    from remit.evidence.trials import load_trials

    if typed["retracted"]:
        gone = ", ".join(name for name, trial in load_trials().items() if trial.is_retracted)
        typer.echo(f"Retracted and used in no answer, so nothing moves: {gone}.")
        if not any(typed[name] for name in CRITERIA):
            return
    from remit.answers.without import answers_without, chosen

    picked = chosen(
        masking=typed["masking"], design=typed["design"], sponsor=typed["sponsor"], diagnosis=typed["diagnosis"],
        studies=typed["study"] or (), every=typed["every"],
    )  # fmt: skip

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.fitted import load

    refitted = typed["refitted"]
    answer = answers_without(picked, load(), None if refitted is None else load(refitted)).as_dict()
    if pictures:
        from remit.reports.picture import drawn, write_whole
        from remit.reports.without_page import without_chart

        for path in pictures:
            picture = drawn(
                without_chart(answer, typed["theme"]), path.suffix.lower(), answer["question"], answer["sentence"], list
            )
            write_whole(picture, path)
    print_answer(answer, "without_page", pictures, as_json=typed["as_json"])


without = offering(SHOWN, SAYS, _answer)
