"""remit versus: ketamine beside every other treatment of the evidence."""

from __future__ import annotations

from remit.cli.course_command import NO_ADVICE, USUAL, CourseCommand

app = CourseCommand(
    name="versus",
    says="Compared with what: ketamine beside SSRIs, other daily medicines and CBT, on one clock.",
    epilog=f"{USUAL}A clinic's course: --sessions 6 --spacing 2d. {NO_ADVICE}",
    fixed={"people": None},
).app()
