"""clocks: named starts that time is counted from."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Reason, config_of, group

clocks = group("Show the event clocks; move one when a start is delayed.", invoke_without_command=True)


@clocks.callback()
def _clocks(context: typer.Context, as_json: Json = False) -> None:
    """List the event clocks; move one when a start is delayed."""
    if context.invoked_subcommand is None:
        list_clocks(context, as_json)


@clocks.command("list")
def list_clocks(context: typer.Context, as_json: Json = False) -> None:
    """List the event clocks: when each starts, for how long it has run, whether it was moved."""
    from bot.cli import timing

    timing.list_clocks(config_of(context), as_json=as_json)


@clocks.command()
def move(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="As [[clock]] calls it.")],
    to: Annotated[
        str, typer.Option("--to", metavar="TIME", help="The new start, e.g. 10:15, in the clock's zone.")
    ] = "",
    by_how_much: Annotated[
        str, typer.Option("--by", metavar="DURATION", help="Later by so much, e.g. 10m; earlier with a minus.")
    ] = "",
    reset: Annotated[bool, typer.Option("--reset", help="Back to what the configuration says.")] = False,
    reason: Reason = "",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Let a clock start at another time: milestones and rules that hang on it move with it, at once and without a restart."""
    from bot.cli import timing

    timing.move(
        config_of(context), name, to=to, by_how_much=by_how_much, reset=reset, reason=reason, as_json=as_json, by=by
    )
