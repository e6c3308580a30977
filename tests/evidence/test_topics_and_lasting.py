"""Small files that order the evidence: faults are refused with the place and the remedy."""

import pytest

from remit.evidence import lasting
from remit.evidence.lasting import lasting_of
from remit.evidence.moderators import load_moderators
from remit.evidence.tables import parse_csv
from remit.evidence.topics import load_topics, parse_topics
from remit.vocabulary.errors import EvidenceRefused


def _line(**changed):
    known = {
        "study_id": "feder2021", "arm_id": "ket_0.5x6", "scale": "CAPS-5", "metric": "median_time_to_event",
        "value": "660", "after": "series", "kind": "time_to_loss", "beside": "", "words": "half had lost it",
        **changed,
    }  # fmt: skip
    text = ",".join(known) + "\n" + ",".join(known.values()) + "\n"
    return parse_csv(text, lasting.FIELDS, lasting.FILE)[0]


def test_a_line_points_to_one_outcome():
    found = lasting_of(_line())
    assert (found.row.study_id, found.time_h) == ("feder2021", 660.0)


@pytest.mark.parametrize("changed", [{"value": "661"}, {"scale": "PCL-5"}, {"arm_id": "nobody"}])
def test_a_line_that_points_to_nothing_is_refused(changed):
    with pytest.raises(EvidenceRefused, match=r"lasting\.csv, line 2"):
        lasting_of(_line(**changed))


def test_an_unknown_kind_is_refused():
    with pytest.raises(EvidenceRefused, match="time_to_loss"):
        _line(kind="time to loss")


def test_every_moderator_has_a_topic():
    placed = {each.moderator for topic in load_topics().values() for each in topic.findings}
    assert placed == {each.moderator for each in load_moderators()}


def test_a_moderator_left_out_is_named():
    with pytest.raises(EvidenceRefused, match="no topic for"):
        parse_topics("topics:\n- {id: age, title: age, of: person, moderators: [age]}\n", load_moderators())


def test_a_moderator_nobody_published_is_refused_with_the_nearest():
    with pytest.raises(EvidenceRefused, match="benzodiazepine use"):
        parse_topics("topics:\n- {id: a, title: a, of: person, moderators: [benzodiazepine us]}\n", load_moderators())
