"""init, migrate, config: before anything runs."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.grammar.options import Json, config_of, group

config = group("Check and show the configuration.", no_args_is_help=True)


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to; it is made where it is missing.")
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
