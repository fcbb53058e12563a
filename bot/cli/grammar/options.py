"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

from bot.core.errors import ConfigError, Mistake

As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who does it; your login name unless given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", "-r", metavar="WHY", help="Why; it stands in the log.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="At most so many.")]
Context = typer.Context

PLAIN_HELP = {"help_option_names": ["--help", "-h"]}


_VARIABLE = "MILEPOST_CONFIG"


def config_of(context: typer.Context) -> Path:
    """The configuration file that --config, or the environment, names.

    Raises:
        ConfigError: The environment names one that is not there.
    """
    root = context.find_root()
    given = root.params.get("config")
    found = Path(given) if given else Path("config.toml")
    by = root.get_parameter_source("config")
    if by is not None and by.name == "ENVIRONMENT" and not found.exists():
        why = f"does not exist, and {_VARIABLE} names it: correct this variable, unset it, or name a file with -c"
        raise ConfigError((Mistake(str(found), 0, 0, why),))
    return found


def group(about: str, **more: object) -> typer.Typer:
    """A verb with verbs of its own."""
    return typer.Typer(help=about, rich_markup_mode=None, context_settings=PLAIN_HELP, **more)  # type: ignore[arg-type] # typer's own options
