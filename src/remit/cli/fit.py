"""remit fit: a mixed-effects model of one's own data."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path
from typing import Annotated

import typer

from remit.cli.analysis_folder import UNDER_WAY, check_kinds, made, run_shown
from remit.cli.output import print_json
from remit.cli.typed import column_names, named, page_console
from remit.vocabulary.errors import InputRefused, NotConverged, OutOfRange

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
COLUMNS = 110


@app.command(
    epilog="Example: remit fit pk.csv 1cpt-oral --error combined --covariate 'CL~WT/70^0.75' --out fit. Exit code 4 "
    "when the fit did not converge: nothing is shown then. Ctrl-C keeps what is done (with --out); the same command "
    "goes on from there."
)
def fit(
    data: Annotated[Path, typer.Argument(help="CSV with ID, TIME, DV, and AMT, EVID, ... as NONMEM reads them.")],
    model: Annotated[
        str,
        typer.Argument(
            help="1cpt-iv, ..., 1cpt-oral+emax, ketamine:MODEL, FILE.yaml, or FILE.py:FUNCTION; see docs/fit.md."
        ),
    ],
    method: Annotated[
        str,
        typer.Option(help="focei, foce, laplace, agq (quadrature), lme (as R's nlme), saem, or nuts (full Bayes)."),
    ] = "focei",
    initial: Annotated[
        list[str] | None,
        typer.Option(
            help="Starting value, NAME=NUMBER on its natural scale, 'sd NAME=NUMBER' of an SD between people; may be "
            "repeated.",
            metavar="NAME=NUMBER",
        ),
    ] = None,
    random: Annotated[
        str | None, typer.Option(help="Parameters in which people differ, with commas; else all.")
    ] = None,
    omega: Annotated[
        list[str] | None, typer.Option(help="diagonal, full, or a block such as CL+V; may be repeated.")
    ] = None,
    error: Annotated[
        list[str] | None,
        typer.Option(help="additive, proportional, combined, log or bounded (totals); OUTPUT=KIND for one of several."),
    ] = None,
    covariate: Annotated[
        list[str] | None,
        typer.Option(help="CL~WT/70 (power), CL~WT/70^0.75 (fixed), CL~AGE-40, CL~SEX (words); may be repeated."),
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="What a column is called in DATA, for example DV=conc; may be repeated.", metavar="NAME=COLUMN"
        ),
    ] = None,
    unit: Annotated[
        list[str] | None,
        typer.Option(
            help="Unit of TIME, AMT, DV, an output or a parameter, for tables and axes: TIME=h; may be repeated.",
            metavar="NAME=UNIT",
        ),
    ] = None,
    fix: Annotated[str | None, typer.Option(help="Parameters that are not estimated, with commas.")] = None,
    occasion: Annotated[str | None, typer.Option(help="Parameters that differ between occasions (OCC).")] = None,
    published: Annotated[
        float, typer.Option(help="Of ketamine models: how many people the published values count as.")
    ] = 0.0,
    nodes: Annotated[int, typer.Option(help="Nodes of quadrature in each dimension.")] = 9,
    prior: Annotated[
        list[str] | None,
        typer.Option(
            help="Of nuts: CL=2.8,0.3 (value, SD on the fitted scale), 'sd CL=0.5' (half-normal); may be repeated.",
            metavar="NAME=NUMBERS",
        ),
    ] = None,
    draws: Annotated[int, typer.Option(help="Of nuts: draws of each of four chains.")] = 2000,
    warmup: Annotated[int, typer.Option(help="Of nuts: iterations of a chain before its draws.")] = 500,
    out: Annotated[Path | None, typer.Option(help="Folder for report, tables and pictures.", metavar="FOLDER")] = None,
    picture: Annotated[list[str] | None, typer.Option(help="svg, png or pdf; may be repeated.")] = None,
    replicates: Annotated[int, typer.Option(help="Data sets simulated for the predictive checks.")] = 500,
    seed: Annotated[int, typer.Option(help="The same seed gives the same numbers.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Fit a mixed-effects model to one's own people: estimates with their errors, diagnostics, plots."""
    _check(out, picture, replicates, nodes)
    if not (100 <= draws <= 100_000 and 100 <= warmup <= 100_000):
        raise OutOfRange(f"{draws} draws after {warmup}", allowed="100 to 100,000 of each", where="--draws, --warmup")
    beliefs, units = _beliefs(prior or [], method), named(unit or [], "unit", "TIME=h")
    gc.enable()  # unlike other commands this one runs long
    from remit.inference.mixed.event_table import read_events

    table = read_events(data, column_names(column or []))
    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.inference.mixed.model_file import Wishes, load_model

    wishes = Wishes(
        initial=_numbers(initial or [], "--initial"),
        random=_names(random),
        omega=tuple(omega or ()),
        error=tuple(error or ()),
        covariates=tuple(covariate or ()),
        fix=_names(fix) or (),
        occasion=_names(occasion) or (),
        published=published,
    )
    chosen = load_model(model, wishes, table, method)
    from remit.inference.mixed.units import units_of

    units_of(chosen.structure, [each.name for each in chosen.parameters], units)  # refused before a long fit
    from remit.inference.mixed.fit import fit as run
    from remit.inference.mixed.found import Effort
    from remit.inference.sampling import Settings

    effort = Effort(nodes, True, seed, Settings(warmup=warmup, draws=draws, seed=seed), beliefs)
    from remit.inference.mixed.words import spoken
    from remit.reports.fit_page import print_page, write_failure, write_page

    try:
        found = run_shown(
            lambda report, folder: run(table, chosen, method, effort=effort, report=report, folder=folder),
            out, "compiling", _kept,
        )  # fmt: skip
    except NotConverged as fault:
        if out is not None:
            write_failure(fault, spoken(chosen), method, out)
            if method != "nuts":
                # a search would end where it did; draws that were too few can be gone on with to more of them
                shutil.rmtree(out / UNDER_WAY, ignore_errors=True)
            typer.echo(_failed(out), err=True)
        raise
    from remit.inference.mixed.record import MOST_PEOPLE, summarise, write_record

    drawn_people = MOST_PEOPLE if as_json or out is not None else 0
    summary = summarise(found, replicates, seed, units=units, drawn_people=drawn_people)
    if out is not None:
        write_record(found, summary, out)
        write_page(summary, out, tuple(picture or ["svg"]))
        (out / "failed.html").unlink(missing_ok=True)
        shutil.rmtree(out / UNDER_WAY, ignore_errors=True)
    if as_json:
        print_json(summary)
        return
    console = page_console(COLUMNS)
    print_page(summary, console)
    if out is not None:
        console.print(f"Report: {out / 'report.html'}")


