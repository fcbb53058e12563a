"""queue: what waits for a person."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Limit, Reason, config_of, group

queue = group("List the held posts; approve or reject them.", invoke_without_command=True)

_Exactly = Annotated[
    bool,
    typer.Option("--exactly", help="Decide on this very post: no better copy leads, nobody else's words go with it."),
]
_Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Numbers from the list, platform:ids or URLs.")]


@queue.callback()
def _queue(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the held posts, oldest first, one for each story, shown by its best copy; approve or reject them."""
    if context.invoked_subcommand is None:
        list_held(context, limit, as_json)


@queue.command("list")
def list_held(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the held posts, oldest first, one for each story."""
    from bot.cli import deciding

    deciding.list_held(config_of(context), limit=limit, as_json=as_json)


@queue.command()
def approve(context: typer.Context, ids: _Ids, reason: Reason = "", by: As = "", exactly: _Exactly = False) -> None:
    """Publish held posts, each by the best copy of its story; who says the same few words is counted."""
    from bot.cli import deciding

    deciding.decide(config_of(context), ids, approve=True, reason=reason, by=by, exactly=exactly)


@queue.command()
def reject(context: typer.Context, ids: _Ids, reason: Reason = "", by: As = "", exactly: _Exactly = False) -> None:
    """Drop held posts, what waits of the same story, and who says the same few words."""
    from bot.cli import deciding

    deciding.decide(config_of(context), ids, approve=False, reason=reason, by=by, exactly=exactly)
