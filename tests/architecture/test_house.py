"""Rules of the house that no other tool holds."""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "remit"
MODULES = sorted(SOURCE.rglob("*.py"))
VAGUE = {"utils", "util", "helpers", "helper", "core", "common", "manager", "misc", "tools", "base"}
LONGEST = 400


def test_there_are_modules_to_check():
    assert len(MODULES) > 80


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_small_named_after_a_noun_and_says_what_it_is(path):
    text = path.read_text()
    assert path.stem not in VAGUE
    assert len(text.splitlines()) <= LONGEST
    if text.strip():
        assert ast.get_docstring(ast.parse(text)), "no docstring"


def test_the_words_of_the_glossary_have_their_modules():
    glossary = (SOURCE.parents[1] / "GLOSSARY.md").read_text()
    named = set(re.findall(r"`(remit\.[a-z_.]+)`", glossary))
    assert len(named) > 20
    for name in named:
        importlib.import_module(name)


@pytest.mark.parametrize(
    "page", ["docs/equations.md", "docs/decisions", "CONTRIBUTING.md", "src/remit/evidence/published/README.md"]
)
def test_pages_name_modules_and_files_that_exist(page):
    root = SOURCE.parents[1]
    place = root / page
    for file in sorted(place.glob("*.md")) if place.is_dir() else [place]:
        text = file.read_text()
        for name in set(re.findall(r"`(remit(?:\.[a-z_]+)+)`", text)):
            importlib.import_module(name)
        for name in set(re.findall(r"`((?:tests|src|docs)/[\w/.]+)`", text)):
            assert (root / name).exists(), f"{file.name} names {name}"


def _numbers_with_meaning(path):
    """Module-level constants with a number of more than two digits and no word about where it comes from."""
    lines = path.read_text().splitlines()
    for node in ast.parse("\n".join(lines)).body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, float)
        ):
            around = "\n".join(lines[max(0, node.lineno - 4) : node.end_lineno + 3])
            if not re.search(r"#|\"\"\"", around):
                yield f"{path.name}:{node.lineno}"


def test_a_constant_of_the_science_says_what_it_is():
    layers = ("pharmacology", "response", "population", "inference", "answers")
    found = [
        place for layer in layers for path in (SOURCE / layer).rglob("*.py") for place in _numbers_with_meaning(path)
    ]
    assert not found


def test_no_evidence_of_one_study_is_named_in_code():
    """Ids of studies and models belong in data; code that knows one of them has a special case."""
    from remit.evidence.kinetics import load_models
    from remit.evidence.trials import study_ids

    ids = set(study_ids()) | set(load_models())
    for path in MODULES:
        texts = {
            node.value
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not texts & ids, path.name


def test_help_needs_no_science():
    code = (
        "import sys; from remit.cli.__main__ import main; main(['--help']); "
        "heavy = {'jax', 'numpy', 'scipy', 'polars', 'altair', 'numpyro', 'typer', 'rich'} & set(sys.modules); "
        "sys.exit(1 if heavy else 0)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


def test_every_command_is_there_and_has_help(capsys):
    from remit.cli.__main__ import COMMANDS, main

    for name in COMMANDS:
        assert main([name, "--help"]) == 0
        assert "Usage: remit" in capsys.readouterr().out


def test_the_published_evidence_ships_in_the_package():
    text = (SOURCE.parents[1] / "pyproject.toml").read_text()
    assert 'packages = ["src/remit"]' in text
    tracked = subprocess.run(
        ["git", "ls-files", "src/remit/evidence/published"], capture_output=True, text=True, check=False,
        cwd=SOURCE.parents[1],
    )  # fmt: skip
    if tracked.returncode == 0:
        here = {str(path.relative_to(SOURCE.parents[1])) for path in (SOURCE / "evidence/published").rglob("*.*")}
        assert {path for path in here if not path.endswith(".pyc")} <= set(tracked.stdout.split())


def test_what_the_package_imports_is_a_dependency_of_the_package():
    import tomllib
    from importlib.metadata import packages_distributions

    declared = tomllib.loads((SOURCE.parents[1] / "pyproject.toml").read_text())["project"]["dependencies"]
    names = {re.split(r"[<>=~\[ ]", each)[0].lower() for each in declared}
    owners = packages_distributions()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found += [node.module or ""] if isinstance(node, ast.ImportFrom) and node.level == 0 else []
            for module in {each.split(".")[0] for each in found} - set(sys.stdlib_module_names) - {"remit", ""}:
                owner = {name.lower() for name in owners.get(module, [module])}
                assert owner & names, f"{path.name} imports {module}"
