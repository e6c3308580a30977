"""The evidence to read: every study in a table that can be searched, a page a study, and every table to take away."""

from __future__ import annotations

import difflib
import io
import itertools
import json
import math
from functools import cache
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from remit.evidence.trials import DOMAINS, Trial, load_trials
from remit.reports import study_words
from remit.web.answering import Answers
from remit.web.page import page, wants_part
from remit.web.pictures import sent

router = APIRouter(include_in_schema=False)
FEWEST_LETTERS = 2
"""choice: so few are in the words of nearly every study."""
MOST_NEAR = 5
"""choice: names offered where none is quite right; more would be a list to search."""
A_LEAF = 30
"""choice: studies on one page: a few screens, and a page that a telephone draws at once."""
PLACES = 6
"""Digits of the number of a page, at most."""
KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}


@cache
def _haystack() -> dict[str, str]:
    """What a search looks at, by study."""
    return {
        name: " ".join(
            [name, trial.citation, trial.domain, trial.design, trial.comparator, trial.status]
            + [arm.treatment for arm in trial.arms]
            + [row.population for row in trial.outcomes]
            + [row.scale for row in trial.outcomes]
        )
        .replace("_", " ")
        .lower()
        for name, trial in load_trials().items()
    }


def found(text: str, domain: str, treatment: str) -> list[Trial]:
    """Studies that hold every word of a text, of a domain and with an arm of a treatment; empty ones do not narrow."""
    words = text.lower().replace("_", " ").split()
    return [
        trial
        for name, trial in load_trials().items()
        if all(word in _haystack()[name] for word in words)
        and (not domain or trial.domain == domain)
        and (not treatment or any(arm.treatment == treatment for arm in trial.arms))
    ]


def near(name: str) -> list[Trial]:
    """Studies that a name may have meant: of that name but for a slip, else of that author, else that speak of it."""
    trials = load_trials()
    slips = difflib.get_close_matches(name.lower(), list(trials), MOST_NEAR, cutoff=0.7)
    author = "".join(itertools.takewhile(str.isalpha, name.lower()))
    same = [each for each in trials if author and each.startswith(author)]
    said = found(author, "", "") if len(author) > FEWEST_LETTERS else []
    named = dict.fromkeys((*slips, *same)) or dict.fromkeys(trial.study_id for trial in said)
    return [trials[each] for each in named][:MOST_NEAR]


@cache
def _treatments() -> tuple[str, ...]:
    return tuple(sorted({arm.treatment for trial in load_trials().values() for arm in trial.arms}))


@cache
def _map() -> dict[str, object]:
    """What the page says of the map of the evidence."""
    from remit.answers.evidence_map import evidence_map
    from remit.reports import evidence_map_chart as faces

    found = evidence_map()
    return {
        "sentence": faces.sentence(found), "words": faces.described(found), "table": faces.map_table(found),
        "reading": f"{faces.reading()} {faces.KEY[:1].upper()}{faces.KEY[1:]}.",
    }  # fmt: skip


@router.get("/picture/evidence/map.{kind}")
async def mapped(request: Request, kind: str) -> Response:
    """The map of the evidence."""
    from remit.answers.evidence_map import evidence_map
    from remit.reports.evidence_map_chart import described, evidence_map_chart
    from remit.reports.screen_pictures import untitled

    found = evidence_map()
    return await sent(
        request, kind, ("evidence", "map"), {"question": "The map of the evidence"},
        lambda _, theme, narrow: untitled(evidence_map_chart(found, theme, narrow=narrow)), described(found),
    )  # fmt: skip


def _leaf(text: str, leaves: int) -> int:
    """Which page of a long list is meant; the first where none is."""
    return min(max(int(text), 1), leaves) if text.isdecimal() and len(text) < PLACES else 1


