"""The catalogue of claims: what is malformed is refused, and nothing in it is a verdict."""

import pytest

from remit.answers.claims.verdict import VERDICTS
from remit.evidence.claims import FILE, GROUNDS, load_claims, parse_claims
from remit.evidence.findings import load_findings
from remit.evidence.tables import published, read_text
from remit.vocabulary.errors import EvidenceRefused

TEXT = read_text(published() / FILE, FILE)


def test_the_catalogue_is_whole():
    catalogue = load_claims()
    assert len(catalogue.claims) == 29
    for claim in catalogue.claims.values():
        assert claim.parts
        assert claim.missing
        for part in claim.parts:
            assert part.asks.endswith("?")
            assert part.rule != "chance" or part.because
    assert all(each.because for each in catalogue.thresholds.values())


def test_no_verdict_is_typed_in():
    import yaml

    def words(value, key=""):
        if isinstance(value, dict):
            for name, item in value.items():
                yield from words(item, name)
        elif isinstance(value, list):
            for item in value:
                yield from words(item, key)
        else:
            yield key, value

    for record in yaml.safe_load(TEXT)["claims"]:
        assert not [value for _, value in words(record) if value in {*VERDICTS, *GROUNDS}]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("rule: chance", "rule: guess", "rule is 'guess'"),
        ("course: one, at: 24h}", "course: won, at: 24h}", "unknown course 'won'"),
        ("because: Half of an effect is what remit calls onset.", "because: ''", "a limit without a reason"),
        ("    at_least: 50\n", "", "a chance without a number or a limit"),
        ("from: {findings: [nmda_blocked]}", "from: {hearsay: [nmda_blocked]}", "taken from 'hearsay'"),
        ("- id: first-sessions", "- id: onset-hours", "claim 'onset-hours' stands twice"),
        ("  likely: {value: 0.9,", "  lightly: {value: 0.9,", "rules or thresholds are missing"),
        ("measure: tmax_min,", "measure: taste,", "a route without a measure"),
        ("  shown: {said: shown,", "  shone: {said: shown,", "grounds are missing"),
        ("  one: {sessions: 1}", "  one: {sessions: 0}", "sessions is '0'"),
    ],
)
def test_a_malformed_catalogue_is_refused(was, becomes, said):
    assert was in TEXT
    with pytest.raises(EvidenceRefused, match=said):
        parse_claims(TEXT.replace(was, becomes, 1))


def test_findings_ask_what_a_claim_asks():
    asked = {
        code for claim in load_claims().claims.values() for part in claim.parts
        for code in part.taken_from.get("findings", ())
    }  # fmt: skip
    assert {each.asks for each in load_findings().values()} <= asked
    assert all(each.n is None or each.n > 0 for each in load_findings().values())
