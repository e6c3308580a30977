"""remit by-route: concentrations and the response by route."""

from __future__ import annotations

from remit.cli.course_command import NO_ADVICE, CourseCommand

app = CourseCommand(
    name="by-route",
    says="By which route: concentrations, how far people differ, and the response, route beside route.",
    epilog="Without options: 0.5 mg/kg by every route that a collected study gave, infused over 40 minutes where it "
    f"goes into a vein. {NO_ADVICE}",
    fixed={"drug": "ketamine", "route": "iv", "sessions": 1, "spacing": "2d", "people": None},
).app()
