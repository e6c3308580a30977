"""The page for a person fits one page, the brief five; both say what the answers say, in HTML and PDF alike."""

import datetime as dt
import json
import re
from functools import cache
from pathlib import Path

import pytest

from remit.answers.for_whom import for_whom
from remit.answers.how_fast import how_fast
from remit.answers.how_long import how_long
from remit.answers.is_it_safe import is_it_safe
from remit.answers.question import HowFast
from remit.answers.versus import versus
from remit.inference.fitted import load
from remit.reports.document import Bullets, Columns, Document, Grid, Paragraph, Picture, Section
from remit.reports.document_html import to_html
from remit.reports.document_pdf import set_in_type, to_pdf
from remit.reports.evidence_brief import evidence_brief
from remit.reports.hundred import hundred
from remit.reports.icon_array_chart import icon_array
from remit.reports.person_sheet import person_sheet
from remit.safety.session import plan_session
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug
from remit.vocabulary.people import Diagnosis
from remit.vocabulary.units import Amount, DoseUnit

SMALL = {"people": 16, "draws": 20}
QUESTIONS = {
    "one infusion": HowFast(**SMALL),
    "a series": HowFast(sessions=6, diagnosis=Diagnosis.SAD, scale="LSAS", **SMALL),
    "nasal": HowFast(
        drug=Drug.ESKETAMINE, route=Route.NASAL, amount=Amount(56.0, DoseUnit.MG), duration_h=0.0,
        diagnosis=Diagnosis.PTSD, scale="CAPS-5", **SMALL,
    ),
}  # fmt: skip


@cache
def answers(name):
    asked, held = QUESTIONS[name], load()
    minutes = 60 * asked.duration_h if asked.route is Route.IV else 0.0
    plan = plan_session(asked.drug, asked.route, asked.amount, dt.datetime(2026, 1, 1, 9), minutes)  # noqa: DTZ001
    return how_fast(asked, held).as_dict(), versus(asked, held).as_dict(), is_it_safe().as_dict(), plan.as_dict()


@cache
def further(name):
    asked, held = QUESTIONS[name], load()
    return how_long(asked, held).as_dict(), for_whom(asked, held, narrow=False).as_dict()


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_page_for_a_person_is_one_page_and_holds_the_numbers(name):
    given = answers(name)
    page = person_sheet(*given, ("Clinic line 555 0100, day and night",))
    assert len(set_in_type(page, "svg")) == 1
    row = next(row for row in given[0]["detail"]["horizons"] if row["time_h"] == 168.0)
    html = to_html(page).decode()
    assert f"{row['response']['at']['percent']:.0f} ({row['response']['at']['low_percent']:.0f} to" in html
    assert "Clinic line 555 0100" in html
    assert "Not medical advice" in html
    assert "http" not in re.sub(r"http://www\.w3\.org\S*", "", re.sub(r"base64,[^)]*", "", html))


@pytest.mark.parametrize("name", ["one infusion", "nasal"])
def test_the_brief_has_three_to_five_pages_and_every_study(name):
    given = answers(name)
    lasting, whom = further(name)
    brief = evidence_brief(*given, lasting, whom)
    assert 3 <= len(set_in_type(brief, "svg")) <= 5
    html = to_html(brief).decode()
    assert all(f"<td>{study}</td>" in html for study in given[0]["basis"]["studies"])
    assert given[0]["sentence"] in brief.lead
    assert lasting["sentence"] in html
    assert all(row["label"] in html for row in whom["detail"]["diagnoses"])


def test_the_same_document_is_the_same_file():
    page = person_sheet(*answers("one infusion"))
    assert to_pdf(page) == to_pdf(page)
    assert to_pdf(page).startswith(b"%PDF")


def test_pictures_are_drawn_once_for_html_and_pdf(monkeypatch):
    page = person_sheet(*answers("one infusion"))
    as_html = to_html(page)
    monkeypatch.setattr("remit.reports.drawings.accessible_svg", lambda *_: pytest.fail("drawn again"))
    assert to_pdf(page).startswith(b"%PDF")
    assert to_html(page) == as_html


def test_words_are_set_as_they_are_and_never_read_as_markup():
    odd = '#panic("no") *not bold* $x$ <b>&amp; @ref `code` \\ "quoted"'
    document = Document(
        odd, odd, odd,
        (Section(odd, (Paragraph(odd), Bullets((odd,)), Grid((odd, odd), ((odd, odd),)),
                       Columns(((Paragraph(odd, soft=True),), (Bullets((odd,)),))))),),
        (odd,),
    )  # fmt: skip
    assert len(set_in_type(document, "svg")) == 1
    assert "&lt;b&gt;&amp;amp;" in to_html(document).decode()


def test_a_hundred_people_are_drawn_and_each_kind_as_often_as_it_is_counted():
    cell = {
        "at": {"percent": 23.6, "low_percent": 11.0, "high_percent": 40.0},
        "control_at": {"percent": 9.4, "low_percent": 3.0, "high_percent": 20.0},
    }
    people = hundred(cell, "one day after")
    assert (people.anyway, people.added, people.perhaps) == (9, 15, 16)
    drawn = [row["kind"] for layer in icon_array(people)["layer"][:4] for row in layer["data"]["values"]]
    # each kind stands once more in the key
    assert {kind: drawn.count(kind) - 1 for kind in set(drawn)} == {
        kind: people.dots.count(kind) for kind in ("anyway", "added", "perhaps", "none")
    }
    assert people.spoken == "One day after: 24 of 100 respond (11 to 40); 9 of 100 without the drug."
    # the drug may do no better than none: nobody is then drawn as helped by it
    worse = hundred({**cell, "control_at": {**cell["control_at"], "percent": 30.0}}, "one day after")
    assert (worse.anyway, worse.added) == (24, 0)


def test_pictures_of_a_document_are_found_inside_columns():
    picture = Picture("one", {"config": {}}, "words")
    inside = Document("t", "k", "l", (Section("h", (Columns(((picture,), (Paragraph("p"),))),)),))
    assert inside.pictures() == [picture]
    assert json.dumps(picture.inset()) == '{"config": {"padding": 4}}'


def test_the_template_holds_no_content():
    template = (Path(__file__).parents[2] / "src/remit/reports/document.typ").read_text()
    assert 'json("content.json")' in template
    assert "ketamine" not in template
