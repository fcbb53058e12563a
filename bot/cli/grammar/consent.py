"""consent, optout: what authors allow, and who is left out."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Limit, Reason, config_of, group

consent = group("Keep what authors answered who were asked.")
optout = group("Leave people out who asked for it.")


class Answer(StrEnum):
    """What an author can answer."""

    YES = "yes"
    NO = "no"


_Post = Annotated[str, typer.Argument(metavar="POST", help="A post: number, platform:id or URL; or its update.")]
_Evidence = Annotated[
    str,
    typer.Option(metavar="WHERE", help="Where the answer stands: an address, a message's id, or what was said."),
]
_Who = Annotated[
    str,
    typer.Argument(
        metavar="WHO", help="A handle, a profile's address, platform:ID, or a person's name in people.toml."
    ),
]


@consent.command("record")
def record(
    context: typer.Context,
    post: _Post,
    answer: Annotated[Answer, typer.Option(help="What the author said.")],
    evidence: _Evidence,
    scope: Annotated[str, typer.Option(metavar="SCOPE", help="What a yes reaches: page, or page,accounts.")] = "page",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Keep an author's answer about a post.

    --as names who asked. A no, or a yes that reaches less than what was told, takes back.
    """
    from bot.cli import consenting

    consenting.record(
        config_of(context), post, answer=answer.value, scope=scope, evidence=evidence, by=by, as_json=as_json
    )


@consent.command("revoke")
def revoke(
    context: typer.Context,
    post: _Post,
    evidence: _Evidence,
    scope: Annotated[
        str, typer.Option(metavar="SCOPE", help="What is taken back: page,accounts, or accounts.")
    ] = "page,accounts",
    as_json: Json = False,
    by: As = "",
) -> None:
    """Take an author's yes back: what it allowed is withdrawn, everywhere or at accounts alone."""
    from bot.cli import consenting

    consenting.revoke(config_of(context), post, scope=scope, evidence=evidence, by=by, as_json=as_json)


@consent.command("show")
def show(context: typer.Context, post: _Post, as_json: Json = False) -> None:
    """Show what was asked and answered about a post, and what speaks against showing it."""
    from bot.cli import consenting

    consenting.show(config_of(context), post, as_json=as_json)


@consent.command("list")
def list_answers(context: typer.Context, limit: Limit = 20, as_json: Json = False) -> None:
    """List the last answers, newest first."""
    from bot.cli import consenting

    consenting.list_answers(config_of(context), limit=limit, as_json=as_json)


@optout.command("add")
def add(context: typer.Context, who: _Who, reason: Reason = "", as_json: Json = False, by: As = "") -> None:
    """Leave somebody out from now on.

    All their accounts that the desk or the platforms know of. What they said is taken off everywhere, and what comes is not shown.
    """
    from bot.cli import consenting

    consenting.opt_out(config_of(context), who, reason=reason, by=by, as_json=as_json)


@optout.command("remove")
def remove(context: typer.Context, who: _Who, reason: Reason = "", as_json: Json = False, by: As = "") -> None:
    """Leave somebody out no more; what was taken off stays off."""
    from bot.cli import consenting

    consenting.opt_in(config_of(context), who, reason=reason, by=by, as_json=as_json)


@optout.command("list")
def list_opt_outs(context: typer.Context, as_json: Json = False) -> None:
    """List who is left out, newest first."""
    from bot.cli import consenting

    consenting.list_opt_outs(config_of(context), as_json=as_json)
