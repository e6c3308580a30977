"""What the documents show is what happens: commands are run, Python blocks are executed, links lead somewhere."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from remit.cli.__main__ import main

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "GLOSSARY.md"]
LINKED = [*WRITTEN, *sorted((ROOT / "docs/evidence").glob("*.md")), *sorted((ROOT / "docs/decisions").glob("*.md")),
          *sorted((ROOT / "docs/validation").glob("*.md"))]  # fmt: skip
BLOCK = re.compile(r"^```(console|python)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(kind):
    for page in WRITTEN:
        for number, found in enumerate(BLOCK.finditer(page.read_text())):
            if found[1] == kind:
                yield pytest.param(found[2], id=f"{page.name}-{number}")


def commands(text):
    """Each command of a block with the lines shown under it."""
    parts = re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]
    for part in parts:
        command, _, shown = part.partition("\n")
        yield command, shown.rstrip("\n")


@pytest.mark.parametrize("text", list(blocks("console")))
def test_commands_do_what_the_page_shows(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # pages are read at the root of the repository: files they name are there, and what they write is not
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    for command, shown in commands(text):
        words = shlex.split(command)
        assert words[0] == "remit", command
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(words[1:])
        expected = shown.splitlines()
        if expected and (ending := re.fullmatch(r"\[(\d+)\]", expected[-1])):
            assert code == int(ending[1])
            expected = expected[:-1]
        else:
            assert code == 0, out.getvalue()
        if expected:
            assert_same_page("\n".join(expected), out.getvalue())


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def assert_same_page(shown, said):
    """The same words, and the same numbers but for a last digit that another processor may round the other way.

    A line ``...`` stands for any number of lines.
    """
    rest = " ".join(said.split())
    for part in re.split(r"^\.\.\.$", shown, flags=re.MULTILINE):
        words = " ".join(part.split())
        pattern = rf"({NUMBER.pattern})".join(re.escape(piece) for piece in NUMBER.split(words))
        found = re.search(pattern, rest)
        assert found, f"{words}\n\nis not in\n\n{rest}"
        for here, there in zip(NUMBER.findall(words), found.groups(), strict=True):
            one, other = float(here.replace(",", "")), float(there.replace(",", ""))
            assert abs(one - other) <= max(1.0, 0.05 * abs(one)), f"{here} is {there}"
        rest = rest[found.end() :]


@pytest.mark.parametrize("text", list(blocks("python")))
def test_python_blocks_run(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(text, "block", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out


@pytest.mark.parametrize("page", LINKED, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target
