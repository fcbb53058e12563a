"""alarms: what needs a person, and how that is told."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, config_of, group

alarms = group("Show what needs a person, try the ways of telling, hush one.", invoke_without_command=True)

_Over = Annotated[bool, typer.Option("--over", help="Also what was over in the last week.")]


@alarms.callback()
def _alarms(context: typer.Context, over: _Over = False, as_json: Json = False) -> None:
    """List what needs a person; try the ways of telling, hush one."""
    if context.invoked_subcommand is None:
        list_alarms(context, over, as_json)


@alarms.command("list")
def list_alarms(context: typer.Context, over: _Over = False, as_json: Json = False) -> None:
    """List what needs a person, with what mends it and who was told."""
    from bot.cli import alarming

    alarming.list_alarms(config_of(context), over=over, as_json=as_json)


@alarms.command("test")
def send_trials(
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="ALARM...", help="Names of [[alarm]]; all unless given.")
    ] = None,
) -> None:
    """Send a trial by every way, or by those named: somebody should see it.

    Ends with 3 where some could not, with 1 where none could.
    """
    from bot.cli import alarming

    alarming.test(config_of(context), names or [])


@alarms.command("hush")
def hush(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help='As `alarms list` shows it, e.g. "queue: old".')],
    by: As = "",
) -> None:
    """Tell something no more, until it is over and comes again."""
    from bot.cli import alarming

    alarming.hush(config_of(context), name, by=by)
