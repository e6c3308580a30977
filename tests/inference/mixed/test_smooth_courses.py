"""Courses between observations go through the predictions at them, whatever the model."""

from pathlib import Path

import numpy as np
import pytest

from remit.inference.mixed.courses import POINTS, courses
from remit.inference.mixed.event_table import parse_events
from remit.inference.mixed.fit import prepare
from remit.inference.mixed.found import Fit
from remit.inference.mixed.model_file import Wishes, load_model
from remit.inference.mixed.residuals import observed_rows

KINETIC = """ID,TIME,AMT,DV,OCC,WT
a,0,100,.,1,.
a,1,.,5,1,70
a,6,.,3,1,70
a,24,100,.,2,70
a,25,.,6,2,70
a,30,.,2,2,70
b,0,80,.,1,60
b,2,.,4,1,60
b,20,.,1,1,60
c,0,80,.,1,60
c,9,80,.,1,60
"""
TWO = (Path(__file__).parents[2] / "golden" / "scores_of_two.csv").read_text()
SCORES = TWO[: TWO.index("b,")]
"""Those of the first person."""


def at_start(text, name, **wishes):
    """A fit that stands where the search begins, with random effects of some size."""
    table = parse_events(text)
    model, records = prepare(table, load_model(name, Wishes(**wishes), table))
    modes = np.linspace(-0.5, 0.8, len(table.people) * model.size).reshape(len(table.people), model.size)
    return Fit(
        table, model, records, "focei", model.start[model.free], 0.0, modes, (), None, 0.0, 0.0, 1, 1, quick=True
    )


@pytest.mark.parametrize(
    ("text", "name", "wishes"),
    [
        (KINETIC, "1cpt-oral", {"initial": {"KA": 1.0, "CL": 3.0, "V": 15.0}, "covariates": ["CL~WT/70^0.75"]}),
        (KINETIC.replace(",.\n", ",70\n"), "1cpt-iv", {"initial": {"CL": 3.0, "V": 15.0}, "occasion": ["CL"]}),
        (SCORES, "response:GAD-7", {}),
    ],
)
def test_a_course_goes_through_the_predictions(text, name, wishes):
    found = at_start(text, name, **wishes)
    drawn = {each["ID"]: each for each in courses(found, 30)}
    assert list(drawn) == list(found.table.people)
    shown = observed_rows(found)
    for person, time, own, typical in zip(shown["ID"], shown["TIME"], shown["IPRED"], shown["PRED"], strict=True):
        course = drawn[person]
        place = max(number for number, each in enumerate(course["time"]) if abs(each - time) < 1e-6)
        assert course["own"][place] == pytest.approx(own, rel=5e-4)  # the grid of a course is another
        assert course["typical"][place] == pytest.approx(typical, rel=5e-4)
    for course in drawn.values():
        assert len(course["time"]) >= POINTS
        assert np.isfinite(course["own"]).all()
        assert np.all(np.diff(course["time"]) >= 0)


def test_only_the_first_people_are_drawn():
    assert [each["ID"] for each in courses(at_start(KINETIC, "1cpt-iv", initial={"CL": 3.0, "V": 15.0}), 2)] == [
        "a", "b",
    ]  # fmt: skip
