"""remit evidence: the published numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from remit.cli import course_options as named
from remit.cli.evidence_diff import diff
from remit.cli.evidence_forest import forest
from remit.cli.evidence_without import without
from remit.cli.typed import check_pictures
from remit.vocabulary.errors import InputRefused, OutputRefused

app = typer.Typer(add_completion=False, rich_markup_mode=None, no_args_is_help=True)
COLUMNS = 140
OPEN_FINDINGS = 3
"""Exit code of a strict audit with open findings: that of refused evidence."""


@app.callback()
def evidence() -> None:
    """The published numbers: list, show, audit, export; and how answers move without some of them."""


def _console() -> Any:
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = COLUMNS
    return console


@app.command(name="list")
def list_studies(
    drug: Annotated[str | None, typer.Option(help="Only studies with an arm of this treatment.")] = None,
    domain: Annotated[str | None, typer.Option(help="anxiety, ptsd, ocd, depression or other.")] = None,
    retracted: Annotated[bool, typer.Option("--retracted", help="Only retracted studies.")] = False,
) -> None:
    """Every study, one line each."""
    from remit.evidence.tables import near_miss
    from remit.evidence.trials import DOMAINS, load_trials
    from remit.reports.evidence_page import print_list

    trials = load_trials().values()
    treatments = {arm.treatment for trial in trials for arm in trial.arms}
    if domain is not None and domain not in DOMAINS:
        raise InputRefused(f"unknown domain {domain!r}", allowed=", ".join(DOMAINS), where="--domain")
    if drug is not None and drug not in treatments:
        raise InputRefused(
            f"no arm of {drug!r}", remedy=near_miss(drug, treatments) or "See the column treatments", where="--drug"
        )
    print_list(
        [
            trial
            for trial in trials
            if (drug is None or any(arm.treatment == drug for arm in trial.arms))
            and (domain is None or trial.domain == domain)
            and (not retracted or trial.is_retracted)
        ],
        _console(),
    )
    from remit.evidence.release import load_release

    typer.echo(f"{load_release()}.")


@app.command()
def show(
    study: Annotated[str, typer.Argument(help="Id of a study, as in `remit evidence list`.", metavar="STUDY")],
    chart: named.Pictures = None,
    theme: named.ThemeName = "light",
) -> None:
    """One study: design, flags, arms, every number with its source; --chart draws it over what others predict of it."""
    pictures = chart or []
    check_pictures(pictures, theme)
    from remit.evidence.tables import near_miss
    from remit.evidence.trials import load_trial, study_ids
    from remit.reports.evidence_page import print_study

    if study not in study_ids():
        raise InputRefused(
            f"unknown study {study!r}",
            remedy=near_miss(study, study_ids()) or "See: remit evidence list",
            where="STUDY",
        )
    if pictures:
        from remit.answers.trial_predicted import trial_predicted
        from remit.reports.frame import save_drawn
        from remit.reports.trial_fan_chart import described, fan_table, sentence, trial_fan_chart

        found = trial_predicted(study)
        if found is None:
            raise InputRefused(
                f"nothing is predicted of {study}, because none of its numbers is in use", where="--chart",
                remedy="Leave --chart out",
            )  # fmt: skip
        for path in pictures:
            save_drawn(
                trial_fan_chart(found, theme), f"{study}, predicted from all other studies", described(found),
                [(sentence(found), *fan_table(found))], path,
            )  # fmt: skip
    print_study(load_trial(study), _console())


@app.command(name="map", epilog="Example: remit evidence map --chart map.svg")
def map_(chart: named.Pictures = None, theme: named.ThemeName = "light") -> None:
    """Who was studied, by which route, and how well it was masked: ketamine and esketamine."""
    from rich.text import Text

    from remit.reports.text_page import titled_table

    check_pictures(chart or [], theme)
    from remit.answers.evidence_map import evidence_map
    from remit.reports.evidence_map_chart import KEY, described, evidence_map_chart, map_table, sentence
    from remit.reports.frame import save_drawn

    found = evidence_map()
    header, rows = map_table(found)
    for path in chart or []:
        words = described(found)
        save_drawn(evidence_map_chart(found, theme), "The map of the evidence", words, [(KEY, header, rows)], path)
    console = _console()
    console.print(Text(sentence(found), style="bold"))
    table = titled_table("Retracted studies and pooled analyses are left out", *header)
    for row in rows:
        table.add_row(*row)
    console.print(table)


@app.command(epilog="Example: remit evidence new author2026")
def new(
    study: Annotated[str, typer.Argument(help="Id of the new study, for example author2026.", metavar="STUDY")],
    into: Annotated[
        Path | None, typer.Option(help="Folder of the evidence; the one remit reads if left out.", metavar="FOLDER")
    ] = None,
) -> None:
    """Write the files of a new study, to be filled in; nothing is written over."""
    from remit.evidence.new_study import write_study
    from remit.evidence.tables import published

    for path in write_study(study, into or Path(str(published()))):
        typer.echo(f"Written: {path}")
    typer.echo(
        f"Fill them in; then: remit evidence show {study}, remit evidence audit, and a line in EVIDENCE_CHANGES.md."
    )


@app.command()
def audit(
    every: Annotated[bool, typer.Option("--all", help="Print each finding with what came of it.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Leave with exit code 3 if a finding is open.")] = False,
) -> None:
    """What looks odd in the published numbers, and what came of each finding."""
    from remit.evidence.audit import audit as audited
    from remit.evidence.audit_notes import load_notes
    from remit.reports.evidence_page import print_audit

    if print_audit(audited(), load_notes(), _console(), every=every) and strict:
        raise typer.Exit(OPEN_FINDINGS)


@app.command(epilog="Example: remit evidence export outcomes outcomes.parquet")
def export(
    table: Annotated[str, typer.Argument(help="Name of a table, or `tables` to list them.", metavar="TABLE")],
    file: Annotated[Path | None, typer.Argument(help="Where to: FILE.csv, .parquet or .json.", metavar="FILE")] = None,
) -> None:
    """Write a table of the evidence as CSV, Parquet or JSON."""
    from remit.reports.evidence_tables import TABLES
    from remit.reports.evidence_tables import export as written

    if table == "tables":
        for name, (what, _) in TABLES.items():
            typer.echo(f"{name:16} {what}")
        return
    if table not in TABLES:
        raise InputRefused(f"there is no table {table!r}", allowed=", ".join(TABLES), where="TABLE")
    if file is None:
        raise InputRefused("no file to write to", allowed="FILE.csv, FILE.parquet or FILE.json", where="FILE")
    typer.echo(f"{written(table, file)} rows: {file}")


@app.command()
def pages(
    out: Annotated[Path, typer.Option(help="Folder of the pages.", metavar="FOLDER")],
) -> None:
    """Write a page a study, an index, the audit and the licences."""
    from remit.reports.evidence_page import write_pages

    if not out.is_dir():
        raise OutputRefused(f"there is no folder {out}", remedy="Create it first", where="--out")
    typer.echo(f"{write_pages(out)} pages: {out}")


app.command(name="without")(without)
app.command(name="forest", epilog="Example: remit evidence forest --at 7d --chart forest.svg")(forest)
app.command(name="diff", epilog="Example: remit evidence diff HEAD~10 --rows")(diff)
