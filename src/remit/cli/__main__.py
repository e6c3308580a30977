"""The command line: one line a command. A command's module is imported when it is called, so that help is instant."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import sys
from typing import Any

import click

from remit import __version__
from remit.vocabulary.errors import RemitError

COMMANDS: dict[str, tuple[str, str]] = {
    "how-fast": ("remit.cli.how_fast", "How fast does it work: the answer, its table and its picture."),
    "how-long": ("remit.cli.how_long", "How long does it last: after one session, a series, further sessions."),
    "versus": ("remit.cli.versus", "Compared with what: beside every other treatment, on one clock."),
    "claims": ("remit.cli.claims", "Is this claim true: common claims, each with verdict and numbers."),
    "by-route": ("remit.cli.by_route", "By which route: concentrations, how people differ, the response."),
    "for-whom": ("remit.cli.for_whom", "For whom: by diagnosis and trait, each with its evidence."),
    "why": ("remit.cli.why", "Why: the chain from dose to symptoms, link by link."),
    "forecast": ("remit.cli.forecast", "One person: their course from their own scores."),
    "screen": ("remit.cli.screen", "Who may be treated: published rules applied to one person."),
    "session-plan": ("remit.cli.session_plan", "What to measure when in a session, when to act, when to leave."),
    "safety": ("remit.cli.safety", "Is it safe: side effects and vital signs by route and time."),
    "report": ("remit.cli.report", "A page for a person, or a brief for a clinician: PDF or HTML."),
    "exposure": ("remit.cli.exposure", "Concentrations after a dose, with population bands."),
    "evidence": ("remit.cli.evidence", "The published numbers: list, show, audit, export."),
    "validate": ("remit.cli.validate", "Compare predictions with what was observed."),
    "meta": ("remit.cli.meta", "Time-course network meta-analysis of any table."),
    "events": ("remit.cli.events", "Time to an event that visits tell only to an interval."),
    "fit": ("remit.cli.fit", "A mixed-effects model of your own concentrations or scores."),
    "serve": ("remit.cli.serve", "The same answers as pages in a browser, and for programs."),
    "calibrate": ("remit.cli.calibrate", "Fit the response model to the published arms again."),
}
"""Command: its module, which holds a typer app named ``app``, and one line of help."""
INTERRUPTED = 130


class Commands(click.Group):
    """A group that knows its commands' names without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order people need them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is none of that name."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        from typer.main import get_command

        command: Any = get_command(importlib.import_module(COMMANDS[cmd_name][0]).app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands from the table above."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Not medical advice. For use with a clinician who supervises treatment.",
)
@click.version_option(__version__, prog_name="remit")
def root() -> None:
    """How fast does ketamine work for anxiety, for whom, for how long, compared with what, and how safely."""


def _of_typer(name: str) -> tuple[Any, ...]:
    """The class of this name that typer carries besides click's; it is there once a command has been imported."""
    found = getattr(sys.modules.get("typer.exceptions"), name, None)
    return () if found is None else (found,)


def main(arguments: list[str] | None = None) -> int:
    """Run a command line and return its exit code; refusals are said in one line on standard error."""
    try:
        root.main(args=arguments, prog_name="remit", standalone_mode=False)
    except RemitError as refusal:
        click.echo(f"remit: {refusal}", err=True)
        return refusal.exit_code
    except (click.exceptions.Exit, *_of_typer("Exit")) as leaving:
        return leaving.exit_code
    except (click.ClickException, *_of_typer("TyperException")) as refusal:
        refusal.show()
        return refusal.exit_code
    except (click.Abort, *_of_typer("Abort"), KeyboardInterrupt):
        click.echo("remit: interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        return 0
    return 0


def run() -> None:
    """Entry point of the installed command."""
    # a command is one short task: looking for cycles in what it builds costs a twentieth of its time and frees nothing
    gc.disable()
    from remit.cli import compiled

    compiled.begin(next((word for word in sys.argv[1:2] if word in COMMANDS), ""))
    code = main()
    compiled.end()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    # what a command writes is closed by then; taking apart compiled programs one by one would take half a second
    os._exit(code)


if __name__ == "__main__":
    run()
