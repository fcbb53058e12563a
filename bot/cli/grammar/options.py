"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who does it; your login name unless given.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Reason = Annotated[str, typer.Option("--reason", "-r", metavar="WHY", help="Why; it stands in the log.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100_000, help="At most so many.")]
Context = typer.Context

PLAIN_HELP = {"help_option_names": ["--help", "-h"]}


def config_of(context: typer.Context) -> Path:
    """The configuration file that --config names."""
    found = context.find_root().params.get("config")
    return Path(found) if found else Path("config.toml")


def group(about: str, **more: object) -> typer.Typer:
    """A verb with verbs of its own."""
    return typer.Typer(help=about, rich_markup_mode=None, context_settings=PLAIN_HELP, **more)  # type: ignore[arg-type] # typer's own options
