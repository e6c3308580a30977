"""Moderators, approvals and registered trials."""

import pytest

from remit.evidence import moderators, regulation
from remit.evidence.moderators import load_moderators
from remit.evidence.regulation import load_ongoing_trials, load_regulatory_facts
from remit.evidence.tables import parse_csv
from remit.vocabulary.errors import EvidenceRefused


def test_everything_collected_is_here_with_its_source():
    assert len(load_moderators()) == 116
    assert len(load_regulatory_facts()) == 36
    assert len(load_ongoing_trials()) == 21
    flagged = {row.study_id for row in load_moderators() if row.flag == "retracted"}
    assert flagged == {"mills2025_kads"}


def test_no_seller_is_named():
    assert all("seller" in fact.body for fact in load_regulatory_facts() if fact.role == "seller")


def test_an_interval_that_runs_backwards_is_refused():
    names = [field.name for field in moderators.FIELDS]
    values = {
        "moderator": "age", "about": "patient", "outcome": "GAD-7", "domain": "anxiety", "finding": "older and more",
        "relation": "more_benefit", "estimate": "1", "low": "2", "high": "1", "how": "read",
        "source_id": "glue2017_abstract", "place": "abstract",
    }  # fmt: skip
    text = ",".join(names) + "\n" + ",".join(values.get(name, "") for name in names) + "\n"
    (row,) = parse_csv(text, moderators.FIELDS, "moderators/x.csv")
    with pytest.raises(EvidenceRefused, match="line 2, column low"):
        moderators._moderator(row, "x")


def test_a_fact_that_stands_twice_is_refused():
    names = [field.name for field in regulation.FACT_FIELDS]
    values = {"fact_id": "a", "body": "b", "role": "regulator", "drug": "d", "topic": "approval", "statement": "s",
              "stance": "other", "conditions": "any",
              "how": "read", "source_id": "glue2017_abstract", "place": "p"}  # fmt: skip
    line = ",".join(values.get(name, "") for name in names)
    rows = parse_csv("\n".join([",".join(names), line, line]) + "\n", regulation.FACT_FIELDS, "regulatory.csv")
    with pytest.raises(EvidenceRefused, match="See line 2"):
        regulation._each_once(rows, "fact_id")
