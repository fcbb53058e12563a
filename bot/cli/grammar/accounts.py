"""accounts: where updates go."""

from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, config_of, group

accounts = group("List the accounts; sign in; mark; try again; settle.", invoke_without_command=True)

_Name = Annotated[str, typer.Argument(metavar="NAME", help="As in config.toml.")]


@accounts.callback()
def _accounts(context: typer.Context, as_json: Json = False) -> None:
    """List the accounts and how they do; sign in to one; mark one as a bot; try one again; say what stands there."""
    if context.invoked_subcommand is None:
        list_accounts(context, as_json)


@accounts.command("list")
def list_accounts(context: typer.Context, as_json: Json = False) -> None:
    """List the accounts and how they do."""
    from bot.cli import signing_in

    signing_in.list_accounts(config_of(context), as_json=as_json)


@accounts.command()
def login(context: typer.Context, name: _Name, by: As = "") -> None:
    """Sign in and remember it; asks for the password, code or token unless it is configured as a secret."""
    from bot.cli import signing_in

    signing_in.login(config_of(context), name, by=by)


@accounts.command()
def mark(context: typer.Context, name: _Name, by: As = "") -> None:
    """Label an account as a bot on its profile, as its platform asks of accounts like this."""
    from bot.cli import signing_in

    signing_in.mark(config_of(context), name, by=by)


@accounts.command()
def retry(context: typer.Context, name: _Name, by: As = "") -> None:
    """Try an account, or a source, again at once although it waits."""
    from bot.cli import signing_in

    signing_in.retry(config_of(context), name, by=by)


@accounts.command()
def settle(
    context: typer.Context,
    name: _Name,
    update: Annotated[str, typer.Argument(metavar="UPDATE", help="The update, or its post: an id or an address.")],
    stands: Annotated[bool, typer.Option("--stands/--gone", help="What you saw there.", show_default=False)],
    url: Annotated[str, typer.Option("--url", metavar="URL", help="The address of what stands there.")] = "",
    by: As = "",
) -> None:
    """Say whether an update stands at an account that cannot be asked (Slack, Discord): look there first."""
    from bot.cli import signing_in

    signing_in.settle(config_of(context), name, update, stands=stands, url=url, by=by)
