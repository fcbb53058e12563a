"""milestones: the plan on the day."""

from typing import Annotated

import typer

from bot.cli.grammar.clocks import move
from bot.cli.grammar.options import As, Json, Reason, config_of, group

milestones = group("Show the plan; tell a milestone now, or never.", invoke_without_command=True)

_Name = Annotated[str, typer.Argument(metavar="ID", help="As milestones.toml calls it.")]


@milestones.callback()
def _milestones(context: typer.Context, as_json: Json = False) -> None:
    """List the milestones of the plan; tell one now, or never."""
    if context.invoked_subcommand is None:
        list_milestones(context, as_json)


@milestones.command("list")
def list_milestones(context: typer.Context, as_json: Json = False) -> None:
    """List the milestones: what is told, what was missed or skipped, what comes and when."""
    from bot.cli import planning

    planning.list_milestones(config_of(context), only_next=0, as_json=as_json)


@milestones.command("next")
def next_milestones(
    context: typer.Context,
    count: Annotated[int, typer.Argument(metavar="[NUMBER]", min=1, max=1000, help="How many.")] = 10,
    as_json: Json = False,
) -> None:
    """List the milestones that come next, with their words as they stand now."""
    from bot.cli import planning

    planning.list_milestones(config_of(context), only_next=count, as_json=as_json)


@milestones.command()
def calls(context: typer.Context, as_json: Json = False) -> None:
    """List the calls for contributions: what is open and until when, and how many answers came."""
    from bot.cli import planning

    planning.list_calls(config_of(context), as_json=as_json)


@milestones.command()
def check(context: typer.Context) -> None:
    """Read the plan as `run` would, try its examples and say every mistake. `rules check` does it for all files of the desk."""
    from bot.cli import planning

    planning.check(config_of(context))


@milestones.command("test")
def try_examples(context: typer.Context, as_json: Json = False) -> None:
    """Try the examples that stand in the plan, and list which milestones have none."""
    from bot.cli import planning

    planning.try_examples(config_of(context), as_json=as_json)


milestones.command("move")(move)


@milestones.command()
def cards(context: typer.Context, as_json: Json = False) -> None:
    """List what waits for a person: a winner, time or record that changed after it was told, and people who stopped."""
    from bot.cli import planning

    planning.list_cards(config_of(context), as_json=as_json)


@milestones.command()
def correct(context: typer.Context, name: _Name, reason: Reason = "", by: As = "") -> None:
    """What changed is so: correct it on the page and at every account, once; what is not so at all is withdrawn."""
    from bot.cli import planning

    planning.correct(config_of(context), name, reason=reason, by=by)


@milestones.command()
def leave(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the milestone, or of the person who stopped.")],
    reason: Reason = "",
    by: As = "",
) -> None:
    """Leave what was told as it is, although a fact changed; leave held what is held of a person who stopped."""
    from bot.cli import planning

    planning.leave(config_of(context), name, reason=reason, by=by)


@milestones.command()
def fire(context: typer.Context, name: _Name, reason: Reason = "", as_json: Json = False, by: As = "") -> None:
    """Tell a milestone now: before its time, late after it was missed, or once more to accounts where it expired unsent."""
    from bot.cli import planning

    planning.fire(config_of(context), name, reason=reason, as_json=as_json, by=by)


@milestones.command()
def skip(context: typer.Context, name: _Name, reason: Reason = "", by: As = "") -> None:
    """Never tell a milestone by itself, or leave one that was missed."""
    from bot.cli import planning

    planning.skip(config_of(context), name, reason=reason, by=by)
