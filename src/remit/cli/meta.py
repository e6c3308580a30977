"""remit meta: time-course network meta-analysis of a table."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import Annotated

import typer

from remit.cli.analysis_folder import UNDER_WAY, check_kinds, check_level, made, run_shown
from remit.cli.output import print_json
from remit.cli.progress_file import ProgressFile
from remit.cli.typed import page_console
from remit.vocabulary.clock import parse_duration
from remit.vocabulary.errors import InputRefused, OutOfRange

app = typer.Typer(add_completion=False, rich_markup_mode=None)
COLUMNS = 120
EPILOG = (
    "Example: remit meta results.csv --curve all --at 8w --reference placebo --out analysis. Columns and every number "
    "are explained in docs/meta.md. Ctrl-C keeps the fits that are done (with --out); the same command goes on from "
    "there. A fit that did not converge writes nothing and ends with exit code 4."
)


@app.command(name="meta", epilog=EPILOG)
def meta(
    table: Annotated[
        str,
        typer.Argument(
            help="FILE.csv or FILE.parquet, or `evidence` for the published rows of remit.", metavar="TABLE"
        ),
    ],
    curve: Annotated[
        str,
        typer.Option(help="emax, exponential, log-linear, spline, rise-and-fall, as-given, linear, quadratic, or all."),
    ] = "emax",
    at: Annotated[
        str | None,
        typer.Option(help="Time of tables and pictures, for example 8w; the last observed time if left out."),
    ] = None,
    reference: Annotated[str | None, typer.Option(help="Treatment that others are compared with.")] = None,
    time: Annotated[
        str, typer.Option(help="`column`: use the times; `none`: one time, classic meta-analysis.")
    ] = "column",
    time_unit: Annotated[str | None, typer.Option(help="Unit of a column `time`: h, d or w.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of fit.nc, summary.json, report.html and pictures.", metavar="FOLDER")
    ] = None,
    picture: Annotated[list[str] | None, typer.Option(help="Kinds of picture files: svg, png, pdf.")] = None,
    shapes: Annotated[
        str, typer.Option(help="Times of the curve: `shared` by treatments, or `each` its own.")
    ] = "shared",
    effects: Annotated[
        str,
        typer.Option(
            help="`random`: effects differ between studies; `common`: they do not; `unrelated`: random, and checked "
            "against effects that owe each other nothing."
        ),
    ] = "random",
    class_effects: Annotated[
        str, typer.Option(help="Treatments of one class: `none`, `common` effect, or `random` about its mean.")
    ] = "none",
    counts: Annotated[
        str | None, typer.Option(help="Events: `exact` binomial likelihood (default) or `approximate` log odds.")
    ] = None,
    residual: Annotated[
        str, typer.Option(help="Rows of one arm: independent, exchangeable or autoregressive.")
    ] = "independent",
    correlation: Annotated[float | None, typer.Option(help="Of the residuals; estimated if left out.")] = None,
    course: Annotated[
        str | None, typer.Option(help="Courses of studies under their first arm: `free` or `pooled`.")
    ] = None,
    misfit: Annotated[
        bool, typer.Option("--misfit/--no-misfit", help="Let rows scatter more than their standard errors say.")
    ] = True,
    change: Annotated[
        bool, typer.Option("--change", help="The outcome is a change from the start: no level for each study.")
    ] = False,
    higher_is_better: Annotated[
        bool, typer.Option("--higher-is-better", help="For ranks; lower is better if left out.")
    ] = False,
    level: Annotated[float, typer.Option(help="Of intervals.")] = 0.95,
    no_splits: Annotated[bool, typer.Option("--no-splits", help="Do not split direct from indirect evidence.")] = False,
    method: Annotated[str, typer.Option(help="Without times: fixed, DL, REML or PM.")] = "REML",
    knapp_hartung: Annotated[
        bool, typer.Option("--knapp-hartung", help="Without times: intervals of Hartung and Knapp.")
    ] = False,
    measure: Annotated[
        str | None, typer.Option(help="Without times: RR, OR or RD of counts; MD or SMD of means.")
    ] = None,
    population: Annotated[list[str] | None, typer.Option(help="Of `evidence`: only these populations.")] = None,
    scale: Annotated[str | None, typer.Option(help="Of `evidence`: only this scale.")] = None,
    treatment: Annotated[list[str] | None, typer.Option(help="Only arms of these treatments.")] = None,
    connected: Annotated[
        bool, typer.Option("--connected", help="Of a network in parts, keep that of the reference.")
    ] = False,
    sampler: Annotated[str, typer.Option(help="auto, independence or nuts.")] = "auto",
    chains: Annotated[int, typer.Option(help="Independent chains.")] = 4,
    draws: Annotated[int, typer.Option(help="Iterations of each chain that are kept.")] = 1000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 20261124,
    progress: ProgressFile = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Time-course network meta-analysis: treatment effects over time, with what they rest on and how sure they are."""
    _check(time, out, picture, level, chains, draws)
    at_h = None if at is None else parse_duration(at, where="--at")
    from remit.inference.network.published_rows import published_table
    from remit.inference.network.table import only, read_table

    timeless = time == "none"
    if table == "evidence":
        found = published_table(scale=scale, populations=population, treatments=treatment, timeless=timeless)
    else:
        if population or scale:
            raise InputRefused(
                "--population and --scale choose rows of `evidence`", remedy="Leave them out", where="TABLE"
            )
        found = only(read_table(Path(table), time_unit=time_unit, timeless=timeless), treatment)
    if timeless:
        from remit.cli.meta_classic import run

        run(
            found,
            reference,
            connected=connected,
            method=method,
            knapp_hartung=knapp_hartung,
            measure=measure,
            level=level,
            out=out,
            kinds=tuple(picture or ["svg"]),
            as_json=as_json,
            lower_is_better=not higher_is_better,
        )
        return
    gc.enable()  # unlike other commands this one runs long
    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.network.analysis import Wanted, analyse, curves_of
    from remit.inference.network.fit import Assumptions
    from remit.inference.network.network import make_network
    from remit.inference.network.settings import Settings

    if counts is not None and found.kind != "counts":
        raise InputRefused(
            "--counts is for tables of events", remedy="Leave it out, or give columns events and n", where="--counts"
        )
    network = make_network(found, reference, connected=connected)
    wanted = Wanted(
        at=float(network.times.max()) if at_h is None else at_h / found.hours,
        curves=curves_of(curve),
        level=level,
        lower_is_better=not higher_is_better,
        splits=not no_splits,
    )
    assumptions = Assumptions(
        shapes=shapes,
        effects=effects,
        residual=residual,
        correlation=correlation,
        misfit=misfit,
        level=not change,
        course=course,
        counts=counts or "exact",
        classes=class_effects,
    )
    settings = Settings(chains=chains, draws=draws, seed=seed, sampler=sampler)
    analysis = run_shown(
        lambda report, folder: analyse(network, assumptions, settings, wanted, folder=folder, report=report),
        out,
        "preparing",
        _kept,
        progress,
    )
    from remit.reports.meta_page import print_page, write_page

    if out is not None:
        from remit.inference.network.record import write_record

        write_record(analysis, out)
        write_page(analysis.summary, out, tuple(picture or ["svg"]))
        shutil.rmtree(out / UNDER_WAY, ignore_errors=True)
    if as_json:
        from remit.inference.network.record import plain

        print_json(plain(analysis.summary))
        return
    console = page_console(COLUMNS)
    print_page(analysis.summary, console)
    if out is not None:
        console.print(f"Report: {out / 'report.html'}")


def _check(time: str, out: Path | None, picture: list[str] | None, level: float, chains: int, draws: int) -> None:
    if time not in {"column", "none"}:
        raise InputRefused(f"unknown {time!r}", allowed="column or none", where="--time")
    check_kinds(picture)
    check_level(level)
    if chains < 2 or draws < 100:
        raise OutOfRange(
            f"{chains} chains of {draws} draws are too few",
            allowed="2 chains or more, 100 draws or more",
            where="--chains, --draws",
        )
    made(out)


def _kept(folder: Path | None) -> str:
    """What an interruption leaves, and how to go on."""
    if folder is None:
        return "Nothing is kept: with --out FOLDER, fits that are done are, and the same command goes on from them."
    done = len(list(folder.glob("*.draws")))
    many = f"{done} finished {'fit is' if done == 1 else 'fits are'}"
    under_way = ", and one that is under way" if list(folder.glob("*.state")) else ""
    return f"{many} kept in {folder}{under_way}; the same command goes on from there."
