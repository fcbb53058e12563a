"""pause, resume, quiet, withdraw: the brake."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Reason, config_of, group

quiet = group("Stop everything light, or let it go on.", invoke_without_command=True)

_Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help='An account, or "page"; everything unless given.')]


def pause(context: typer.Context, account: _Account = "", reason: Reason = "", by: As = "") -> None:
    """Stop sending to an account, or everything.

    Lists what it stops. Taking back goes on.
    """
    from bot.cli import stopping

    stopping.pause(config_of(context), account, reason=reason, by=by)


def resume(context: typer.Context, account: _Account = "", reason: Reason = "", by: As = "") -> None:
    """Let go what `pause` stopped.

    What waited too long is not sent any more.
    """
    from bot.cli import stopping

    stopping.resume(config_of(context), account, reason=reason, by=by)


@quiet.callback()
def _quiet(context: typer.Context) -> None:
    """Stop everything light: strands, fillers and scheduled posts. Official and safety updates go on after a look."""
    if context.invoked_subcommand is None:
        quiet_status(context)


@quiet.command("on")
def quiet_on(context: typer.Context, reason: Reason = "", by: As = "") -> None:
    """Begin: lists what it stops."""
    from bot.cli import stopping

    stopping.quiet(config_of(context), on=True, reason=reason, by=by)


@quiet.command("off")
def quiet_off(context: typer.Context, reason: Reason = "", by: As = "") -> None:
    """End: nothing stale goes out, and nothing in a burst."""
    from bot.cli import stopping

    stopping.quiet(config_of(context), on=False, reason=reason, by=by)


@quiet.command("status")
def quiet_status(context: typer.Context, as_json: Json = False) -> None:
    """Say what is stopped."""
    from bot.cli import stopping

    stopping.quiet_status(config_of(context), as_json=as_json)


def withdraw(
    context: typer.Context,
    posts: Annotated[
        list[str],
        typer.Argument(metavar="ID...", help="An update or its post: short name, number, platform:id or URL."),
    ],
    reason: Reason = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="What readers are told in its place.")] = "",
    wait: Annotated[
        float, typer.Option(metavar="SECONDS", min=0, help="Wait so long for every account to confirm.")
    ] = 0,
    as_json: Json = False,
    by: As = "",
) -> None:
    """Take updates back, everywhere.

    They go from the page and from every account; prints a receipt for each. Each is taken back by itself: ends with 3 where
    some could not be, or where a receipt is missing after --wait.
    """
    from bot.cli import stopping

    stopping.withdraw(config_of(context), posts, reason=reason, note=note, wait_s=wait, as_json=as_json, by=by)
