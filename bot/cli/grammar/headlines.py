"""headlines: the bullets at the top of the page."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Reason, config_of, group

headlines = group("Show the bullets at the top of the page; pin and unpin.", invoke_without_command=True)

_Slot = Annotated[str, typer.Argument(metavar="SLOT", help="Which bullet, e.g. mens-race.")]


@headlines.callback()
def _headlines(context: typer.Context, as_json: Json = False) -> None:
    """List the bullets at the top of the page; pin one, take one down."""
    if context.invoked_subcommand is None:
        list_headlines(context, as_json=as_json)


@headlines.command("list")
def list_headlines(
    context: typer.Context,
    history: Annotated[bool, typer.Option("--history", help="All that ever stood, newest first.")] = False,
    as_json: Json = False,
) -> None:
    """List the bullets at the top of the page, and who put them there."""
    from bot.cli import heading

    heading.list_headlines(config_of(context), past=history, as_json=as_json)


@headlines.command()
def pin(
    context: typer.Context,
    slot: _Slot,
    text: Annotated[str, typer.Argument(metavar="WORDS", help="At most 120 characters.")],
    update: Annotated[str, typer.Option("--update", metavar="NAME", help="The update that it leads to.")] = "",
    reason: Reason = "",
    by: As = "",
) -> None:
    """Let a bullet stand, in the place of the one of its slot. No milestone replaces what a person has pinned."""
    from bot.cli import heading

    heading.pin(config_of(context), slot, text, update=update, reason=reason, by=by)


@headlines.command()
def unpin(context: typer.Context, slot: _Slot, reason: Reason = "", by: As = "") -> None:
    """Take a bullet down, whoever put it there."""
    from bot.cli import heading

    heading.unpin(config_of(context), slot, reason=reason, by=by)
