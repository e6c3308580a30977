"""remit how-fast: how fast does it work, for a regimen."""

from __future__ import annotations

from remit.cli.course_command import NO_ADVICE, USUAL, CourseCommand

app = CourseCommand(
    name="how-fast",
    says="How fast does ketamine work for anxiety: chances by time, beside what happens without the drug.",
    epilog=f"{USUAL}A clinic's course: --sessions 6 --spacing 2d. {NO_ADVICE}",
).app()
