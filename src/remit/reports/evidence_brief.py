"""Three to five pages for a clinician: the answer, its tables and pictures, what it rests on, study by study."""

from __future__ import annotations

from typing import Any

from remit.evidence.appraisal import MASKS, people_in
from remit.evidence.trials import Arm, Trial, load_trials
from remit.reports.description import cell, chances_described
from remit.reports.description import described as course_described
from remit.reports.document import Bullets, Document, Grid, Paragraph, Picture, Section
from remit.reports.for_whom_page import behind_table, effect_table
from remit.reports.how_fast_page import brief_hours
from remit.reports.how_long_chart import described as how_long_described
from remit.reports.how_long_chart import how_long_chart
from remit.reports.how_long_page import still_table
from remit.reports.plain_words import beyond_lines
from remit.reports.safety_chart import side_effects_chart
from remit.reports.safety_page import CHARTS, HEADERS, tables
from remit.reports.screen_pictures import how_fast_picture, versus_picture, without_words
from remit.reports.study_words import design
from remit.reports.versus_chart import comparison_table
from remit.reports.versus_chart import described as versus_described
from remit.vocabulary.clock import days, spoken, weeks
from remit.vocabulary.dosing import Route

Answered = dict[str, Any]
METHOD = (
    "Concentrations come from published kinetic models in closed form. A response model with an acute effect, a slow "
    "one that outlasts the drug, and the course that control arms show turns them into totals.",
    "It is calibrated on all usable arms of anxiety, PTSD and OCD trials at once; the excess of studies in which "
    "everybody knew what was given is estimated and left out; depression lends its timing and not its size.",
    "Every trial was predicted from the others, and forecasts of simulated people were held to what they did: the "
    "pages under docs/validation show both.",
)


def evidence_brief(
    how_fast: Answered,
    versus: Answered,
    safety: Answered,
    plan: Answered,
    how_long: Answered | None = None,
    for_whom: Answered | None = None,
) -> Document:
    """The brief.

    Args:
        how_fast, versus, safety: `Answer.as_dict()` of the answers for the same course.
        plan: of one of its sessions, `SessionPlan.as_dict()`.
        how_long, for_whom: those of the answers to how long and for whom; left out where None.
    """
    detail, basis = how_fast["detail"], how_fast["basis"]
    level = f"{100 * detail['level']:g} %"
    designs = "; ".join(f"{count} {words}" for words, count in basis["designs"].items())
    rests = (
        f"{len(basis['studies'])} ketamine studies, {basis['people']:,} people: {designs}.",
        f"Certainty {basis['certainty']}: {'; '.join(basis['certainty_reasons'])}.",
    )
    effects = side_effects_chart(safety)
    others, beside = _chosen(*comparison_table(versus))
    safe: list[Any] = [Paragraph(safety["sentence"])]
    if effects is not None:
        safe.append(Picture("side-effects", effects, CHARTS["side-effects"][1], 0.68))
    safe.append(Bullets(tuple(_watched(plan))))
    return Document(
        title="Evidence brief: ketamine for anxiety",
        kicker=" ".join((how_fast["question"], *beyond_lines(how_fast))),
        lead=how_fast["sentence"],
        sections=(
            Section("What this rests on", (Bullets(rests),)),
            Section(
                "The course",
                (Picture("course", how_fast_picture(how_fast, "course"), course_described(how_fast), 0.76),),
            ),
            Section(
                f"Of 100 people ({level} interval)",
                (
                    Picture("chances", how_fast_picture(how_fast, "chances"), chances_described(how_fast), 0.78),
                    Paragraph(
                        f"There at that time, from a {detail['scale']['name']} of "
                        f"{detail['scale']['baseline_points']:g} ({detail['scale']['baseline_how']}). Darker where "
                        "more; grey: without the drug.", soft=True,
                    ),
                    *_speed(detail),
                ),
            ),
            Section(
                "Compared with what",
                (
                    Paragraph(versus["sentence"]),
                    Picture("versus", versus_picture(versus, "courses"), versus_described(versus), 0.6),
                    Grid(tuple(others), tuple(tuple(row) for row in beside), (1.5, *(1.0,) * (len(others) - 2), 1.5)),
                ),
            ),
            *(() if how_long is None else (Section("How long does it last", _lasting(how_long)),)),
            *(() if for_whom is None else (Section("For whom", _whom(for_whom)),)),
            Section("Is it safe", tuple(safe)),
            Section("Side effects, counted", _counted(safety)),
            Section(
                "The studies",
                (Grid(("study", "design and masking", "people", "diagnosis", "drug arms", "rated until"),
                      _studies(basis["studies"]), (1.1, 1.8, 0.6, 1.2, 1.9, 0.8)),),
            ),
            Section("How the numbers were made", (Bullets(METHOD),)),
            Section("Assumed", (Bullets(tuple(how_fast["assumptions"].values())),)),
            Section("Beware", (Bullets(tuple(dict.fromkeys((*how_fast["caveats"], *safety["caveats"]))),),)),
        ),
        foot=(
            f"remit {how_fast['version']}, evidence {how_fast['evidence_hash'][:12]}, seed {how_fast['seed']}. Every "
            "study has a page with its rows, their places and sources: docs/evidence.",
        ),
    )  # fmt: skip


