"""remit evidence diff: what changed in the evidence, and what that does to the answers."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from remit.vocabulary.errors import InputRefused, NotConverged

EVIDENCE, POSTERIOR = "src/remit/evidence/published", "src/remit/inference/posterior"
"""Where a revision keeps its evidence and the posterior that was fitted to it."""


def diff(
    revision: Annotated[
        str, typer.Argument(help="A git revision, or a folder with an older copy of the evidence.", metavar="REV")
    ],
    rows_only: Annotated[bool, typer.Option("--rows", help="Only the rows; answers take half a minute.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """What changed since a revision: rows added, removed and changed, and the answers before and after."""
    from remit.evidence.row_changes import changes, rows_of
    from remit.evidence.tables import published
    from remit.inference.fitted import default_folder

    today, fitted_today = Path(str(published())), default_folder()
    with tempfile.TemporaryDirectory(prefix="remit-diff-") as made:
        old, fitted_old = _folders(revision, today, Path(made))
        found: dict[str, Any] = {
            "revision": revision,
            "rows": [
                {"file": each.file, "table": each.table, "row": each.row, "kind": each.kind,
                 "before": dict(each.before), "after": dict(each.after)}
                for each in changes(rows_of(old), rows_of(today))
            ],
            "posterior": _posterior_said(fitted_old, fitted_today),
            "before": None,
            "after": None,
        }  # fmt: skip
        if not rows_only:
            with ThreadPoolExecutor(2) as sides:  # each is a process of its own
                found["before"], found["after"] = sides.map(_state, (old, None), (fitted_old, fitted_today))
    if as_json:
        from remit.cli.output import print_json

        print_json(found)
        return
    from remit.cli.typed import page_console
    from remit.reports import evidence_diff_page

    evidence_diff_page.print_page(found, page_console(evidence_diff_page.COLUMNS))


def _folders(revision: str, today: Path, made: Path) -> tuple[Path, Path]:
    """Evidence and posterior of a revision, or of a folder."""
    given = Path(revision)
    if given.is_dir():
        inside = given / EVIDENCE
        old = inside if inside.is_dir() else given
        if not (old / "sources.csv").exists():
            raise InputRefused(f"{revision} holds no evidence", allowed="a folder with sources.csv", where="REV")
        return old, given / POSTERIOR if inside.is_dir() else given / "posterior"
    top = subprocess.run(  # noqa: S603
        ["git", "-C", str(today), "rev-parse", "--show-toplevel"],  # noqa: S607
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if top.returncode:
        raise InputRefused(
            f"{revision} is no folder, and this evidence lies in no git repository", where="REV",
            remedy="Give a folder with an older copy",
        )  # fmt: skip
    packed = subprocess.run(  # noqa: S603
        ["git", "-C", top.stdout.strip(), "archive", revision, EVIDENCE, POSTERIOR],  # noqa: S607
        capture_output=True, check=False,
    )  # fmt: skip
    if packed.returncode:
        raise InputRefused(
            f"git knows no evidence of {revision!r} ({packed.stderr.decode().strip()})", where="REV",
            remedy="See: git log -- src/remit/evidence/published",
        )  # fmt: skip
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(made, filter="data")
    return made / EVIDENCE, made / POSTERIOR


def _posterior_said(old: Path, new: Path) -> str:
    """Whether the posterior changed, in words."""
    if not (old / "manifest.json").exists():
        return "The older evidence has no posterior beside it, so there are no answers before."
    files = ("anxiety.nc", "manifest.json")
    if all((old / name).read_bytes() == (new / name).read_bytes() for name in files):
        return "The posterior did not change: numbers of the engine are the same unless the code changed."
    hashes = [json.loads((each / "manifest.json").read_text())["evidence_hash"][:12] for each in (old, new)]
    return f"The posterior changed: it saw evidence {hashes[0]} before and {hashes[1]} now."


def _state(evidence: Path | None, posterior: Path) -> dict[str, Any] | None:
    """What the answers are under a folder of evidence, or under the evidence that ships where there is None."""
    if not (posterior / "manifest.json").exists():
        return None
    done = subprocess.run(  # noqa: S603  (this interpreter, and paths of our own)
        [sys.executable, "-m", "remit.cli.evidence_state", str(evidence or ""), str(posterior)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise NotConverged(
            f"the answers under {evidence.name if evidence else 'what ships'} could not be computed "
            f"({lines[-1] if lines else ''})"
        )
    return json.loads(done.stdout)