def _check(out: Path | None, picture: list[str] | None, replicates: int, nodes: int) -> None:
    check_kinds(picture)
    if not 100 <= replicates <= 10_000:
        raise OutOfRange(f"{replicates} data sets", allowed="100 to 10,000", where="--replicates")
    if not 1 <= nodes <= 50:
        raise OutOfRange(f"{nodes} nodes", allowed="1 to 50", where="--nodes")
    made(out)


def _numbers(given: list[str], where: str) -> dict[str, float]:
    found = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            raise InputRefused(
                f"{text!r} is no starting value", allowed="NAME=NUMBER, for example KA=1.5", where=where
            ) from None
    return found


def _beliefs(given: list[str], method: str) -> dict[str, tuple[float, ...]]:
    if given and method != "nuts":
        raise InputRefused("priors belong to full Bayes", remedy="Add --method nuts", where="--prior")
    found = {}
    for text in given:
        name, _, values = text.partition("=")
        try:
            found[name.strip()] = tuple(float(value) for value in values.split(","))
        except ValueError:
            raise InputRefused(
                f"{text!r} is no prior", allowed="CL=2.8,0.3, 'CL~WT=0.75,0.1', 'sd CL=0.5', additive=1",
                where="--prior",
            ) from None  # fmt: skip
    return found


def _failed(out: Path) -> str:
    """Where the reason of a failed fit stands, and what else the folder holds."""
    said = f"Why, and what to try: {out / 'failed.html'}"
    older = (out / "summary.json").exists()
    return f"{said}. The other files in {out} are of an earlier fit." if older else said


def _names(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def _kept(folder: Path | None) -> str:
    """What an interruption leaves, and how to go on."""
    if folder is None:
        return "Nothing is kept without --out."
    if not any(folder.iterdir()):
        return "Nothing was done yet that could be kept; the same command begins anew."
    return f"What is done is kept in {folder}; the same command goes on from there."
