"""remit validate: predictions beside what was observed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from remit.cli.output import print_json
from remit.cli.typed import page_console
from remit.vocabulary.errors import InputRefused, OutOfRange, OutputRefused

if TYPE_CHECKING:
    from remit.inference.events.recovery import Recovered

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
COLUMNS = 110


def _check_folder(page: Path | None) -> None:
    """Refuse a page whose folder is not there, before anything long runs."""
    if page is not None and not page.parent.is_dir():
        raise OutputRefused(f"there is no folder {page.parent}", remedy="Create it first", where="--page")


def _check_page(page: Path | None) -> None:
    """Refuse a page whose folder is not there or whose ending is another."""
    _check_folder(page)
    if page is not None and page.suffix != ".md":
        raise InputRefused(f"{page.name} is no page", allowed="FILE.md", where="--page")


@app.callback()
def validate() -> None:
    """Compare predictions with what was observed."""


@app.command(
    epilog="Example: remit validate exposure --rows. Exit code 0 also when a target is missed: the table says so."
)
def exposure(
    rows: Annotated[bool, typer.Option("--rows", help="Print every row, not only the table by route.")] = False,
    study: Annotated[str | None, typer.Option(help="Only the rows of one study; prints them.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print every comparison as JSON.")] = False,
    page: Annotated[
        Path | None, typer.Option(help="Also write the page with its picture beside it.", metavar="FILE.md")
    ] = None,
) -> None:
    """Predicted beside every published exposure: fold errors by route, study and metric, each miss with its reason."""
    _check_page(page)

    from remit.evidence.exposures import load_exposures
    from remit.evidence.tables import near_miss

    every = load_exposures()
    known = {row.study_id for row in every}
    if study is not None and study not in known:
        raise InputRefused(
            f"no exposures of a study {study!r}", remedy=near_miss(study, known) or "See: remit evidence list",
            where="--study",
        )  # fmt: skip

    from rich.console import Console
    from rich.progress import Progress

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.pharmacology.validation import compare_all
    from remit.reports.validation_page import as_records, print_page, write_page

    with Progress(console=Console(stderr=True), transient=True) as progress:
        asked = [row for row in every if study is None or row.study_id == study]
        task = progress.add_task("comparing", total=len(asked))
        shown = compare_all(asked, report=lambda done: progress.update(task, completed=done))
    if page is not None:
        write_page(shown, page)
    if as_json:
        print_json(as_records(shown))
        return
    console = page_console(COLUMNS)
    print_page(shown, console, rows=rows or study is not None)
    if page is not None:
        console.print(f"Page: {page}")


@app.command(name="meta", epilog="Example: remit validate meta --data tests/golden")
def meta_analysis(
    data: Annotated[
        Path | None, typer.Option(help="Folder of tables to fit again: bcg.csv, alog_pcfb.csv.", metavar="FOLDER")
    ] = None,
    page: Annotated[Path | None, typer.Option(help="Also write the page.", metavar="FILE.md")] = None,
) -> None:
    """Published results of other meta-analysis programs beside those of `remit meta`."""
    _check_folder(page)
    if data is not None and not data.is_dir():
        raise InputRefused(f"there is no folder {data}", where="--data")

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.network.reference import references
    from remit.reports.reference_page import print_references, write_references

    found = references(data)
    print_references(found, page_console(140))
    if page is not None:
        write_references(found, page)
        typer.echo(f"Page: {page}")


@app.command(
    name="fit",
    epilog="Example: remit validate fit --data tests/golden --recovery 200 --kept recovery.done --page fit.md. Two "
    "hundred replicates take minutes; what is done is kept in the file, and an interrupted run goes on.",
)
def mixed_fits(
    data: Annotated[Path, typer.Option(help="Folder of the tables.", metavar="FOLDER")],
    recovery: Annotated[int, typer.Option(help="Replicates of each simulated design; 0 for none.")] = 0,
    seed: Annotated[int, typer.Option(help="Of simulated people.")] = 20261128,
    kept: Annotated[Path | None, typer.Option(help="Keeps what is done of the recovery.", metavar="FILE")] = None,
    page: Annotated[Path | None, typer.Option(help="Also write the page.", metavar="FILE.md")] = None,
) -> None:
    """Published mixed-effects fits of other programs beside those of `remit fit`, and fits of simulated people."""
    _check_page(page)
    if not 0 <= recovery <= 100_000:
        raise OutOfRange(f"{recovery} replicates", allowed="0 to 100,000", where="--recovery")
    if not data.is_dir():
        raise InputRefused(f"there is no folder {data}", where="--data")

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.mixed.reference import compare
    from remit.reports.fit_reference_page import print_fits, write_fits

    found = compare(data, report=lambda name: typer.echo(name, err=True))
    recovered = _recovered(recovery, seed, kept) if recovery else []
    if page is not None:
        write_fits(found, page, recovered, seed)
    print_fits(found, page_console(150), recovered)


def _recovered(replicates: int, seed: int, kept: Path | None) -> list[Recovered]:
    """Every simulated design, fitted so often, with a bar for each."""
    from rich.console import Console
    from rich.progress import Progress

    from remit.inference.mixed.recovery import DESIGNS, recover

    found: list[Recovered] = []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for name in DESIGNS:
            bar = progress.add_task(name, total=replicates)
            found += recover(name, replicates, seed, kept, lambda done, bar=bar: progress.update(bar, completed=done))
    return found


@app.command(
    name="events",
    epilog="Example: remit validate events --data tests/golden. Two hundred replicates of every design take minutes.",
)
def time_to_event(
    data: Annotated[Path, typer.Option(help="Folder of tables and of what is published of them.", metavar="FOLDER")],
    replicates: Annotated[int, typer.Option(help="Of each simulated design; 0 for none.")] = 200,
    seed: Annotated[int, typer.Option(help="Of simulated people.")] = 20261125,
    page: Annotated[Path | None, typer.Option(help="Also write the page.", metavar="FILE.md")] = None,
) -> None:
    """Published results beside those of `remit events`, and fits of simulated people beside the truth."""
    _check_page(page)
    if not data.is_dir():
        raise InputRefused(f"there is no folder {data}", where="--data")
    if not 0 <= replicates <= 100_000:
        raise OutOfRange(f"{replicates} replicates", allowed="0 to 100,000", where="--replicates")

    from rich.console import Console
    from rich.progress import Progress

    from remit.inference.events.recovery import DESIGNS, recover
    from remit.inference.events.reference import compare
    from remit.reports.events_validation_page import print_validation, write_validation

    compared, found = compare(data), []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for name in DESIGNS if replicates else ():
            bar = progress.add_task(name, total=replicates)
            found += recover(name, replicates, seed, lambda done, bar=bar: progress.update(bar, completed=done))
    print_validation(compared, found, page_console(140))
    if page is not None:
        write_validation(compared, found, seed, page)
        typer.echo(f"Page: {page}")


@app.command(
    name="forecast",
    epilog="Exit code 0 also when a band misses: the page says so. A thousand people a setting take about a quarter of "
    "an hour.",
)
def forecast(
    people: Annotated[int, typer.Option(help="Simulated people in each setting.")] = 1000,
    seed: Annotated[int, typer.Option(help="Of the people.")] = 7,
    page: Annotated[Path | None, typer.Option(help="Also write the page.", metavar="FILE.md")] = None,
) -> None:
    """Forecasts of simulated people beside what they did: ranks of every number, coverage of every band."""
    _check_folder(page)
    if not 10 <= people <= 100_000:
        raise OutOfRange(f"{people} people", allowed="10 to 100,000", where="--people")

    from rich.console import Console
    from rich.progress import Progress, TaskID

    from remit.cli.compiled import keep_compiled

    keep_compiled(threads=True)
    from remit.inference.fitted import load
    from remit.inference.person_trial import SETTINGS, trial
    from remit.reports.forecast_validation_page import print_table, write_page

    posterior, trials = load(), []
    with Progress(console=Console(stderr=True), transient=True) as progress:
        for place, setting in enumerate(SETTINGS):
            bar = progress.add_task(setting.name, total=people)

            def report(done: int, bar: TaskID = bar) -> None:
                progress.update(bar, completed=done)

            # people of their own in each setting, so that chance does not fall the same way in two
            trials.append(trial(posterior, setting, people, seed + place, report=report))
            if page is not None:
                write_page(trials, seed, page)
    print_table(trials, page_console(COLUMNS))


@app.command(epilog="Example: remit validate trials --page trials.md. The predictions are made by remit calibrate.")
def trials(
    as_json: Annotated[bool, typer.Option("--json", help="Print every prediction as JSON.")] = False,
    page: Annotated[
        Path | None, typer.Option(help="Also write the page with its picture beside it.", metavar="FILE.md")
    ] = None,
) -> None:
    """Every published trial beside what the other trials predict of it: coverage by what was given and to whom."""
    _check_page(page)

    from remit.inference import fitted
    from remit.inference.check_tables import load_held_out
    from remit.reports.held_out_page import as_records, print_page, write_page

    posterior = fitted.load()
    found = load_held_out()
    if page is not None:
        write_page(posterior, found, page)
    if as_json:
        print_json(as_records(found))
        return
    console = page_console(COLUMNS)
    print_page(found, console)
    if page is not None:
        console.print(f"Page: {page}")
