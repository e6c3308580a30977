"""remit evidence without: studies left out, and how each answer moves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures


def without(
    masking: Annotated[str | None, typer.Option(help="Studies masked so: open, inert_control ...")] = None,
    design: Annotated[str | None, typer.Option(help="Studies of a design: open_label, rct_crossover ...")] = None,
    sponsor: Annotated[str | None, typer.Option(help="company: data of the maker.")] = None,
    diagnosis: Annotated[str | None, typer.Option(help="Studies of a population: PTSD, OCD, SAD ...")] = None,
    study: Annotated[list[str] | None, typer.Option(help="A study; may be given again.", metavar="STUDY")] = None,
    every: Annotated[
        bool, typer.Option("--every", help="Pick trials of daily medicines and therapies as well.")
    ] = False,
    retracted: Annotated[bool, typer.Option("--retracted", help="Retracted studies: none of them is used.")] = False,
    refitted: Annotated[
        Path | None,
        typer.Option(help="Folder of remit calibrate --without ..., instead of weights.", metavar="FOLDER"),
    ] = None,
    as_json: named.AsJson = False,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """Leave studies out and see each answer move: numbers with intervals, verdicts, certainty."""
    pictures = chart or []
    check_pictures(pictures, theme)
    from remit.evidence.trials import load_trials

    if retracted:
        gone = ", ".join(name for name, trial in load_trials().items() if trial.is_retracted)
        typer.echo(f"Retracted and used in no answer, so nothing moves: {gone}.")
        if not (masking or design or sponsor or diagnosis or study):
            return
    from remit.answers.without import answers_without, chosen

    picked = chosen(
        masking=masking, design=design, sponsor=sponsor, diagnosis=diagnosis, studies=study or (), every=every
    )

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.fitted import load

    answer = answers_without(picked, load(), None if refitted is None else load(refitted)).as_dict()
    if pictures:
        from remit.reports.picture import drawn, write_whole
        from remit.reports.without_page import without_chart

        for path in pictures:
            picture = drawn(
                without_chart(answer, theme), path.suffix.lower(), answer["question"], answer["sentence"], list
            )
            write_whole(picture, path)
    print_answer(answer, "without_page", pictures, as_json=as_json)
