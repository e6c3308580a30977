"""remit for-whom: what is known of who benefits."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from remit.cli.course_command import CourseCommand


def _narrow(typed: dict[str, Any]) -> dict[str, Any]:
    """Whether one kind of person was asked about."""
    return {"narrow": any(typed[name] is not None for name in ("diagnosis", "scale", "baseline"))}


app = CourseCommand(
    name="for-whom",
    says="For whom does it work: by diagnosis, and by every trait people ask about, each with its evidence.",
    epilog="Without options: every diagnosis side by side and every trait people ask about. One kind of person more "
    "closely: --diagnosis SAD --scale LSAS --baseline 90. Not medical advice.",
    options={
        "diagnosis": (
            Annotated[
                str | None,
                typer.Option(
                    "--diagnosis", help="Look closer at GAD, SAD, PD, PTSD, OCD, mixed_anxiety or anxious_depression."
                ),
            ],
            None,
        ),
        "scale": (
            Annotated[
                str | None, typer.Option("--scale", help="How that kind of person is rated: GAD-7, LSAS, PCL-5 ...")
            ],
            None,
        ),
    },
    fixed={"people": None},
    arguments=_narrow,
).app()
