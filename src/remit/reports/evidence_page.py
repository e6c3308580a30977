"""The evidence to read: studies in the terminal, and the pages of docs/evidence."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from remit.evidence.adverse_effects import load_adverse_effects
from remit.evidence.audit import CHECKS, Finding, audit
from remit.evidence.audit_notes import AuditNote, load_notes, note_on
from remit.evidence.exposures import load_exposures
from remit.evidence.moderators import load_moderators
from remit.evidence.sources import Source, load_sources
from remit.evidence.tables import published
from remit.evidence.trials import Arm, Outcome, Trial, load_trials
from remit.reports.signs import minus
from remit.reports.study_words import about, blinding, comparator, design, measure, quantity, status_line
from remit.vocabulary.clock import spoken

GENERATED = "<!-- Written by `remit evidence pages`. Change the data, not this page. -->"


def _words(code: str) -> str:
    return code.replace("_", " ")


def _dose(arm: Arm) -> str:
    if arm.dose_value is None:
        return arm.schedule or ""
    parts = [f"{arm.dose_value:g} {arm.dose_unit}", arm.route or ""]
    if arm.infusion_min:
        parts.append(f"over {arm.infusion_min:g} min")
    return ", ".join(part for part in [" ".join(part for part in parts if part), arm.schedule or ""] if part)


def _value(row: Outcome) -> str:
    text = quantity(row.value, row.unit)
    if row.dispersion_low is None:
        return text
    if row.dispersion_kind in {"sd", "se"}:
        return f"{text} ({row.dispersion_kind.upper()} {row.dispersion_low:g})"
    kind = {"ci95": "95 % interval "}.get(row.dispersion_kind or "", f"{row.dispersion_kind} ")
    high = "" if row.dispersion_high is None else f" to {row.dispersion_high:g}"
    return f"{text} ({kind}{row.dispersion_low:g}{high})"


def _time(row: Outcome) -> str:
    if row.time_h is None:
        return "not stated"
    if row.time_h == 0:
        return "before"
    return spoken(row.time_h) if row.window_from_h is None else f"{spoken(row.window_from_h)} to {spoken(row.time_h)}"


def print_list(trials: Iterable[Trial], console: Console) -> None:
    """A line a study; retracted ones are marked."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("study", "year", "about", "design", "comparator", "treatments", "rows", ""):
        table.add_column(name, justify="right" if name in {"year", "rows"} else "left", no_wrap=name == "study")
    count = 0
    for trial in trials:
        treatments = ", ".join(dict.fromkeys(arm.treatment for arm in trial.arms))
        mark = Text("RETRACTED", style="bold red") if trial.is_retracted else Text("")
        table.add_row(
            trial.study_id, str(trial.year or ""), about(trial.domain), design(trial), comparator(trial), treatments,
            str(len(trial.outcomes)), mark,
        )  # fmt: skip
        count += 1
    console.print(table)
    console.print(Text(f"{count} studies. One of them: remit evidence show STUDY", style="dim"))


def print_study(trial: Trial, console: Console) -> None:
    """Everything that is known about one study."""
    sources = load_sources()
    console.print(Text(trial.study_id, style="bold"))
    if trial.is_retracted:
        console.print(Text("RETRACTED - enters no calibration and no answer.", style="bold red"))
    console.print(Text(trial.citation))
    console.print(Text(identifiers(trial), style="dim"))
    console.print(Text(status_line(trial)))
    for flag in trial.flags:
        console.print(Text(f"{_words(flag.kind)}: {flag.text}", style="yellow"))
    arms = Table("arm", "treatment", "role", "dose", "people", box=box.SIMPLE_HEAD, pad_edge=False)
    for row in arm_rows(trial):
        arms.add_row(*row)
    console.print(arms)
    rows = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("arm", "scale", "what", "when", "value", "n", "how", "place", "source"):
        rows.add_column(name)
    for row in trial.outcomes:
        n = "" if row.n is None else f"{row.n:g}"
        rows.add_row(
            row.arm_id, row.scale, measure(row.metric), _time(row), _value(row), n, row.how, row.place, row.source_id
        )
    console.print(rows)
    for name in dict.fromkeys(row.source_id for row in trial.outcomes):
        console.print(Text(f"{name}: {sources[name].kind}, {sources[name].url or 'no address'}", style="dim"))


def arm_rows(trial: Trial) -> list[list[str]]:
    """Arm, treatment, role, dose and people of each arm."""
    return [
        [arm.arm_id, _words(arm.treatment), arm.role, _dose(arm), "" if arm.n is None else str(arm.n)]
        for arm in trial.arms
    ]


