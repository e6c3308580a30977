"""A command that asks one question about a course: the same options, checked in the same way, and one answer."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import typer

from remit.cli import course_options as named
from remit.cli.output import print_answer
from remit.cli.typed import check_pictures

if TYPE_CHECKING:
    from remit.answers.question import HowFast

Option = tuple[Any, Any]
"""The type of an option, with its words, and what is taken where it is left out."""
USUAL = (
    "Without options: one infusion of ketamine, 0.5 mg/kg over 40 minutes, in anxiety disorders, rated on the GAD-7. "
)
NO_ADVICE = "Not medical advice, and no advice on dose for a person alone."
COURSE: Mapping[str, Option] = MappingProxyType(
    {
        "drug": (named.DrugName, "ketamine"),
        "route": (named.RouteName, "iv"),
        "dose": (named.DoseOf, "0.5mg/kg"),
        "over": (named.Over, None),
        "sessions": (named.Sessions, 1),
        "spacing": (named.Spacing, "2d"),
        "diagnosis": (named.DiagnosisName, "mixed_anxiety"),
        "scale": (named.ScaleName, "GAD-7"),
        "baseline": (named.Baseline, None),
        "weight": (named.Weight, None),
        "level": (named.Level, 0.9),
        "seed": (named.Seed, None),
        "people": (named.People, None),
        "draws": (named.Draws, None),
        "extrapolate": (named.Extrapolate, False),
    }
)
PICTURED: Mapping[str, Option] = MappingProxyType(
    {"as_json": (named.AsJson, False), "chart": (named.Pictures, None), "theme": (named.ThemeName, "light")}
)
FACE: Mapping[str, Option] = MappingProxyType({"posterior": (named.PosteriorFolder, None), **PICTURED})
REQUIRED = inspect.Parameter.empty
"""In place of what is taken where an option is left out: it cannot be left out."""


def offering(shown: Mapping[str, Option], says: str, does: Callable[[dict[str, Any]], None]) -> Callable[..., None]:
    """A command of options that are named elsewhere.

    Args:
        shown: type and default of each, by name, in the order of the help.
        says: one line of help.
        does: what is done with everything typed, by name.
    """

    def command(**typed: Any) -> None:
        does(typed)

    parameters = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)
        for name, (kind, default) in shown.items()
    ]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {name: kind for name, (kind, _) in shown.items()}
    command.__doc__ = says
    return command


def question_typed(typed: Mapping[str, Any], fixed: Mapping[str, Any] = MappingProxyType({})) -> HowFast:
    """The question that the options of a course ask, checked.

    Args:
        typed: everything typed, by name.
        fixed: values of options that a command does not offer.

    Raises:
        InputRefused: an option cannot be used; the message names it.
    """
    return named.question_of(**{**fixed, **{name: typed[name] for name in COURSE if name in typed}})


@dataclass(frozen=True, slots=True)
class CourseCommand:
    """A question about a course as a command.

    Attributes:
        name: of the command, for example ``how-long``; the answer is `remit.answers.how_long.how_long`, its page
            `remit.reports.how_long_page`, its picture `remit.reports.how_long_chart`.
        says: one line of help.
        epilog: what stands under the options.
        options: options of its own, or other defaults of those of a course.
        fixed: values of options of a course that this command does not offer.
        arguments: what the answer takes besides the question, from everything typed.
    """

    name: str
    says: str
    epilog: str
    options: Mapping[str, Option] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    arguments: Callable[[dict[str, Any]], dict[str, Any]] = lambda _: {}

    def app(self) -> typer.Typer:
        """The command, ready for the command line."""
        offered = {name: option for name, option in COURSE.items() if name not in self.fixed}
        command = offering({**offered, **self.options, **FACE}, self.says, self._answer)
        made = typer.Typer(add_completion=False, rich_markup_mode=None)
        made.command(name=self.name, epilog=self.epilog)(command)
        return made

    def _answer(self, typed: dict[str, Any]) -> None:
        # everything a person typed is checked before anything slow begins
        pictures = typed["chart"] or []
        check_pictures(pictures, typed["theme"])
        question = question_typed(typed, self.fixed)
        more = self.arguments(typed)

        from remit.cli.compiled import keep_compiled

        keep_compiled()
        from remit.inference.fitted import load

        word = self.name.replace("-", "_")
        answered = getattr(importlib.import_module(f"remit.answers.{word}"), word)
        answer = answered(question, load(typed["posterior"]), **more).as_dict()
        if pictures:
            from remit.reports.answer_picture import save_answer

            for path in pictures:
                save_answer(word, answer, path, typed["theme"])
        print_answer(answer, f"{word}_page", pictures, as_json=typed["as_json"])
