"""remit why: the chain from dose to symptoms, link by link."""

from __future__ import annotations

from remit.cli.course_command import NO_ADVICE, USUAL, CourseCommand

app = CourseCommand(
    name="why",
    says="Why would it work: dose, plasma, receptor block, plasticity, symptoms, and how well each link is known.",
    epilog=USUAL + NO_ADVICE,
    fixed={"people": None},
).app()
