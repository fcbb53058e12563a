"""post: the desk's own hand."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli.grammar.options import As, Json, config_of, group


class WriteUnlessNamed(TyperGroup):
    """`milepost post "text"` writes: what is no verb of ours is the text, or an option of `write`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put `write` in front of anything but one of our verbs and --help."""
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = ["write", *args]
        return super().parse_args(ctx, args)


class Tone(StrEnum):
    """How an update sounds."""

    LIGHT = "light"
    NEWS = "news"
    SAFETY = "safety"


post = group(
    "Write the desk's own updates. milepost post TEXT is short for milepost post write TEXT.",
    cls=WriteUnlessNamed,
    no_args_is_help=True,
)

_Slug = Annotated[
    str, typer.Argument(metavar="NAME", help="Its short name, from `milepost post list`, or its address.")
]
_Title = Annotated[str | None, typer.Option(metavar="TEXT", help="A heading.")]
_Strand = Annotated[str | None, typer.Option(metavar="ID", help="The strand.")]
_Byline = Annotated[str | None, typer.Option(metavar='"NAME / ROLE"', help="Who speaks; the desk unless given.")]
_Pictures = Annotated[list[Path] | None, typer.Option("--picture", metavar="FILE", help="A picture; again for more.")]
_Alts = Annotated[
    list[str] | None, typer.Option("--alt", metavar="TEXT", help="What it shows, one for each --picture.")
]
_Accounts = Annotated[
    list[str] | None,
    typer.Option("--account", metavar="NAME", help="Where to beside the page; the strand's unless given."),
]
_NoAccounts = Annotated[bool, typer.Option("--no-accounts", help="To the page alone.")]
_At = Annotated[
    str,
    typer.Option(
        "--at", metavar="WHEN", help="Later: 14:00 (today's; refused when it is past), 10m or 2016-04-24T14:00."
    ),
]
_ToneOption = Annotated[Tone | None, typer.Option(help="The strand's, or news, unless given.")]


@post.command()
def write(
    context: typer.Context,
    text: Annotated[str, typer.Argument(metavar="TEXT", help='The text; "-" reads it from standard input.')],
    title: _Title = None,
    strand: _Strand = None,
    byline: _Byline = None,
    pictures: _Pictures = None,
    alts: _Alts = None,
    accounts: _Accounts = None,
    no_accounts: _NoAccounts = False,
    at: _At = "",
    draft: Annotated[
        bool,
        typer.Option(
            "--draft", help="Keep it, tell nothing: with --at, too, it goes out by `milepost post send` alone."
        ),
    ] = False,
    tone: _ToneOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show how it would read; store nothing.")] = False,
    as_json: Json = False,
    by: As = "",
) -> None:
    """Tell, draft or schedule an update.

    Shows how each account will carry it.
    """
    from bot.cli import writing

    told = writing.Told(
        title, strand, byline, _pairs(pictures, alts), _accounts(accounts, no_accounts), tone and tone.value
    )
    writing.write(config_of(context), text, told, at=at, draft=draft, dry_run=dry_run, as_json=as_json, by=by)


@post.command("list")
def list_waiting(context: typer.Context, as_json: Json = False) -> None:
    """List drafts and scheduled updates."""
    from bot.cli import writing

    writing.list_waiting(config_of(context), as_json=as_json)


@post.command()
def edit(
    context: typer.Context,
    name: _Slug,
    text: Annotated[
        str | None, typer.Option(metavar="TEXT", help='New words; "-" reads them from standard input.')
    ] = None,
    title: _Title = None,
    strand: _Strand = None,
    byline: _Byline = None,
    pictures: _Pictures = None,
    alts: _Alts = None,
    accounts: _Accounts = None,
    no_accounts: _NoAccounts = False,
    at: _At = "",
    tone: _ToneOption = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What readers are told about the change.")] = "",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Change a draft, a scheduled update or one that is told."""
    from bot.cli import writing

    told = writing.Told(
        title, strand, byline, _pairs(pictures, alts), _accounts(accounts, no_accounts), tone and tone.value
    )
    writing.edit(config_of(context), name, text, told, at=at, note=note, as_json=as_json, by=by)


@post.command()
def send(context: typer.Context, name: _Slug, as_json: Json = False, by: As = "") -> None:
    """Tell a draft, or a scheduled update, now."""
    from bot.cli import writing

    writing.send(config_of(context), name, as_json=as_json, by=by)


def _pairs(pictures: Sequence[Path] | None, alts: Sequence[str] | None) -> tuple[tuple[Path, str], ...]:
    shown, said = pictures or (), alts or ()
    if not shown and said:
        raise typer.BadParameter("it tells what a picture shows, and there is no --picture", param_hint="--alt")
    if len(shown) < len(said):
        why = f"there are {len(said)} of them and only {len(shown)} --picture: write one for each"
        raise typer.BadParameter(why, param_hint="--alt")
    if len(shown) > len(said):
        why = "every --picture needs its --alt, for those who cannot see it"
        raise typer.BadParameter(why, param_hint="--picture")
    return tuple(zip(shown, said, strict=True))


def _accounts(names: Sequence[str] | None, none: bool) -> tuple[str, ...] | None:
    if names and none:
        raise typer.BadParameter("say either --account or --no-accounts", param_hint="--no-accounts")
    return () if none else tuple(names) if names else None
