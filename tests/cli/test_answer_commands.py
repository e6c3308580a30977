"""remit by-route, for-whom and why from a command line to their pages, pictures and exit codes."""

import contextlib
import io
import json

import altair as alt
import pytest

from remit.cli.__main__ import main
from remit.inference.before_data import before_data
from remit.inference.fitted import save
from remit.vocabulary.dosing import Route
from remit.vocabulary.drugs import Drug

SHOWN = {
    "for-whom": (["--diagnosis", "SAD", "--scale", "LSAS", "--baseline", "90"], "By diagnosis", "no usable trial"),
    "why": ([], "The chain, link by link", "measured in humans"),
    "by-route": ([], "Observed: collected studies by route", "responders at 1 d"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("posterior")
    save(before_data(10, 3), place)
    return place


@pytest.fixture(autouse=True)
def _few_routes_and_a_cache_of_its_own(monkeypatch):
    monkeypatch.setattr("remit.cli.compiled.cache_folder", lambda: None)
    few = ((Drug.KETAMINE, Route.IV), (Drug.KETAMINE, Route.ORAL), (Drug.ESKETAMINE, Route.NASAL))
    monkeypatch.setattr("remit.answers.by_route.studied_pairs", lambda: few)


def _run(name, folder, *words):
    return main([name, "--posterior", str(folder), "--draws", "10", *words])


@pytest.fixture(scope="module")
def printed(folder):
    """What a command prints as JSON, computed once for all tests of this file."""
    known = {}

    def of(name):
        if name not in known:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                assert _run(name, folder, *SHOWN[name][0], "--json") == 0
            known[name] = json.loads(out.getvalue())
        return known[name]

    return of


@pytest.mark.parametrize("name", SHOWN)
def test_page_picture_and_json(name, folder, printed, tmp_path, capsys):
    words, on_page, in_picture = SHOWN[name]
    files = [tmp_path / file for file in ("a.svg", "a.html", "dark.png")]
    assert _run(name, folder, *words, *(word for file in files for word in ("--chart", str(file)))) == 0
    said = capsys.readouterr().out
    assert on_page in said
    assert "Not medical advice" in said
    assert in_picture in files[0].read_text()
    assert "<table>" in files[1].read_text()
    assert files[2].stat().st_size > 10_000
    answer = printed(name)
    assert answer["schema"] == "remit.answer/1"
    assert answer["sentence"] in " ".join(said.split())


@pytest.mark.parametrize("name", SHOWN)
def test_pictures_are_valid_vega_lite_in_both_themes(name, printed):
    answer = printed(name)
    module = __import__(f"remit.reports.{name.replace('-', '_')}_chart", fromlist=["x"])
    for theme in ("light", "dark"):
        specification = getattr(module, f"{name.replace('-', '_')}_chart")(answer, theme)
        alt.VConcatChart.from_dict(specification)
        json.dumps(specification, allow_nan=False)


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [(["--dose", "0.5"], 2, "mg/kg"), (["--chart", "a.txt"], 2, ".svg"), (["--diagnosis", "XYZ"], 2, "GAD")],
)
def test_refusals_say_what_is_allowed(name, folder, capsys, words, code, said):
    assert _run(name, folder, *words) == code
    assert said in capsys.readouterr().err
