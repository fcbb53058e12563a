"""Puts the grammar together, and ends every command with one message and an exit code."""

import io
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.ends import Exit, exit_of, flush, full, message_of, nobody_writes_here
from bot.cli.grammar import (
    accounts,
    alarms,
    beginning,
    clocks,
    consent,
    deciding,
    headlines,
    milestones,
    reading,
    rules,
    running,
    stopping,
    stories,
    writing,
)
from bot.cli.grammar.options import PLAIN_HELP
from bot.cli.program import named_config, program
from bot.core.errors import MilepostError, MistakesError

_NAME = "milepost"
_NUMBER = re.compile(r"Input should be a valid (?:integer|number), unable to parse string as an? (?:integer|number)")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - only --version asks

        typer.echo(f"{_NAME} {version(_NAME)}")
        raise typer.Exit


def _root(
    context: typer.Context,
    config: Annotated[
        Path, typer.Option("--config", "-c", envvar="MILEPOST_CONFIG", metavar="FILE", help="The configuration.")
    ] = Path("config.toml"),
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Collects, curates and republishes live coverage of an event, each thing once, and says why."""
    del version
    by = context.get_parameter_source("config")
    named_config.set(str(config) if by is not None and by.name == "COMMANDLINE" else "")
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def grammar() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, context_settings=PLAIN_HELP)
    app.callback(invoke_without_command=True)(_root)
    app.command()(beginning.init)
    app.command()(running.demo)
    app.command()(running.run)
    app.command()(running.rehearse)
    app.command()(beginning.migrate)
    app.add_typer(beginning.config, name="config")
    app.add_typer(rules.rules, name="rules")
    app.command()(reading.log)
    app.command()(reading.explain)
    app.add_typer(stories.stories, name="stories")
    app.command()(reading.people)
    app.command()(reading.sources)
    app.add_typer(deciding.queue, name="queue")
    app.add_typer(consent.consent, name="consent")
    app.add_typer(consent.optout, name="optout")
    app.add_typer(writing.post, name="post")
    app.add_typer(clocks.clocks, name="clocks")
    app.add_typer(milestones.milestones, name="milestones")
    app.add_typer(headlines.headlines, name="headlines")
    app.command()(stopping.pause)
    app.command()(stopping.resume)
    app.add_typer(stopping.quiet, name="quiet")
    app.command()(stopping.withdraw)
    app.add_typer(accounts.accounts, name="accounts")
    app.add_typer(alarms.alarms, name="alarms")
    app.command()(reading.status)
    app.command()(reading.doctor)
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: Without the program's name; None takes the process's own.

    Returns:
        The exit code, see `ends.Exit`.
    """
    if why := nobody_writes_here():
        _say(why)
        return Exit.FAILED
    command = typer.main.get_command(grammar())
    given = sys.argv[1:] if arguments is None else list(arguments)
    if any(argument.encode("utf-8", "surrogateescape") != argument.encode("utf-8", "replace") for argument in given):
        _say("an argument is not UTF-8: write it as UTF-8")
        return Exit.USAGE
    try:
        try:
            code = command.main(given, prog_name=_NAME, standalone_mode=False)
            flush()
        except MilepostError as error:
            _say(message_of(error), as_error=not isinstance(error, MistakesError))
            flush()
            return exit_of(error)
        except typer.TyperException as error:
            _show_usage(error)
            return error.exit_code
        return code if isinstance(code, int) else Exit.OK
    except typer.Exit as end:
        return end.exit_code
    except OSError as error:
        if not (why := full(error)):
            raise
        _say(why)
        return Exit.FAILED
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED


def _say(message: str, *, as_error: bool = True) -> None:
    from bot.cli.terminal import ERROR, note  # noqa: PLC0415 - help does without it

    note(*([ERROR] if as_error else []), message)


def _show_usage(error: typer.TyperException) -> None:
    show = getattr(error, "show", None)
    said = io.StringIO()
    if callable(show):
        show(said)
    else:
        said.write(f"{error.format_message()}\n")
    shown = said.getvalue().replace(f"Try '{_NAME} ", f"Try '{program()} ")
    shown = _NUMBER.sub("not a number: write digits, such as 12", shown)
    sys.stderr.write(re.sub(r"^Error: ", "error: ", shown, flags=re.MULTILINE))
