"""remit evidence forest: what each trial saw by itself, beside the model."""

from __future__ import annotations

from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures


def forest(
    at: Annotated[str, typer.Option(help="When, after the last session: 2h, 24h, 7d ... 28d.")] = "24h",
    level: named.Level = 0.9,
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
    as_json: named.AsJson = False,
) -> None:
    """What each trial saw by itself at about a time, with its interval, by masking, beside the model asked the same."""
    check_pictures(chart or [], theme)
    from remit.cli.compiled import keep_compiled
    from remit.vocabulary.clock import parse_duration

    at_h = parse_duration(at, where="--at")
    keep_compiled()
    from remit.answers.forest import forest as answered

    found = answered(at_h, level).as_dict()
    if chart:
        from remit.reports.forest_of_trials_chart import described, forest_of_trials_chart, forest_table
        from remit.reports.frame import save_drawn

        for path in chart:
            save_drawn(
                forest_of_trials_chart(found, theme), "What each trial saw itself", described(found),
                [("In numbers", *forest_table(found))], path,
            )  # fmt: skip
    print_answer(found, "forest_page", chart or [], as_json=as_json)
