"""What was looked up: every search leads to rows that exist and to parts of claims that exist."""

import pytest

from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.claims import load_claims
from remit.evidence.findings import load_findings
from remit.evidence.regulation import load_ongoing_trials, load_regulatory_facts
from remit.evidence.searches import FIELDS, FILE, last_search, load_searches, parse_searches
from remit.evidence.tables import parse_csv
from remit.vocabulary.errors import EvidenceRefused


def test_searches_name_rows_and_parts_that_exist():
    rows = {
        *load_findings(),
        *(each.study_id for each in load_adverse_effects()),
        *(each.fact_id for each in load_regulatory_facts()),
        *(each.trial_id for each in load_ongoing_trials()),
    }
    parts = {f"{claim.id}/{part.id}" for claim in load_claims().claims.values() for part in claim.parts}
    for search in load_searches().values():
        assert set(search.rows) <= rows
        assert set(search.bears_on) <= parts


HEAD = "search_id,searched_on,about,words,where,found,rows,bears_on,note\n"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,2026-02-30,x,x,x,nothing_usable,,c/p,\n", "searched_on is '2026-02-30'"),
        ("a,2026-02-01,x,x,x,rows_added,,c/p,\n", "found is 'rows_added' with rows left blank"),
        ("a,2026-02-01,x,x,x,nothing_usable,r,c/p,\n", "found is 'nothing_usable' with rows r"),
        ("a,2026-02-01,x,x,x,lots,,c/p,\n", "found is 'lots'"),
        ("a,2026-02-01,x,x,x,nothing_usable,,c/p,\n" * 2, "search 'a' stands twice"),
    ],
)
def test_a_malformed_search_is_refused(row, said):
    with pytest.raises(EvidenceRefused, match=said):
        parse_searches(parse_csv(HEAD + row, FIELDS, FILE))


def test_the_newest_search_about_a_part_counts():
    assert last_search("integration-helps/lifestyle").search_id == "lifestyle"
    assert last_search("onset-hours/size") is None
