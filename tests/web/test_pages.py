"""Every page: its headers, its headings, its links, and that it needs neither a script nor another host."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest

from remit.web.security import POLICY

PAGES = (
    "/", "/?mode=detail", "/?sessions=6&spacing=2d", "/compare", "/compare?mode=detail", "/claims",
    "/claims?mode=detail", "/claims/iv-fastest", "/how-long", "/how-long?mode=detail&sessions=1", "/routes",
    "/for-whom",
    "/how-it-works", "/how-it-works?mode=detail", "/safe", "/safe?drug=esketamine", "/safe/screen", "/safe/plan", "/me",
    "/evidence", "/evidence?q=social", "/evidence?leaf=2", "/evidence/glue2017",
    "/forest", "/calibrate", "/without", "/method", "/about", "/api",
)  # fmt: skip
EXAMPLE = "day,score,dose\n-3,16,\n0,15,yes\n2,11,yes\n4,12,yes\n7,9,\n"


class Read(HTMLParser):
    """What a page holds, as far as these tests ask."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.headings, self.titles = [], [], []
        self._open = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open = tag
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_data(self, data):
        if self._open == "title" and data.strip():
            self.titles.append(data.strip())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


def numbers(text):
    return set(re.findall(r"\d+ of 100|\(\d+ to \d+\)", re.sub(r"<[^>]+>", "", text)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_safe(client, path):
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    found = Read(response.text)
    assert len(found.titles) == 1
    assert found.headings.count(1) == 1
    steps = zip(found.headings, found.headings[1:], strict=False)
    assert all(below <= above + 1 for above, below in steps), found.headings
    assert not [attrs for _, attrs in found.tags if "style" in attrs or any(name.startswith("on") for name in attrs)]
    assert not found.all("style")
    assert all("src" in attrs for attrs in found.all("script"))
    for _, attrs in found.tags:
        for name in ("src", "href", "action", "srcset", "hx-get"):
            assert not re.match(r"(\w+:)?//|\w+:", attrs.get(name) or ""), attrs
    assert all(attrs.get("alt") is not None for attrs in found.all("img"))
    assert "Not medical advice" in response.text
    assert "not for unsupervised use" in response.text
    assert "The night desk" in response.text


def test_examples_for_programs_are_asked_of_this_server(client, server):
    text = client.get("/api").text
    assert f"curl &#39;{server}/api/v1/how-fast" in text or f"curl '{server}/api/v1/how-fast" in text
    assert f'httpx.get("{server}/api/v1/how-fast"' in html.unescape(text)


def test_links_lead_somewhere(client):
    seen, of_path, looked = set(), {}, 0
    for path in PAGES:
        for attrs in Read(client.get(path).text).all("a"):
            target = urlsplit(urljoin(f"http://here{path}", attrs["href"]))
            address = target.path + (f"?{target.query}" if target.query else "")
            if address in seen or attrs["href"].startswith("#"):
                continue
            seen.add(address)
            # addresses of one page differ in what they ask, and each question would be computed
            kind = "/evidence/" if re.match(r"/evidence/[^/]+$", target.path) else target.path
            of_path[kind] = of_path.get(kind, 0) + 1
            if of_path[kind] > (12 if kind == "/evidence/" else 3):
                continue
            looked += 1
            assert client.get(address).status_code == 200, f"{path} leads to {address}"
    assert looked > 60


def test_fields_have_names_and_labels(client):
    for path in PAGES:
        text = client.get(path).text
        for tag in ("input", "select", "textarea"):
            for attrs in Read(text).all(tag):
                assert attrs.get("name"), (path, attrs)


def test_plain_and_detail_show_the_same_numbers(client):
    answer = client.get("/api/v1/how-fast").json()
    plain, detail = client.get("/?mode=plain").text, client.get("/?mode=detail").text
    day = next(row["response"]["at"] for row in answer["detail"]["horizons"] if row["time_h"] == 24.0)
    said = {f"{day['percent']:.0f} of 100", f"({day['low_percent']:.0f} to {day['high_percent']:.0f})"}
    assert said <= numbers(plain)
    assert said <= numbers(detail)


def test_the_mode_is_remembered(server):
    import httpx

    with httpx.Client(base_url=server, timeout=300) as own:
        assert 'aria-current="true">Plain' in own.get("/about").text
        own.get("/about?mode=detail")
        assert 'aria-current="true">Detail' in own.get("/about").text


def test_a_part_is_only_the_answer(client):
    part = client.get("/?diagnosis=SAD", headers={"HX-Request": "true"})
    whole = client.get("/?diagnosis=SAD")
    assert "<html" not in part.text
    assert part.text.strip() in whole.text
    assert "Vary" in part.headers or "vary" in part.headers
    assert "HX-Request" in part.headers["vary"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("dose=500", "largest published"),
        ("dose=x", "is not a dose"),
        ("sessions=0", "1 to 100"),
        ("sessions=a", "whole number"),
        ("baseline=99", "0 to 21"),
        ("scale=none", "unknown scale"),
        ("route=up", "unknown route"),
        ("weight=3", "30 to 250"),
    ],
)
def test_a_refusal_says_what_is_allowed(client, query, words):
    whole = client.get(f"/?{query}")
    assert whole.status_code == 422
    assert words in whole.text
    assert "--" not in re.sub(r"<[^>]+>|<!--.*?-->", "", whole.text.split('role="alert"')[1].split("</div>")[0])
    # a part must come with a status that is swapped in
    part = client.get(f"/?{query}", headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert words in part.text


def test_what_is_typed_is_shown_as_text(client):
    text = client.get("/", params={"dose": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in text


def test_there_is_no_such_page(client):
    found = client.get("/nowhere")
    assert found.status_code == 404
    assert found.headers["content-security-policy"] == POLICY
    assert "There is no such page" in found.text


@pytest.mark.parametrize(
    ("asked", "offered"),
    [("glue201", "glue2017"), ("Glue", "glue2020"), ("taylor2019b", "taylor2018"), ("nobody-at-all", "")],
)
def test_a_study_that_is_missing_offers_those_that_may_be_meant(client, asked, offered):
    found = client.get(f"/evidence/{asked}")
    assert found.status_code == 404
    assert 'href="/evidence"' in found.text[found.text.index("<main") :]
    assert ("Did you mean" in found.text) == bool(offered)
    if offered:
        assert f'<a href="/evidence/{offered}">' in found.text


@pytest.mark.parametrize("name", ["course", "responders", "session"])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_pictures_are_there_as_specification_and_as_drawing(client, name, theme, size):
    address = f"/picture/how-fast/{name}"
    asked = {"theme": theme, "size": size}
    specification = client.get(f"{address}.json", params=asked).json()
    assert specification["$schema"].startswith("https://vega.github.io/schema/vega-lite")
    drawing = client.get(f"{address}.svg", params=asked)
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert drawing.text.startswith("<svg")
    assert "<desc" in drawing.text


@pytest.mark.parametrize(
    "address",
    ["/picture/versus/courses", "/picture/versus/differences", "/picture/safe/side-effects",
     "/picture/safe/pressure", "/picture/plan/timeline", "/picture/claims/board",
     "/picture/question/how-long", "/picture/question/routes", "/picture/question/for-whom",
     "/picture/question/how-it-works", "/picture/method/percentiles"],
)  # fmt: skip
def test_other_pictures_are_there(client, address):
    assert "$schema" in client.get(f"{address}.json?theme=dark&size=narrow").json()
    assert client.get(f"{address}.png").content.startswith(b"\x89PNG")


TELEPHONE = 390
"""Width of a page on a telephone, of which 32 are margins [pixels]."""


@pytest.mark.parametrize(
    "address",
    ["/picture/how-fast/course", "/picture/how-fast/chances", "/picture/how-fast/responders",
     "/picture/how-fast/session", "/picture/versus/courses", "/picture/versus/differences",
     "/picture/safe/side-effects", "/picture/safe/pressure", "/picture/plan/timeline", "/picture/claims/board",
     "/picture/question/how-long", "/picture/question/routes", "/picture/question/for-whom",
     "/picture/question/how-it-works", "/picture/method/percentiles", "/picture/study/lii2023",
     "/picture/evidence/map", "/picture/forest/trials"],
)  # fmt: skip
def test_a_picture_for_a_telephone_fits_one(client, address):
    drawing = client.get(f"{address}.svg?size=narrow").text
    # a little wider is drawn a little smaller: words of 12 pixels stay above 11
    assert float(re.search(r'<svg[^>]* width="([0-9.]+)"', drawing)[1]) <= 1.06 * (TELEPHONE - 32)


def test_a_size_that_is_not_there_is_refused(client):
    found = client.get("/picture/claims/board.json?size=huge")
    assert found.status_code == 422
    assert "Allowed: wide, narrow" in found.text


def test_a_picture_that_is_not_there_is_refused_in_words(client):
    found = client.get("/picture/how-fast/nothing.svg")
    assert found.status_code == 422
    assert "Allowed: course, chances, responders, session" in found.text


def test_files_may_be_kept_for_ever_because_their_names_change_with_them(client):
    text = client.get("/about").text
    address = re.search(r'href="(/static/page\.[0-9a-f]{16}\.css)"', text)[1]
    found = client.get(address)
    assert "immutable" in found.headers["cache-control"]
    assert "asset(" not in found.text
    for font in re.findall(r"url\(([^)]+)\)", found.text):
        if font.startswith("/static"):
            assert client.get(font).headers["content-type"] == "font/woff2"
    assert client.get("/static/page.0000000000000000.css").status_code == 404
    assert client.get("/static/../app.py").status_code == 404


def test_a_body_that_is_too_large_is_refused(client):
    assert client.post("/me", content=b"x" * 70_000).status_code == 413

    def in_parts():
        for _ in range(9):
            yield b"visits=" + b"x" * 8_000

    header = {"content-type": "application/x-www-form-urlencoded"}
    assert client.post("/me", content=in_parts(), headers=header).status_code in {400, 413}


def test_scores_are_answered_and_not_kept(client):
    found = client.post("/me", data={"visits": EXAMPLE, "sessions": "6"})
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert "In plain words" in found.text
    assert found.text.count("<svg") >= 2
    assert "style=" not in found.text
    again = client.get("/me")
    assert "2,11" not in again.text.split("placeholder")[0]


def test_scores_that_cannot_be_read_name_row_and_column(client):
    found = client.post("/me", data={"visits": "day,score\n0,15\n1,99\n"})
    assert found.status_code == 422
    assert "row 3" in found.text
    assert "0 to 21" in found.text


def test_a_screening_says_unknown_first_and_never_eligible(client):
    empty = client.post("/safe/screen", data={})
    assert empty.status_code == 200
    assert "Not excluded so far" in empty.text
    grave = client.post("/safe/screen", data={"drug": "esketamine", "psychosis": "yes", "age": "40"})
    assert "eligible" not in re.sub(r"<[^>]+>", "", empty.text).lower().replace("not eligible", "")
    assert grave.status_code == 200


def test_a_plan_has_dates_to_take_away(client):
    found = client.get("/safe/plan.ics?start=2026-12-01 09:30&drug=esketamine&route=in&dose=56mg")
    assert found.headers["content-type"].startswith("text/calendar")
    assert "DTSTART:20261201T093000" in found.text


def test_tables_come_in_three_kinds(client):
    import io

    import polars as pl

    rows = client.get("/evidence/tables/outcomes.json").json()
    assert len(rows) > 500
    csv = pl.read_csv(io.BytesIO(client.get("/evidence/tables/outcomes.csv").content), infer_schema_length=None)
    parquet = pl.read_parquet(io.BytesIO(client.get("/evidence/tables/outcomes.parquet").content))
    assert csv.height == parquet.height == len(rows)
    assert client.get("/evidence/tables/nothing.csv").status_code == 404


def test_the_search_narrows(client):
    every = client.get("/evidence").text.count("/evidence/")
    some = client.get("/evidence?q=midazolam").text
    assert 0 < some.count("/evidence/") < every
    assert "No study has all of these" in client.get("/evidence?q=zzzz").text


def test_studies_come_a_page_at_a_time_and_keep_what_was_searched(client):
    def named(text):
        return re.findall(r'<th scope="row"><a href="/evidence/([^"/]+)"', text)

    whole, seen = client.get("/evidence").text, []
    addresses = re.findall(r'href="(/evidence[^"]*leaf=\d+)', whole)
    for address in ["/evidence", *map(html.unescape, addresses)]:
        seen += named(client.get(address).text)
    assert len(seen) == len(set(seen)) == int(re.search(r"(\d+) studies;", whole)[1])
    searched = client.get("/evidence?domain=anxiety").text
    assert all("domain=anxiety" in each for each in re.findall(r'href="/evidence\?([^"#]*)#every', searched))
    assert named(client.get("/evidence?leaf=9999").text) == named(
        client.get(f"/evidence?leaf={len(addresses) + 1}").text
    )
    assert named(client.get("/evidence?leaf=x").text) == named(whole)


def test_it_says_whether_it_is_alive_and_ready(client):
    assert client.get("/healthz").json()["status"] == "alive"
    assert client.get("/readyz").json() == {"status": "ready"}


def test_sessions_after_a_series_lead_to_how_long_it_lasts(client):
    first = client.get("/?dose=0.4&then=weekly").text
    address = re.search(r'href="(/how-long[^"]*)">see how long', first)[1].replace("&amp;", "&")
    assert "dose=0.4" in address
    assert "sessions=1" in address
    then = client.get("/how-long?then=weekly").text
    assert "With a session every week after the series" in then
    assert "With a session" not in client.get("/how-long").text
    # programs ask every schedule at once
    assert "then=" not in re.search(r'href="(/api/v1/how-long[^"]*)"', then)[1]


def test_a_study_stands_beside_what_the_others_predict_of_it(client):
    assert "had the model never seen this study" in client.get("/evidence/duek2023").text
    assert "Was it foretold" not in client.get("/evidence/mills2025_kads").text
    assert client.get("/picture/study/mills2025_kads.svg").status_code == 404


def test_pasted_scores_say_when_and_are_not_kept(client):
    example = html.unescape(re.search(r"<pre[^>]*>(.*?)</pre>", client.get("/events").text, re.S)[1])
    found = client.post("/events", data={"scores": example, "event": "response", "scale": "GAD-7", "by": "arm"})
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert "Median time to response" in found.text
    # what makes the numbers doubtful comes before them
    assert found.text.index("Only 3 people in drug") < found.text.index("Median time to response")
    assert "0 (0 to 0)" not in found.text
    assert found.text.count("<svg") >= 4
    refused = client.post("/events", data={"scores": "subject,day\na,0", "event": "response"})
    assert refused.status_code == 422
    assert "This cannot be used" in refused.text
