"""remit events: time to an event that visits tell only to an interval."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from remit.cli.analysis_folder import UNDER_WAY, check_kinds, check_level, made, run_shown
from remit.cli.output import print_json
from remit.cli.typed import column_names, page_console
from remit.vocabulary.clock import parse_duration
from remit.vocabulary.errors import InputRefused, OutOfRange

app = typer.Typer(add_completion=False, rich_markup_mode=None)
COLUMNS = 120
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
            help="Names with commas: exponential, weibull, log-normal, log-logistic, each also with +cure; gamma; "
            "piecewise, hazards, odds; weibull+hazards, gamma+odds, ...; or usual, all, none."
        ),
    ] = "usual",
    at: Annotated[list[str] | None, typer.Option(help="Time of the table of chances, for example 24h or 4w.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="What a column is called in DATA, for example left=L; may be repeated.", metavar="NAME=COLUMN"
        ),
    ] = None,
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
    made(out)
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
    table, words = read_intervals(
        data, time_unit=time_unit, by=by, covariates=covariate or (), renamed=column_names(column or []), **defined
    )
    wanted = Wanted(
        level=level, at=tuple(_time(each, table) for each in at or ()), models=models,
        cuts=tuple(cut or ()), draws=draws, scores=scores, permutations=permutations, seed=seed,
    )  # fmt: skip
    found = run_shown(
        lambda report, folder: analyse(table, wanted, event=words, folder=folder, report=report), out, "fitting", _kept
    )
    from remit.inference.network.record import plain
    from remit.reports.events_page import print_page, write_page

    if out is not None:
        from remit.inference.events.record import write_record

        write_record(found, out)
        write_page(found.summary, out, tuple(picture or ["svg"]))
        shutil.rmtree(out / UNDER_WAY, ignore_errors=True)
    if as_json:
        print_json(plain(found.summary))
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
    check_kinds(picture)
    check_level(level)
    if draws != 0 and not 50 <= draws <= 100_000:
        raise OutOfRange(f"{draws} draws", allowed="50 to 100,000, or 0 for no bands", where="--draws")
    if not 0 <= permutations <= 1_000_000:
        raise OutOfRange(f"{permutations} permutations", allowed="0 to 1,000,000", where="--permutations")
    if scores not in {"sun", "finkelstein"}:
        raise InputRefused(f"unknown scores {scores!r}", allowed="sun, finkelstein", where="--scores")


def _kept(folder: Path | None) -> str:
    """What an interruption leaves, and how to go on."""
    return "" if folder is None else f"What is done is kept in {folder}; the same command goes on from there."