def _chosen(header: list[str], rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """The columns of a comparison that a page has room for: a day, a week, eight weeks, what it is known from."""
    names = [f"at {spoken(time)}" for time in (days(1.0), weeks(1.0), weeks(8.0))]
    places = [place for place, name in enumerate(header) if name in names or place in {0, len(header) - 1}]
    return [header[place] for place in places], [[row[place] for place in places] for row in rows]


def _watched(plan: Answered) -> list[str]:
    """Limits that call for attention, one line a rule, how long people stay, and driving."""
    limits: dict[str, list[str]] = {}
    for each in plan["alarms"]:
        if each["limit"] and each["is_followed"]:
            limits.setdefault(each["statement"], []).append(each["limit"])
    found = [f"Call for attention: {', '.join(held)}. {said}" for said, held in limits.items()]
    found.append(f"How long people stay: {plan['stays_because'].partition(' [')[0]}")
    return [*found, *(f"Driving: {each['what'].rstrip('.')}." for each in plan["driving"][:1])]


def _speed(detail: Answered) -> tuple[Bullets, ...]:
    median, half = detail["time_to_response"]["median_h"], detail["lasting"]["half_life_d"]
    never, kept = detail["time_to_response"]["never"], detail["lasting"]["still_responding"]
    return (
        Bullets(
            (
                f"Half of those who respond within four weeks have by {brief_hours(median['value'])} "
                f"({brief_hours(median['low'])} to {brief_hours(median['high'])}); {never['value']:.0f} of 100 "
                f"({never['low']:.0f} to {never['high']:.0f}) do not.",
                f"Once the drug is gone, half of what it gave is lost in {half['value']:.1f} days "
                f"({half['low']:.1f} to {half['high']:.1f}).",
                "Of 100 who respond a day after the last session, still responding: "
                + ", ".join(f"{cell(share)} at {name.split('_')[0]} days" for name, share in kept.items())
                + ".",
            )
        ),
    )


def _lasting(answer: Answered) -> tuple[Any, ...]:
    """The answer, its picture, and responders who still respond under further sessions."""
    header, rows = still_table(answer["detail"])
    return (
        Paragraph(answer["sentence"]),
        Picture("how-long", without_words(how_long_chart(answer)), how_long_described(answer), 0.5),
        Grid(tuple(header), tuple(tuple(row) for row in rows), (1.5, *(1.0,) * (len(header) - 1))),
        Paragraph("Of 100 who respond a day after the last session. *: beyond anything that was observed.", soft=True),
    )


def _whom(answer: Answered) -> tuple[Any, ...]:
    """The answer, and each diagnosis with what stands behind it."""
    detail = answer["detail"]
    header, rows = effect_table(detail)
    behind = {row[0]: row[-1] for row in behind_table(detail)[1]}
    return (
        Paragraph(answer["sentence"]),
        Grid(
            (*header, "certainty of it alone"),
            tuple((*row, behind[row[0]]) for row in rows),
            (1.7, *(1.0,) * len(header)),
        ),
    )


def _counted(safety: Answered) -> tuple[Any, ...]:
    """The table of side effects with most rows."""
    found: list[Any] = []
    for title, rows in sorted(tables(safety), key=lambda each: -len(each[1]))[:1]:
        found += [
            Paragraph(f"{title[:1].upper()}{title[1:]}"),
            Grid(tuple(HEADERS["shares"][:5]), tuple(tuple(row[:5]) for row in rows[:12]), (1.6, 1.1, 1.1, 1.1, 0.8)),
        ]
    return tuple(found)


def _studies(ids: list[str]) -> tuple[tuple[str, ...], ...]:
    trials = load_trials()
    return tuple(_study(trials[study]) for study in ids)


def _study(trial: Trial) -> tuple[str, ...]:
    arms = [arm for arm in trial.arms if "ketamine" in arm.treatment]
    doses = {_given(arm) for arm in arms}
    seen = max((row.time_h for row in trial.outcomes if row.time_h), default=None)
    return (
        trial.study_id,
        f"{design(trial)}, {MASKS[trial.masking]}",
        # arms of a pooled analysis carry no numbers of people; none is not nobody
        str(people_in(trial) or "not stated"),
        ", ".join(dict.fromkeys(row.population.replace("_", " ") for row in trial.outcomes)),
        "; ".join(sorted(doses)),
        "" if seen is None else spoken(seen),
    )


def _given(arm: Arm) -> str:
    route = Route(arm.route).spoken if arm.route else ""
    dose = f"{arm.dose_value:g} {arm.dose_unit}" if arm.dose_value else ""
    return " ".join(part for part in (route, arm.treatment, dose) if part)
