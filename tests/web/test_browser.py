"""The pages in a real browser: they follow what is typed, need no other host, and can be used by everybody.

The browser is Debian's chromium; without it these tests are skipped.
"""

import re
import shutil
import time
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt install chromium")
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text()
PAGES = (
    "/", "/compare", "/claims", "/claims/iv-fastest", "/without", "/how-long", "/routes", "/for-whom", "/how-it-works",
    "/safe", "/safe/screen", "/safe/plan", "/me", "/evidence", "/evidence/glue2017",
    "/evidence/duek2023", "/events", "/pool", "/forest", "/calibrate", "/method", "/about", "/api",
)  # fmt: skip
DRAWN = (
    "[...document.querySelectorAll('figure[data-picture]')].filter(each => !each.closest('details:not([open])'))"
    ".every(each => each.classList.contains('ready'))"
)
WAIT = 120_000


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        )
        yield found
        found.close()


class Watched:
    """A tab that notes what should not happen."""

    def __init__(self, browser, server, **options):
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        self.context.set_default_timeout(WAIT)
        self.tab = self.context.new_page()
        self.server, self.outside, self.said = server, [], []
        self.tab.on("request", self._asked)
        self.tab.on("console", self._noted)
        self.tab.on("pageerror", lambda fault: self.said.append(str(fault)))

    def _asked(self, request):
        if not request.url.startswith((self.server, "data:", "blob:")):
            self.outside.append(request.url)

    def _noted(self, message):
        if message.type in {"error", "warning"}:
            self.said.append(message.text)

    def until(self, expression, known=None):
        """Ask again and again: waiting inside the page would need eval, which the page forbids."""
        deadline = time.monotonic() + WAIT / 1000
        while not self.tab.evaluate(expression, known):
            assert time.monotonic() < deadline, expression
            self.tab.wait_for_timeout(50)

    def go(self, path):
        self.tab.goto(self.server + path)
        self.until(DRAWN)

    def close(self):
        self.context.close()
        assert not self.outside
        assert not self.said


@pytest.fixture
def open_tab(browser, server):
    tabs = []

    def opened(**options):
        tabs.append(Watched(browser, server, **options))
        return tabs[-1]

    yield opened
    for tab in tabs:
        tab.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_pages_can_be_used_by_everybody_and_fit_a_telephone_and_a_desk(open_tab, scheme, width):
    own = open_tab(color_scheme=scheme, viewport={"width": width, "height": 844})
    grave = []
    for path in PAGES:
        own.go(path)
        assert own.tab.evaluate("document.documentElement.scrollWidth") <= width, path
        # the page's own policy keeps the check out of a script element; the browser's tools may run it
        own.tab.evaluate(AXE)
        found = own.tab.evaluate("axe.run(document, {resultTypes: ['violations']})")
        grave += [
            (path, each["id"], [node["html"][:160] for node in each["nodes"]][:3])
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
    assert not grave


def test_the_answer_follows_the_sentence(open_tab):
    own = open_tab()
    own.go("/")
    before = own.tab.inner_text("#answer h1")
    own.tab.select_option("select[name=diagnosis]", "SAD")
    own.until("before => document.querySelector('#answer h1').innerText !== before", before)
    assert "diagnosis=SAD" in own.tab.url
    own.until(DRAWN)
    assert own.tab.inner_text("#status") == own.tab.inner_text("#answer h1").replace("\n", " ")
    own.tab.fill("input[name=dose]", "500")
    own.tab.press("input[name=dose]", "Tab")
    own.tab.wait_for_selector("#answer [role=alert]")
    assert "largest published" in own.tab.inner_text("#answer")


def test_what_is_opened_draws_its_picture(open_tab):
    own = open_tab()
    own.go("/")
    own.tab.click("text=One session by the minute")
    own.until(DRAWN)
    assert own.tab.locator("details[open] .drawing svg").count() == 1


def test_the_theme_is_remembered(open_tab):
    own = open_tab(color_scheme="light")
    own.go("/")
    light = own.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    own.tab.click("#theme")
    own.until(DRAWN)
    dark = own.tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light != dark
    own.go("/about")
    assert own.tab.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_the_keyboard_alone_is_enough(open_tab):
    own = open_tab()
    own.go("/")
    own.tab.keyboard.press("Tab")
    assert own.tab.evaluate("document.activeElement.className") == "skip"
    own.tab.keyboard.press("Enter")
    assert own.tab.evaluate("document.activeElement.id") == "main"
    seen = []
    for _ in range(14):
        own.tab.keyboard.press("Tab")
        seen.append(own.tab.evaluate("document.activeElement.name || ''"))
        ring = own.tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", seen
    assert [name for name in seen if name][:6] == ["drug", "route", "dose", "unit", "over", "sessions"]


def test_scores_are_answered_in_the_browser(open_tab):
    own = open_tab()
    own.go("/me")
    own.tab.fill("#visits", "day,score,dose\n0,15,yes\n2,11,yes\n4,12,yes\n")
    own.tab.click("text=Show what they say")
    own.tab.wait_for_selector("figure.still svg")
    # one drawing for a desk and one for a telephone: a reader sees one of them
    assert own.tab.locator(".on-light svg:visible").count() == 1
    assert not own.tab.locator(".on-dark svg:visible").count()


def test_tables_can_be_taken_away(open_tab):
    own = open_tab()
    own.go("/evidence")
    with own.tab.expect_download() as waiting:
        own.tab.click("a[href='/evidence/tables/studies.csv']")
    assert waiting.value.suggested_filename == "remit-studies.csv"
    own.tab.fill("#q", "midazolam")
    own.until("document.querySelector('#answer').innerText.match(/\\d+/)[0] < 100")
    assert re.search(r"q=midazolam", own.tab.url)


def test_everything_is_there_without_a_script(open_tab):
    own = open_tab(java_script_enabled=False)
    own.tab.goto(f"{own.server}/")
    own.tab.select_option("select[name=diagnosis]", "SAD")
    own.tab.click("button:has-text('Answer')")
    assert "diagnosis=SAD" in own.tab.url
    image = own.tab.locator("figure img").first
    image.wait_for(state="visible")
    assert "Typical" in own.tab.inner_text("figcaption >> nth=0")
    own.tab.goto(f"{own.server}/safe/screen")
    own.tab.click("text=Apply the rules")
    assert "Not excluded so far" in own.tab.inner_text("h1")
