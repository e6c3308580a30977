"""remit how-fast: how fast does it work, for a regimen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from remit.cli.typed import check_pictures, page_console, read_dose, read_drug, read_infusion, read_weight
from remit.vocabulary.clock import HOURS_PER_DAY, parse_duration
from remit.vocabulary.dosing import parse_route
from remit.vocabulary.people import parse_diagnosis

app = typer.Typer(add_completion=False, rich_markup_mode=None)

EPILOG = (
    "Without options: one infusion of ketamine, 0.5 mg/kg over 40 minutes, in anxiety disorders, rated on the GAD-7. "
    "A clinic's course: --sessions 6 --spacing 2d. Not medical advice, and no advice on dose for a person alone."
)


@app.command(name="how-fast", epilog=EPILOG)
def how_fast(
    drug: Annotated[str, typer.Option(help="ketamine or esketamine.")] = "ketamine",
    route: Annotated[str, typer.Option(help="iv, im, sc, sl, buccal, in (nasal) or po (oral).")] = "iv",
    dose: Annotated[str, typer.Option(help="Of one session, as base: 0.5mg/kg, 56mg.")] = "0.5mg/kg",
    over: Annotated[
        str | None, typer.Option(help="Length of an infusion: 40min (what is taken if left out), 1h. Only for iv.")
    ] = None,
    sessions: Annotated[int, typer.Option(help="Number of sessions.")] = 1,
    spacing: Annotated[str, typer.Option(help="From one session to the next: 2d, 1w.")] = "2d",
    diagnosis: Annotated[
        str, typer.Option(help="GAD, SAD, PD, PTSD, OCD, mixed_anxiety or anxious_depression.")
    ] = "mixed_anxiety",
    scale: Annotated[str, typer.Option(help="How anxiety is rated: GAD-7, HAM-A, LSAS, CAPS-5, PCL-5 ...")] = "GAD-7",
    baseline: Annotated[
        float | None,
        typer.Option(help="Total before the first session; the typical one of published trials if left out."),
    ] = None,
    weight: Annotated[
        str | None, typer.Option(help="Body weight in kg; the median of the largest kinetic analysis if left out.")
    ] = None,
    level: Annotated[float, typer.Option(help="Of the intervals, as a fraction.")] = 0.9,
    seed: Annotated[
        int | None, typer.Option(help="Seed of the virtual people; the same seed gives the same answer.")
    ] = None,
    people: Annotated[int | None, typer.Option(help="Virtual people.")] = None,
    draws: Annotated[int | None, typer.Option(help="Draws of the posterior they are followed under.")] = None,
    extrapolate: Annotated[
        bool, typer.Option("--extrapolate", help="Allow a dose above any published one; marked.")
    ] = False,
    posterior: Annotated[
        Path | None, typer.Option(help="Folder of a posterior of your own, from remit calibrate.", metavar="FOLDER")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
    chart: Annotated[
        list[Path] | None,
        typer.Option(help="Draw the picture: FILE.svg, .png, .pdf or .html; may be given again.", metavar="FILE"),
    ] = None,
    theme: Annotated[str, typer.Option(help="Of the picture: light or dark.")] = "light",
) -> None:
    """How fast does ketamine work for anxiety: chances by time, beside what happens without the drug."""
    from remit.answers.question import HowFast

    # everything a person typed is checked before anything slow begins
    pictures = chart or []
    check_pictures(pictures, theme)
    way = parse_route(route, where="--route")
    duration_h = read_infusion(over, way)
    asked = {
        "weight_kg": None if weight is None else read_weight(weight),
        "duration_h": duration_h,
        "seed": seed,
        "people": people,
        "draws": draws,
    }
    question = HowFast(
        drug=read_drug(drug),
        route=way,
        amount=read_dose(dose),
        sessions=sessions,
        spacing_days=parse_duration(spacing, where="--spacing") / HOURS_PER_DAY,
        diagnosis=parse_diagnosis(diagnosis, where="--diagnosis"),
        scale=scale,
        baseline=baseline,
        level=level,
        extrapolate=extrapolate,
        **{name: value for name, value in asked.items() if value is not None},
    )

    from remit.cli.compiled import keep_compiled

    keep_compiled()
    from remit.answers.how_fast import how_fast as answered
    from remit.inference.fitted import load

    answer = answered(question, load(posterior)).as_dict()
    if pictures:
        from remit.reports.charts import how_fast_chart
        from remit.reports.picture import save

        specification = how_fast_chart(answer, theme)
        for path in pictures:
            save(specification, answer, path)
    if as_json:
        import json

        typer.echo(json.dumps(answer, indent=1, ensure_ascii=False, allow_nan=False))
        return
    from remit.reports.how_fast_page import COLUMNS, print_page

    console = page_console(COLUMNS)
    print_page(answer, console)
    for path in pictures:
        console.print(f"Picture: {path}")