def outcome_rows(trial: Trial) -> list[list[str]]:
    """Arm, scale, what, when, value, people, how it was obtained, and place and source of each number."""
    return [
        [
            row.arm_id, row.scale, _said_once(measure(row.metric), _words(row.event or "")),
            _time(row), _value(row), "" if row.n is None else f"{row.n:g}",
            _said_once(row.how, row.derivation), f"{row.place}; {row.source_id}",
        ]
        for row in trial.outcomes
    ]  # fmt: skip


def _said_once(name: str, more: str | None) -> str:
    """A name and what is said of it, which often begins with the name once more: ``derived: DERIVED 375/491``."""
    if not more:
        return name
    first, colon, rest = more.partition(":")
    if colon and rest.strip() and first.strip().lower() in {*name.lower().split(), name.lower()}:
        more = rest.strip()
    elif more.split()[0] == name.upper():
        more = more[len(name) :].strip()
    return f"{name}: {more}" if more else name


def identifiers(trial: Trial) -> str:
    """Where else a study is known: DOI, PubMed, registry."""
    found = {"doi": trial.doi, "PubMed": trial.pmid, "registry": trial.registry}
    return "; ".join(f"{name} {value}" for name, value in found.items() if value)


def print_audit(findings: Sequence[Finding], notes: Sequence[AuditNote], console: Console, *, every: bool) -> int:
    """What looks odd and what came of it; returns how many findings are open.

    Args:
        findings: from `remit.evidence.audit.audit`.
        notes: what came of them.
        console: where to.
        every: also each finding.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("check", "what it looks for", "found", "mended", "flagged", "explained", "open"):
        table.add_column(name, justify="left" if name in {"check", "what it looks for"} else "right")
    still = 0
    for check, function in CHECKS.items():
        own = [finding for finding in findings if finding.check == check]
        said = Counter(note.outcome if (note := note_on(finding, notes)) else "open" for finding in own)
        still += said["open"]
        about = " ".join((function.__doc__ or "").split())
        numbers = [str(said[name]) for name in ("mended", "flagged", "explained", "open")]
        table.add_row(_words(check), about, str(len(own)), *numbers)
    console.print(table)
    for finding in findings:
        note = note_on(finding, notes)
        if every or note is None:
            where = f"{finding.file}, line {finding.line}" if finding.line else finding.file
            verdict = "OPEN" if note is None else f"{note.outcome}: {note.because}"
            console.print(Text(f"{where}: {finding.what}. {verdict}"))
    if not every:
        console.print(Text("Each finding with what came of it: add --all.", style="dim"))
    return still


def write_pages(folder: Path) -> int:
    """Write a page a study, an index, the audit and the page of licences; returns the number of pages.

    Args:
        folder: an existing folder; pages of studies that are gone are removed.
    """
    trials = load_trials()
    studies = folder / "studies"
    studies.mkdir(exist_ok=True)
    pages = {f"studies/{trial.study_id}.md": _study_page(trial) for trial in trials.values()}
    pages |= {"index.md": _index(trials), "audit.md": _audit_page(), "licences.md": _licences()}
    for old in studies.glob("*.md"):
        if f"studies/{old.name}" not in pages:
            old.unlink()
    for name, lines in pages.items():
        (folder / name).write_text(minus("\n".join([GENERATED, "", *lines])) + "\n", encoding="utf-8")
    return len(pages)


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _row(*cells: object) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _study_page(trial: Trial) -> list[str]:
    sources = load_sources()
    lines = [f"# {trial.study_id}", ""]
    if trial.is_retracted:
        lines += ["**Retracted. Kept so that it is not used by mistake; it enters no calibration and no answer.**", ""]
    lines += [trial.citation, ""]
    if known := identifiers(trial):
        lines += [known, ""]
    lines += [f"{status_line(trial)}.", ""]
    lines += [f"- {_words(flag.kind)}: {flag.text}" for flag in trial.flags]
    lines += ["", "| arm | treatment | role | dose | people |", "|---|---|---|---|---:|"]
    lines += [_row(*row) for row in arm_rows(trial)]
    if trial.outcomes:
        lines += [
            "",
            "| arm | scale | what | when | value | n | how | place, source |",
            "|---|---|---|---|---|---:|---|---|",
        ]
    lines += [_row(*row) for row in outcome_rows(trial)]
    lines += ["", "## Sources", ""]
    for name in dict.fromkeys(row.source_id for row in trial.outcomes):
        lines.append(f"- `{name}`: {_source(sources[name])}")
    return lines


def _source(source: Source) -> str:
    address = f", <{source.url}>" if source.url else ""
    return f"{source.citation} ({source.kind}, read {source.read_on}; {source.licence_or_status}{address})"


def _index(trials: Mapping[str, Trial]) -> list[str]:
    rows = sum(len(trial.outcomes) for trial in trials.values())
    lines = [
        "# Evidence", "",
        f"{len(trials)} studies with {rows} published outcomes. What looks odd in them and what came of it: "
        "[audit](audit.md). Whose data they are: [licences](licences.md).", "",
        "| study | year | about | design | blinding | comparator | status | rows |",
        "|---|---:|---|---|---|---|---|---:|",
    ]  # fmt: skip
    for trial in trials.values():
        status = f"**{trial.status}**" if trial.is_retracted else trial.status
        lines.append(
            _row(
                f"[{trial.study_id}](studies/{trial.study_id}.md)",
                trial.year or "",
                trial.domain,
                design(trial),
                blinding(trial),
                comparator(trial),
                status,
                len(trial.outcomes),
            )
        )
    return lines


def _audit_page() -> list[str]:
    notes = load_notes()
    grouped: dict[str, dict[str, list[Finding]]] = defaultdict(lambda: defaultdict(list))
    for finding in audit():
        note = note_on(finding, notes)
        grouped[finding.check]["open" if note is None else f"{note.outcome}. {note.because}"].append(finding)
    lines = [
        "# What looks odd in the published numbers, and what came of it",
        "",
        "The same in the terminal: `remit evidence audit --all`.",
        "",
    ]
    for check, function in CHECKS.items():
        own = grouped[check]
        lines += [f"## {_words(check).capitalize()}", "", " ".join((function.__doc__ or "").split()), ""]
        if not own:
            lines += ["Nothing found.", ""]
        for verdict, findings in sorted(own.items(), key=lambda entry: len(entry[1])):
            lines += [f"{verdict[:1].upper()}{verdict[1:]}", ""]
            shown = findings if len(findings) <= 12 else []
            lines += [
                f"- [{each.study_id}](studies/{each.study_id}.md), line {each.line}: {each.what}" for each in shown
            ]
            if not shown:
                studies = sorted({each.study_id for each in findings})
                lines.append(f"{len(findings)} rows of {len(studies)} studies: {', '.join(studies)}")
            lines.append("")
    return lines


def _sources_by_file() -> dict[str, set[str]]:
    """Sources of each file that holds rows of one study."""
    found: dict[str, set[str]] = defaultdict(set)
    for trial in load_trials().values():
        found[f"studies/{trial.study_id}.yaml"] |= {row.source_id for row in trial.outcomes}
        for row in trial.outcomes:
            found[row.file].add(row.source_id)
    for each in (*load_exposures(), *load_adverse_effects(), *load_moderators()):
        found[each.file].add(each.source_id)
    return found


ODC_BY = "ODC-By"


def _licences() -> list[str]:
    sources, by_file = load_sources(), _sources_by_file()
    metapsy = sorted({s.url for s in sources.values() if s.licence_or_status.startswith(ODC_BY) and s.url})
    lines = [
        "# Whose data these are", "",
        "Single facts read from papers, labels and registries carry no licence; where each was read stands beside it. "
        "Rows taken from a database follow its licence.", "",
        "## Attribution", "",
        "The rows of psychotherapy trials (studies `mp_*`) contain information from the Metapsy databases "
        "(<https://www.metapsy.org>), which are made available under the Open Data Commons Attribution License "
        "(ODC-By 1.0, <https://opendatacommons.org/licenses/by/1-0/>):", "",
        *(f"- <{url}>" for url in metapsy), "",
        "They were cut down to the arms and scales that remit uses and given its names and units.", "",
        "## Every file", "", "| file | status |", "|---|---|",
    ]  # fmt: skip
    for name in sorted(_files(published())):
        used = sorted({sources[each].licence_or_status for each in by_file.get(name, ())})
        lines.append(_row(f"`{name}`", "; ".join(used) or _own(name)))
    return lines


def _own(name: str) -> str:
    """The status of a file whose rows name several sources, or none."""
    if name.startswith(("sources", "audit_notes", "exposure_notes", "rule_variables", "routes")):
        return "written by this project"
    if name == "assumptions.yaml":
        return "assumptions of this project, each with its reason"
    return "fact; each entry names its source"


def _files(folder: Traversable, prefix: str = "") -> Iterable[str]:
    for entry in folder.iterdir():
        name = f"{prefix}{entry.name}"
        if entry.is_dir():
            yield from _files(entry, f"{name}/")
        elif not name.endswith((".py", ".pyc")):
            yield name
