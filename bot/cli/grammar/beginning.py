"""init, migrate, config, rules: before anything runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.grammar.options import Json, config_of, group

config = group("Check and show the configuration.", no_args_is_help=True)
rules = group("Check the rules, and explain what they decided.", no_args_is_help=True)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[FOLDER]", help="Where to; it is made where it is missing.")
    ] = Path(),
) -> None:
    """Write config.toml and starter rules into a folder."""
    from bot.cli import beginning

    beginning.init(folder)


def migrate(context: typer.Context) -> None:
    """Bring the database to this version.

    `milepost run` does it by itself.
    """
    from bot.cli import beginning

    beginning.migrate(config_of(context))


@config.command("check")
def config_check(context: typer.Context, as_json: Json = False) -> None:
    """Report every mistake of the configuration at once, and start nothing."""
    from bot.cli import beginning

    beginning.config_check(config_of(context), as_json=as_json)


@config.command("show")
def config_show(context: typer.Context, as_json: Json = False) -> None:
    """Print every effective setting and where it came from; secrets stay hidden."""
    from bot.cli import beginning

    beginning.config_show(config_of(context), as_json=as_json)


@rules.command("check")
def rules_check(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="The folder with the rules; the configuration's unless given."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Report every mistake of rules, lists, examples and milestones; adopt nothing."""
    from bot.cli import beginning

    beginning.rules_check(folder, config_of(context), as_json=as_json)


@rules.command("explain")
def rules_explain(
    context: typer.Context,
    post: Annotated[str, typer.Argument(metavar="POST", help="Its number, platform:id or URL.")],
) -> None:
    """Show clause by clause why the rules decided as they did about one post."""
    from bot.cli import reading

    reading.explain_rules(config_of(context), post)