@router.get("/evidence")
def studies(request: Request, q: str = "", domain: str = "", treatment: str = "", leaf: str = "") -> Response:
    """A page of the table of studies, or only its rows where the page is there already."""
    from remit.reports.evidence_tables import TABLES

    trials = sorted(found(q[:200], domain, treatment), key=lambda trial: (-trial.year, trial.study_id))
    leaves = max(1, math.ceil(len(trials) / A_LEAF))
    here = _leaf(leaf, leaves)
    asked = {name: text for name, text in (("q", q[:200]), ("domain", domain), ("treatment", treatment)) if text}
    return page(
        request, "evidence.html", title="The published studies", part=wants_part(request),
        trials=trials[A_LEAF * (here - 1) : A_LEAF * here], many=len(trials), first=A_LEAF * (here - 1) + 1, leaf=here,
        addresses=[f"/evidence?{urlencode({**asked, 'leaf': each})}#every" for each in range(1, leaves + 1)],
        q=q[:200], domain=domain, treatment=treatment, domains=DOMAINS, treatments=_treatments(),
        total=len(load_trials()), rows=sum(len(trial.outcomes) for trial in load_trials().values()),
        tables={name: what for name, (what, _) in TABLES.items()}, map=_map(), of=study_words,
    )  # fmt: skip


@router.get("/evidence/tables/{name}.{kind}")
async def table(request: Request, name: str, kind: str) -> Response:
    """A table of the evidence as a file."""
    from remit.reports.evidence_tables import TABLES, frame

    if name not in TABLES:
        raise HTTPException(404, f"There is no table {name}. Tables: {', '.join(TABLES)}.")
    if kind not in KINDS:
        raise HTTPException(404, f"There is no {kind}. Kinds: {', '.join(KINDS)}.")

    def written() -> bytes:
        content = frame(name)
        if kind == "json":
            return (json.dumps(content.to_dicts(), ensure_ascii=False, allow_nan=False) + "\n").encode()
        out = io.BytesIO()
        if kind == "csv":
            content.write_csv(out)
        else:
            content.write_parquet(out)
        return out.getvalue()

    answers: Answers = request.app.state.answers
    content = await answers.of(("table", name, kind), written)
    return Response(
        content, media_type=KINDS[kind],
        headers={"Content-Disposition": f'attachment; filename="remit-{name}.{kind}"'},
    )  # fmt: skip


def _fan(name: str) -> dict[str, object] | None:
    """What a page says of a study beside what the other studies predict of it; None where nothing was predicted."""
    from remit.answers.trial_predicted import trial_predicted
    from remit.reports import trial_fan_chart as faces

    found = trial_predicted(name)
    if found is None:
        return None
    return {
        "sentence": faces.sentence(found), "words": faces.described(found), "reading": faces.reading(found),
        "table": faces.fan_table(found),
    }  # fmt: skip


@router.get("/picture/study/{study}.{kind}")
async def predicted(request: Request, study: str, kind: str) -> Response:
    """The picture of a study beside what the other studies predict of it."""
    from remit.answers.trial_predicted import trial_predicted
    from remit.reports.screen_pictures import untitled
    from remit.reports.trial_fan_chart import described, trial_fan_chart

    found = trial_predicted(study) if study in load_trials() else None
    if found is None:
        raise HTTPException(404, f"Nothing is predicted of a study {study[:60]}.")
    return await sent(
        request, kind, ("study", study), {"question": f"{study}, predicted from all other studies"},
        lambda _, theme, narrow: untitled(trial_fan_chart(found, theme, narrow=narrow)), described(found),
    )  # fmt: skip


@router.get("/evidence/{study}")
def study(request: Request, study: str) -> Response:
    """Everything known about one study."""
    from remit.evidence.sources import load_sources
    from remit.reports.evidence_page import arm_rows, identifiers, outcome_rows
    from remit.reports.study_words import status_line

    trials = load_trials()
    if study not in trials:
        return page(
            request, "fault.html", title="There is no such study", status=404, heading="There is no such study",
            said=f"No study is called {study[:60]!r}.",
            near=[(f"/evidence/{each.study_id}", each.study_id, each.citation) for each in near(study[:60])],
            onward=[("/evidence", "Search every study")],
        )  # fmt: skip
    trial = trials[study]
    used = dict.fromkeys(row.source_id for row in trial.outcomes)
    return page(
        request, "study.html", title=trial.study_id, trial=trial, arms=arm_rows(trial), outcomes=outcome_rows(trial),
        identifiers=identifiers(trial), status_line=status_line(trial),
        sources=[load_sources()[each] for each in used], fan=_fan(study),
    )  # fmt: skip
