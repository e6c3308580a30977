"""remit how-long: how long does it last, and for how many under further sessions."""

from __future__ import annotations

from typing import Annotated

import typer

from remit.cli import course_options as named
from remit.cli.course_command import NO_ADVICE, CourseCommand

app = CourseCommand(
    name="how-long",
    says="How long does it last: after one session, after a series, and while sessions go on.",
    epilog="Without options: six infusions of ketamine, 0.5 mg/kg over 40 minutes, two days apart, in anxiety "
    f"disorders, on the GAD-7; after one session alone: --sessions 1. {NO_ADVICE}",
    options={
        "sessions": (named.Sessions, 6),
        "keep": (
            Annotated[
                float,
                typer.Option(
                    "--keep", help="Chance of still responding; the answer says when the model's falls below it."
                ),
            ],
            0.5,
        ),
    },
    arguments=lambda typed: {"keep": typed["keep"]},
).app()
