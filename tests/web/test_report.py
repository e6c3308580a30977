"""Reports may be taken from the web, the same as from the command line."""

import pytest


@pytest.mark.parametrize("reader", ["person", "clinician"])
def test_a_report_is_a_file_to_save(client, reader):
    answer = client.get(f"/report/{reader}.pdf")
    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF")
    assert answer.headers["content-type"] == "application/pdf"
    assert "attachment" in answer.headers["content-disposition"]
    page = client.get(f"/report/{reader}.html").text
    assert "Not medical advice" in page


def test_a_report_of_another_kind_is_refused_in_words(client):
    answer = client.get("/report/person.docx")
    assert 400 <= answer.status_code < 500
    assert "person.pdf" in answer.text


def test_the_explorer_leads_to_the_reports_of_its_question(client):
    page = client.get("/?sessions=6").text
    assert "/report/person.pdf?" in page
    assert "sessions=6" in page.split("/report/person.pdf?")[1].split('"')[0]
