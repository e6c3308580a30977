"""Why: the chain has its shape, every link its sources, and a moved assumption moves the answer the right way."""

import json

import numpy as np
import pytest

from remit.answers.courses import Rating, session_courses
from remit.answers.question import HowFast
from remit.answers.why import why
from remit.evidence.assumptions import load_assumptions
from remit.evidence.links import STANDINGS, load_chain, parse_chain
from remit.evidence.sources import load_sources
from remit.inference.before_data import before_data
from remit.vocabulary.dosing import Route
from remit.vocabulary.errors import EvidenceRefused


@pytest.fixture(scope="module")
def answer():
    return why(HowFast(draws=10), before_data(10, 3)).as_dict()


def test_every_link_has_a_standing_and_known_sources():
    links = load_chain().links
    assert links[0].start == "dose"
    assert {link.end for link in links} >= {"plasma", "receptor block", "plasticity", "symptoms"}
    for link in links:
        assert link.standing in STANDINGS
        assert set(link.sources) <= set(load_sources())
        assert set(link.assumptions) <= set(load_assumptions())


def test_every_fixed_assumption_is_moved_or_says_why_not(answer):
    found = answer["detail"]["sensitivity"]
    moved, left = ({row["id"] for row in found[name]} for name in ("moved", "not_moved"))
    assert moved | left == {each.id for each in load_assumptions().values() if each.kind == "fixed"}
    assert not moved & left
    assert all("No way to move it" not in row["reason"] for row in found["not_moved"])


def test_a_smaller_half_effect_concentration_gives_more_response(answer):
    row = next(row for row in answer["detail"]["sensitivity"]["moved"] if row["id"] == "drive_c50")
    low, high = row["ends"]
    assert low["value"] < row["value"] < high["value"]
    assert low["at"][0]["change_percent"] > 0 > high["at"][0]["change_percent"]


def test_the_steps_of_the_chain_follow_each_other(answer):
    peaks = answer["detail"]["peaks"]
    assert peaks["plasma"]["time_h"] == pytest.approx(2 / 3, abs=1e-5)
    assert peaks["plasma"]["time_h"] <= peaks["receptor_block"]["time_h"] < peaks["plasticity"]["time_h"]
    steps = answer["detail"]["chain"]
    for name in ("plasma", "receptor_block", "plasticity"):
        assert min(steps[name]["typical"]) >= -1e-9
    assert max(steps["plasticity"]["typical_high"]) <= 100
    assert steps["symptoms"]["typical"][0] == pytest.approx(answer["detail"]["scale"]["baseline_points"])
    together = zip(steps["symptoms"]["typical"], steps["symptoms_without"]["typical"], strict=True)
    assert all(own <= without + 1e-6 for own, without in together)


def test_the_chain_is_the_forward_model_of_every_other_answer(answer):
    """The typical person's course here is the one that how-fast draws, by another road through the same model."""
    question, posterior = HowFast(draws=10), before_data(10, 3)
    steps = answer["detail"]["chain"]
    times = np.array(steps["time_h"])
    scale = answer["detail"]["scale"]
    ones = np.exp(np.asarray(posterior.of_scale(scale["name"], question.seed)))
    rating = Rating(scale["low"], scale["high"], 1.0, scale["baseline_points"], 1.0, ones)
    run = session_courses(
        posterior, question.regimen(), question.diagnosis, question.weight_kg, rating, (5.0,), times, times[-1:], 8,
        question.seed,
    )  # fmt: skip
    # grids differ, so plasticity differs by the error of its step
    assert steps["symptoms"]["typical"] == pytest.approx(np.median(run.typical, axis=0), abs=0.03)


def test_an_assumed_absorption_takes_the_first_link_down():
    from remit.answers.why import _plain
    from remit.pharmacology.chosen_records import kinetics
    from remit.vocabulary.drugs import Drug

    first = load_chain().links[0]
    swallowed = {"kinetic_assumptions": list(kinetics(Drug.KETAMINE, Route.ORAL).assumptions)}
    assert _plain(first, {"kinetic_assumptions": []})["standing"] == "measured"
    assert _plain(first, swallowed)["standing"] == "indirect"


def test_a_link_without_a_known_source_is_refused():
    text = (
        "links:\n- {id: a, from: b, to: c, standing: assumed, statement: s, gap: g, sources: [nobody2020], "
        "assumptions: []}\n"
    )
    with pytest.raises(EvidenceRefused, match="nobody2020"):
        parse_chain(text)


def test_the_answer_is_plain(answer):
    json.dumps(answer, allow_nan=False)
    assert "without fitting the model again" in answer["sentence"] or "half a person" in answer["sentence"]


def test_a_series_peaks_in_its_first_session_and_builds_up(answer):
    series = why(HowFast(draws=10, sessions=3), before_data(10, 3)).as_dict()["detail"]
    once = answer["detail"]
    assert series["peaks"]["plasma"]["time_h"] == once["peaks"]["plasma"]["time_h"]
    assert series["peaks"]["plasticity"]["value"] > once["peaks"]["plasticity"]["value"]
    assert series["peaks"]["plasticity"]["time_h"] > 96.0
