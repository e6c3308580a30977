"""remit events: time to an event that visits tell only to an interval."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from remit.cli.typed import page_console
from remit.vocabulary.clock import parse_duration
from remit.vocabulary.errors import InputRefused, OutOfRange, OutputRefused

app = typer.Typer(add_completion=False, rich_markup_mode=None)
COLUMNS = 120
UNDER_WAY = "under_way"
EPILOG = (
    "Example: remit events scores.csv --event response --by arm --out analysis. Columns, definitions and every "
    "number are explained in docs/events.md. Ctrl-C keeps the draws that are done (with --out); the same command goes "
    "on from there. A curve without a certificate, or a single model that did not converge, writes nothing "
    "and ends with exit code 4."
)


@app.command(name="events", epilog=EPILOG)
def events(
    data: Annotated[str, typer.Argument(help="FILE.csv or FILE.parquet: intervals, or scores.", metavar="DATA")],
    event: Annotated[
        str | None,
        typer.Option(help="Of scores: response, sustained-response, remission, onset, relapse or loss-of-response."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Column of groups to compare.")] = None,
    covariate: Annotated[list[str] | None, typer.Option(help="Column of a covariate of the models.")] = None,
    model: Annotated[
        str,
        typer.Option(
            help="Names with commas: exponential, weibull, log-normal, log-logistic, each also with +cure; piecewise, "
            "hazards, odds; or usual, all, none."
        ),
    ] = "usual",
    at: Annotated[list[str] | None, typer.Option(help="Time of the table of chances, for example 24h or 4w.")] = None,
    scale: Annotated[str | None, typer.Option(help="Of scores, where no column says it.")] = None,
    time_unit: Annotated[
        str | None, typer.Option(help="Of times whose column does not say it: h, d, w, month, year.")
    ] = None,
    fraction: Annotated[float | None, typer.Option(help="Fall from baseline that is a response.")] = None,
    cut_off: Annotated[float | None, typer.Option(help="Total at or below which is remission [points].")] = None,
    change: Annotated[float | None, typer.Option(help="Fall that is onset [points].")] = None,
    visits: Annotated[int, typer.Option(help="In a row that a sustained response shows.")] = 2,
    clock: Annotated[
        str, typer.Option(help="Of relapse: from the `interval` of the response, or from where it was `seen`.")
    ] = "interval",
    cut: Annotated[
        list[float] | None, typer.Option(help="Cut point of the piecewise model [unit of the table].")
    ] = None,
    scores: Annotated[str, typer.Option(help="Of the log-rank test: sun or finkelstein.")] = "sun",
    permutations: Annotated[int, typer.Option(help="Random deals of the groups for the test's p.")] = 0,
    draws: Annotated[int, typer.Option(help="Of the bootstrap; 0 for no bands.")] = 500,
    level: Annotated[float, typer.Option(help="Of intervals.")] = 0.95,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 20261125,
    out: Annotated[
        Path | None, typer.Option(help="Folder of report.html, pictures, estimates.csv, events.nc.", metavar="FOLDER")
    ] = None,
    picture: Annotated[list[str] | None, typer.Option(help="Kinds of picture files: svg, png, pdf.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Time to an event known to lie between two visits: curve, median, chances, test and models, with bands."""
    _check(level, draws, permutations, picture, scores)
    from remit.inference.events.models import parse_models

    models = parse_models(model)
    _folder(out)
    from remit.inference.events.analysis import Wanted, analyse
    from remit.inference.events.of_table import read_intervals

    defined: dict[str, Any] = {}
    if event is not None:
        defined = {
            "event": event,
            "scale": scale,
            "share": fraction,
            "cut_off": cut_off,
            "change": change,
            "visits": visits,
            "start": clock,
        }
    table, words = read_intervals(data, time_unit=time_unit, by=by, covariates=covariate or (), **defined)
    wanted = Wanted(
        level=level, at=tuple(_time(each, table) for each in at or ()), models=models,
        cuts=tuple(cut or ()), draws=draws, scores=scores, permutations=permutations, seed=seed,
    )  # fmt: skip
    found = _run(lambda report, folder: analyse(table, wanted, event=words, folder=folder, report=report), out)
    from remit.inference.network.record import plain
    from remit.reports.events_page import print_page, write_page

    if out is not None:
        from remit.inference.events.record import write_record

        write_record(found, out)
        write_page(found.summary, out, tuple(picture or ["svg"]))
        shutil.rmtree(out / UNDER_WAY, ignore_errors=True)
    if as_json:
        import json

        typer.echo(json.dumps(plain(found.summary), indent=1, ensure_ascii=False, allow_nan=False))
        return
    console = page_console(COLUMNS)
    print_page(found.summary, console)
    if out is not None:
        console.print(f"Report: {out / 'report.html'}")


def _time(text: str, table: Any) -> float:
    """A time of --at in the unit of the table."""
    if table.hours is not None:
        return parse_duration(text, where="--at") / table.hours
    try:
        return float(text)
    except ValueError:
        raise InputRefused(
            f"{text!r} is not a number of {table.unit}s",
            allowed=f"a number; the table is in {table.unit}s",
            where="--at",
        ) from None


def _check(level: float, draws: int, permutations: int, picture: list[str] | None, scores: str) -> None:
    for kind in picture or []:
        if kind not in {"svg", "png", "pdf"}:
            raise InputRefused(f"unknown kind of picture {kind!r}", allowed="svg, png, pdf", where="--picture")
    if not 0.5 <= level < 1:
        raise OutOfRange(
            f"{level} is no level of an interval", allowed="0.5 to below 1, for example 0.95", where="--level"
        )
    if draws != 0 and not 50 <= draws <= 100_000:
        raise OutOfRange(f"{draws} draws", allowed="50 to 100,000, or 0 for no bands", where="--draws")
    if not 0 <= permutations <= 1_000_000:
        raise OutOfRange(f"{permutations} permutations", allowed="0 to 1,000,000", where="--permutations")
    if scores not in {"sun", "finkelstein"}:
        raise InputRefused(f"unknown scores {scores!r}", allowed="sun, finkelstein", where="--scores")


def _folder(out: Path | None) -> None:
    if out is None:
        return
    if out.exists() and not out.is_dir():
        raise OutputRefused(f"{out} is a file", remedy="Give the name of a folder", where="--out")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutputRefused(f"{out} cannot be made ({fault.strerror})", where="--out") from None


def _run(work: Any, out: Path | None) -> Any:
    """Do the work with its progress shown; an interruption says what is kept."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    folder = None
    if out is not None:
        folder = out / UNDER_WAY
        folder.mkdir(exist_ok=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("fitting", total=None)
        try:
            return work(
                lambda stage, done, total: progress.update(task, description=stage, completed=done, total=total), folder
            )
        except KeyboardInterrupt:
            progress.stop()
            if folder is not None:
                typer.echo(f"What is done is kept in {folder}; the same command goes on from there.", err=True)
            raise
