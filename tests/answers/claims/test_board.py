"""The board: every claim resolves, numbers are those of the engine, and a verdict turns when what it rests on turns."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import remit
from remit.answers.answer import Basis
from remit.answers.claims.decided import by_chance, by_record, by_tally, looked_up
from remit.answers.claims.engine import Engine, Number
from remit.answers.claims.gathered import Fact, facts, ketamine_trials, statements
from remit.answers.claims.routes import beside
from remit.answers.claims.statement import Statement
from remit.answers.claims.verdict import VERDICTS, together
from remit.evidence.claims import MEASURES, load_claims
from remit.evidence.sources import load_sources
from remit.reports.claims_chart import claims_chart, in_order
from remit.reports.claims_page import page
from remit.vocabulary.errors import InputRefused

CATALOGUE = load_claims()
PARTS = [(claim.id, part) for claim in CATALOGUE.claims.values() for part in claim.parts]


class Made:
    """An engine whose numbers are made up."""

    weight = None

    def __init__(self, *values):
        self.values = iter(values)

    def number(self, of):
        return Number(np.asarray(next(self.values), dtype=float), "h", str(of))


BASIS = Basis(("a",), 10, {}, "low", ("made up",), {})


def chance_part():
    return next(part for name, part in PARTS if name == "onset-hours" and part.id == "timing")


@settings(max_examples=40)
@given(st.integers(0, 200))
def test_a_number_decides_by_the_share_of_draws_that_keep_its_limit(kept):
    part = chance_part()
    values = np.where(np.arange(200) < kept, part.at_least, part.at_least - 1.0)
    found = by_chance(part, Made(values), BASIS, CATALOGUE.thresholds)
    share = kept / 200
    wanted = (
        "supported"
        if share >= 0.9
        else "suggested"
        if share >= 0.6
        else "unsupported"
        if share > 0.1
        else "contradicted"
    )
    assert found.verdict == wanted
    assert f"{100 * share:.0f} of 100 draws" in found.line


def test_a_difference_is_taken_within_a_draw():
    part = replace(chance_part(), minus={"what": "x", "course": "one"}, at_least=0.0)
    values = np.arange(10.0)
    assert by_chance(part, Made(values, values), BASIS, CATALOGUE.thresholds).verdict == "supported"
    assert by_chance(part, Made(values, values[::-1]), BASIS, CATALOGUE.thresholds).verdict == "unsupported"
    very_low = replace(BASIS, certainty="very low")
    assert by_chance(part, Made(values, values), very_low, CATALOGUE.thresholds).verdict == "suggested"


def test_a_diagnosis_without_a_trial_is_unknown_whatever_the_number():
    part = next(part for name, part in PARTS if name == "ptsd-panic-social" and part.id == "panic")
    assert ketamine_trials("PD") == ()
    found = by_chance(part, Made(np.full(10, 100.0)), BASIS, CATALOGUE.thresholds)
    assert found.verdict == "unknown"
    assert "no usable trial" in found.line


def statement(study, speaks, **changes):
    fields = {"text": "t", "is_direct": True, "people": "anxiety", "n": 300, "is_randomised": True, "is_masked": True,
              "source_id": "glue2017_abstract", "note": ""}  # fmt: skip
    return Statement(study, speaks, **{**fields, **changes})


def test_studies_are_counted_once_and_turn_the_verdict():
    part = next(part for _, part in PARTS if part.rule == "tally")
    for_it = [statement("a", "for"), statement("a", "for"), statement("b", "for")]
    assert by_tally(part, for_it, CATALOGUE.thresholds).verdict == "supported"
    assert by_tally(part, for_it[:2], CATALOGUE.thresholds).verdict == "suggested"
    against = [statement("a", "against"), statement("b", "against")]
    assert by_tally(part, against, CATALOGUE.thresholds).verdict == "contradicted"
    carried = [statement("a", "for", is_direct=False), statement("b", "for", is_direct=False)]
    found = by_tally(part, carried, CATALOGUE.thresholds)
    assert found.verdict == "suggested"
    assert found.ground == "elsewhere"
    assert any("nobody studied" in step or "very low" in step for step in found.steps)
    assert by_tally(part, [], CATALOGUE.thresholds).verdict == "unknown"


def test_no_published_data_is_said_only_where_somebody_looked():
    part = next(part for name, part in PARTS if part.id == "lifestyle")
    empty = by_tally(part, [], CATALOGUE.thresholds)
    assert (empty.ground, empty.line) == ("not_collected", "not in the collected evidence")
    looked = looked_up(empty, "integration-helps/lifestyle")
    assert (looked.ground, looked.line) == ("not_found", "no published data found")
    assert "Looked up on 2026-11-28" in looked.steps[-1]
    assert looked_up(empty, "onset-hours/size") == empty
    heard = by_tally(part, [statement("a", "for")], CATALOGUE.thresholds)
    assert looked_up(heard, "integration-helps/lifestyle").ground == heard.ground


def test_records_turn_the_verdict():
    part = next(part for _, part in PARTS if part.rule == "record")
    yes, no = Fact("yes", "y", 1, (), ()), Fact("no", "n", 1, (), ())
    assert [by_record(part, found).verdict for found in ([yes], [no], [yes, no], [])] == [
        "supported", "contradicted", "in part", "unknown",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "part"), PARTS, ids=lambda value: getattr(value, "id", value))
def test_every_part_finds_what_it_is_taken_from(name, part):
    known = load_sources()
    if part.rule == "tally":
        assert all(each.source_id in known for each in statements(part))
        found = by_tally(part, statements(part), CATALOGUE.thresholds)
        assert (found.verdict == "unknown") == (not statements(part))
    elif part.rule == "record":
        found = by_record(part, facts(part))
        assert all(source in known for source in found.source_ids)
    else:
        assert part.of["measure"] in MEASURES if part.rule == "route" else part.of["course"] in CATALOGUE.courses


def test_the_claim_about_infusions_is_held_against_the_routes(board):
    claim = next(each for each in board["detail"]["claims"] if each["id"] == "iv-fastest")
    answer = remit.by_route().as_dict()["detail"]
    rows = {row["label"]: row["same_dose"] for row in answer["routes"]}
    first, alike = claim["parts"][0], claim["parts"][1]
    assert len(first["evidence"]) == len(rows) - 2
    assert f"after {rows['nasal ketamine']['tmax_min']['typical']:.0f} min" in " ".join(
        each["text"] for each in first["evidence"] if each["text"].startswith("nasal ketamine")
    )
    assert answer["compared"]["by_cv_of_auc"][0].endswith("_iv")
    assert alike["verdict"] == "supported"
    assert answer["compared"]["by_time_to_peak"][0] != "ketamine_iv"
    assert first["verdict"] == "unsupported"


def test_a_route_is_set_beside_others_by_a_share():
    own, others = beside({"measure": "auc_cv", "route": "iv"}, 0.0)
    assert "16 %" in own
    assert {each.speaks for each in others} == {"for"}
    assert {each.speaks for each in beside({"measure": "auc_cv", "route": "iv"}, 10.0)[1]} == {"neither"}


def test_retracted_studies_say_nothing():
    heard = [each.study for _, part in PARTS if part.rule == "tally" for each in statements(part)]
    assert "mills2025_kads" not in heard


@pytest.fixture(scope="module")
def board():
    return remit.claims().as_dict()


def test_every_claim_has_a_verdict_that_follows_from_its_parts(board):
    claims = board["detail"]["claims"]
    assert [each["id"] for each in claims] == list(CATALOGUE.claims)
    for claim in claims:
        assert claim["verdict"] in VERDICTS
        assert claim["verdict"] == together([part["verdict"] for part in claim["parts"]], CATALOGUE.thresholds)
        assert claim["line"]
        for part in claim["parts"]:
            assert part["short"] in claim["line"]
            assert part["ground_said"] in claim["line"].lower()
            assert part["steps"]
            assert (part["number"] is not None) == (part["rule"] == "chance")
            if part["number"]:
                assert part["number"]["low"] <= part["number"]["value"] <= part["number"]["high"]
    json.dumps(board, allow_nan=False)


def test_facts_of_record_are_as_regulators_say(board):
    verdicts = {each["id"]: each["verdict"] for each in board["detail"]["claims"]}
    assert verdicts["approved-for-anxiety"] == "contradicted"
    assert verdicts["home-use-safe"] == "contradicted"
    assert verdicts["supervision-needed"] == verdicts["not-for-everyone"] == verdicts["routes-exist"] == "supported"


def test_the_engine_says_what_how_fast_says(board):
    from remit.answers.how_fast import how_fast
    from remit.answers.question import HowFast
    from remit.inference.fitted import load

    engine = Engine(load().thinned(200), CATALOGUE.courses)
    answer = how_fast(HowFast())
    day = next(row for row in answer.detail["horizons"] if row["time_h"] == 24.0)
    own = np.median(engine.number({"what": "change_added", "course": "one", "at": "24h"}).values)
    # the same draws, other virtual people: a few of 100
    assert own == pytest.approx(day["change"]["drug_at"]["percent"], abs=4.0)
    life = np.median(engine.number({"what": "half_life_d", "course": "one"}).values)
    assert life == pytest.approx(answer.estimates["half_life_of_the_gain"].value, rel=0.15)


def test_one_claim_in_full_is_that_of_the_board(board):
    full = remit.claim("approved-for-anxiety").as_dict()
    assert full["detail"]["claims"][0] == next(
        each for each in board["detail"]["claims"] if each["id"] == "approved-for-anxiety"
    )
    with pytest.raises(InputRefused, match="Did you mean 'onset-hours'"):
        remit.claim("onset-hour")


def test_the_picture_and_the_page_hold_every_claim(board):
    chart = json.dumps(claims_chart(board, "dark"))
    text = page(board).decode()
    for claim in board["detail"]["claims"]:
        assert claim["claim"].split()[0] in chart
        assert claim["id"] in text
    ranks = [VERDICTS.index(each["verdict"]) for each in in_order(board["detail"]["claims"])]
    assert ranks == sorted(ranks)


@pytest.mark.parametrize("hostile", ["<script>", "&", '"'])
def test_the_page_is_safe_for_any_words(board, hostile):
    changed = json.loads(json.dumps(board))
    changed["detail"]["claims"][0]["claim"] = f"{hostile}claim"
    assert b"<script>claim" not in page(changed)
