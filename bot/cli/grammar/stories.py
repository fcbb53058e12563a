"""stories: what belongs together, and a person's word on it."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Limit, config_of, group

stories = group("List stories, show one; split or join them.", invoke_without_command=True)

_Why = Annotated[
    str, typer.Option("--reason", "--why", "-r", metavar="WHY", help="Why; it stands in the log and with the story.")
]
_Since = Annotated[str, typer.Option(metavar="WHEN", help="Of posts seen from then on: 2h, 14:00 or 2016-04-24T14:00.")]
_Newest = Annotated[bool, typer.Option("--newest", help="Those that a post joined last come first, not the largest.")]


@stories.callback()
def _stories(
    context: typer.Context, since: _Since = "2h", limit: Limit = 20, newest: _Newest = False, as_json: Json = False
) -> None:
    """List the stories of the last two hours, the largest first; show, split or join them."""
    if context.invoked_subcommand is None:
        list_stories(context, since, limit, newest, as_json)


@stories.command("list")
def list_stories(
    context: typer.Context, since: _Since = "2h", limit: Limit = 20, newest: _Newest = False, as_json: Json = False
) -> None:
    """List the stories of a span of time, the largest first."""
    from bot.cli import storied

    storied.list_stories(config_of(context), since=since, limit=limit, newest=newest, as_json=as_json)


@stories.command()
def show(
    context: typer.Context,
    story: Annotated[
        str, typer.Argument(metavar="ID", help="A story's number; or a post or update of it, as `explain` takes it.")
    ],
    as_json: Json = False,
) -> None:
    """Show one story.

    What leads and why, every post with its reason and the words that matched, updates, what follows what, and what people said.
    """
    from bot.cli import storied

    storied.show(config_of(context), story, as_json=as_json)


@stories.command()
def split(
    context: typer.Context,
    posts: Annotated[list[str], typer.Argument(metavar="POST...", help="Numbers, platform:ids or URLs of posts.")],
    why: _Why = "",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Let posts of a story be one of their own.

    It is remembered: they and what is like them stay apart, until somebody joins them. What the story alone had dropped is
    judged again.
    """
    from bot.cli import storied

    storied.split(config_of(context), posts, why=why, by=by, as_json=as_json)


@stories.command()
def join(
    context: typer.Context,
    ids: Annotated[list[str], typer.Argument(metavar="STORY...", help="Two or more, each as `stories show` takes it.")],
    why: _Why = "",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Make stories one.

    Nothing public changes by itself: where several were told, it lists their updates and how one is taken back.
    """
    from bot.cli import storied

    storied.join(config_of(context), ids, why=why, by=by, as_json=as_json)
