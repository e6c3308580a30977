"""remit calibrate: fit the response model to the published arms again."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Annotated

import typer

from remit.cli.progress_file import ProgressFile, writing
from remit.vocabulary.errors import OutOfRange, OutputRefused

app = typer.Typer(add_completion=False, rich_markup_mode=None)

UNDER_WAY, HELD_OUT_UNDER_WAY = "under_way.pickle", "held_out_under_way.pickle"
EPILOG = (
    "Takes about half an hour for the fit, and half as long again for the trials held out. Ctrl-C keeps what is done; "
    "the same command goes on from there. A fit that did not converge writes nothing and ends with exit code 4."
)


@app.command(name="calibrate", epilog=EPILOG)
def calibrate(
    out: Annotated[
        Path | None, typer.Option(help="Folder of the posterior; the one that ships with remit if left out.")
    ] = None,
    page: Annotated[
        Path | None, typer.Option(help="Write the page of diagnostics and checks: FILE.md, with a picture beside it.")
    ] = None,
    chains: Annotated[int | None, typer.Option(help="Independent chains.")] = None,
    warmup: Annotated[int | None, typer.Option(help="Iterations of each chain that are thrown away.")] = None,
    draws: Annotated[int | None, typer.Option(help="Iterations of each chain that are kept.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same draws.")] = None,
    hold_out: Annotated[
        bool, typer.Option(help="Also predict every trial from the others, and write held_out.csv.")
    ] = True,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Leave a study out; may be given again. Needs --out.", metavar="STUDY"),
    ] = None,
    no_fit: Annotated[
        bool, typer.Option("--no-fit", help="Only write the page, of the posterior that lies in the folder.")
    ] = False,
    progress: ProgressFile = None,
) -> None:
    """Fit the response model to all usable published arms, check it, and write the posterior that answers use."""
    for name, value, least in (("--chains", chains, 2), ("--warmup", warmup, 10), ("--draws", draws, 10)):
        if value is not None and value < least:
            raise OutOfRange(f"{value} is too few", allowed=f"{least} or more", where=name)
    if page is not None and not page.parent.is_dir():
        raise OutputRefused(f"there is no folder {page.parent}", remedy="Create it first", where="--page")

    left_out = frozenset(without or ())
    if left_out:
        _check_left_out(left_out, out)
    given = {"chains": chains, "warmup": warmup, "draws": draws, "seed": seed}
    asked = {name: value for name, value in given.items() if value is not None}
    if not no_fit:
        # many small operations run faster on one thread; only before JAX starts can it be said
        flags = "--xla_cpu_multi_thread_eigen=false"
        os.environ["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {flags}".strip()

    from rich.console import Console

    from remit.inference import fitted
    from remit.inference.check_tables import load_checks

    console = Console(highlight=False)
    folder = out or fitted.default_folder()
    if not no_fit:
        _fit(folder, asked, left_out, progress, hold_out=hold_out)
    posterior = fitted.load(folder)
    checks = load_checks(folder)

    from remit.reports.calibration_page import print_summary, write_page

    print_summary(posterior, checks, console)
    if page is not None:
        write_page(posterior, checks, page)
        console.print(f"Page: {page}")


def _check_left_out(studies: frozenset[str], out: Path | None) -> None:
    from remit.evidence.tables import near_miss
    from remit.evidence.trials import study_ids
    from remit.vocabulary.errors import InputRefused

    for study in sorted(studies):
        if study not in study_ids():
            hint = near_miss(study, study_ids()) or "See: remit evidence list"
            raise InputRefused(f"unknown study {study!r}", remedy=hint, where="--without")
    if out is None:
        raise InputRefused(
            "a posterior without studies cannot take the place of the one that ships", remedy="Add --out FOLDER",
            where="--without",
        )  # fmt: skip


def _fit(
    folder: Path, asked: dict[str, int], without: frozenset[str], progress_file: Path | None, *, hold_out: bool
) -> None:
    gc.enable()  # unlike other commands this one runs long, and each block leaves cycles behind
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from remit.inference import fitted
    from remit.inference.check_tables import save_checks, save_held_out
    from remit.inference.refit import held_out, refit
    from remit.inference.sampling import Settings

    folder.mkdir(parents=True, exist_ok=True)
    checkpoint, kept = folder / UNDER_WAY, folder / HELD_OUT_UNDER_WAY
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, TimeElapsedColumn()) as progress:
        task = progress.add_task("preparing", total=None)

        report = writing(
            progress_file,
            lambda stage, done, total: progress.update(task, description=stage, completed=done, total=total),
        )

        try:
            found = refit(Settings(**asked), checkpoint=checkpoint, report=report, without=without)
            fitted.save(found.posterior, folder)
            save_checks(found.checks, folder)
            if hold_out:
                save_held_out(held_out(found, checkpoint=kept, report=report), folder)
        except KeyboardInterrupt:
            progress.stop()
            typer.echo(f"What is done is kept in {checkpoint}; the same command goes on from there.", err=True)
            raise
    checkpoint.unlink(missing_ok=True)
    kept.unlink(missing_ok=True)
