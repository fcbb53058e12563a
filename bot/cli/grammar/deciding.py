"""queue: what waits for a person."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Limit, Reason, config_of, group

queue = group("List the held posts; approve or reject them.", invoke_without_command=True)

_Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Numbers from the list, platform:ids or URLs.")]


@queue.callback()
def _queue(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the held posts, oldest first, one for each story; approve or reject them."""
    if context.invoked_subcommand is None:
        list_held(context, limit, as_json)


@queue.command("list")
def list_held(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the held posts, oldest first, one for each story."""
    from bot.cli import deciding

    deciding.list_held(config_of(context), limit=limit, as_json=as_json)


@queue.command()
def approve(context: typer.Context, ids: _Ids, reason: Reason = "", by: As = "") -> None:
    """Publish held posts."""
    from bot.cli import deciding

    deciding.decide(config_of(context), ids, approve=True, reason=reason, by=by)


@queue.command()
def reject(context: typer.Context, ids: _Ids, reason: Reason = "", by: As = "") -> None:
    """Drop held posts, and what waits of the same story."""
    from bot.cli import deciding

    deciding.decide(config_of(context), ids, approve=False, reason=reason, by=by)
