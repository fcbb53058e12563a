"""log, explain, people, sources, status, doctor: questions."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.grammar.options import As, Json, Limit, config_of


class Verdict(StrEnum):
    """What can be asked for with --verdict."""

    PUBLISH = "publish"
    WAIT = "wait"
    HOLD = "hold"
    DROP = "drop"


def log(
    context: typer.Context,
    post: Annotated[
        str, typer.Option(metavar="ID", help="One post or update: number, platform:id, URL or short name.")
    ] = "",
    story: Annotated[
        int,
        typer.Option(
            metavar="NUMBER",
            min=-(2**63) + 1,
            max=2**63 - 1,
            show_default=False,
            help="One story, with what it was joined from.",
        ),
    ] = 0,
    author: Annotated[str, typer.Option(metavar="NAME", help="One author: handle, name or permanent id.")] = "",
    source: Annotated[str, typer.Option(metavar="NAME", help="One source.")] = "",
    account: Annotated[str, typer.Option(metavar="NAME", help="One account.")] = "",
    verdict: Annotated[Verdict | None, typer.Option(help="Judgements that came out so.")] = None,
    rule: Annotated[
        str, typer.Option(metavar="ID", help="Judgements that one rule gave, or matched, also in shadow mode.")
    ] = "",
    what: Annotated[
        str,
        typer.Option(
            metavar="WORD",
            help="The second word of a line: published, held, told, sent, noted, ...; a wrong one lists all.",
        ),
    ] = "",
    by: Annotated[str, typer.Option(metavar="NAME", help="What one person, or rules, clock, author did.")] = "",
    since: Annotated[
        str,
        typer.Option(
            metavar="WHEN", help="From then on: 2h, 14:00 (the last one: yesterday's before 14:00) or 2016-04-24T14:00."
        ),
    ] = "",
    until: Annotated[str, typer.Option(metavar="WHEN", help="Before then; written as --since.")] = "",
    limit: Limit = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as new lines come; Ctrl-C ends it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON Lines.")] = False,
) -> None:
    """Read the log: what was decided, and why.

    Every line of what was seen, decided, told, sent and taken back. The newest lines that fit; the newest stands last.
    """
    from bot.cli import reading

    wanted = reading.Wanted(
        post, story, author, source, account, verdict.value if verdict else "", rule, what, by, since, until, limit
    )
    reading.log(config_of(context), wanted, follow=follow, as_json=as_json)


def explain(
    context: typer.Context,
    post: Annotated[
        str, typer.Argument(metavar="ID", help="A post or update: number, platform:id, URL or short name.")
    ],
    pictures: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write pictures that came with it there, to be looked at.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show the whole life of one post.

    Its versions, verdict and why, story, update, deliveries and log.
    """
    from bot.cli import reading

    reading.explain(config_of(context), post, pictures=pictures, as_json=as_json)


def people(
    context: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", help="A person, or any account: handle, display name or permanent id.", show_default=False
        ),
    ] = "",
    as_json: Json = False,
) -> None:
    """Show who is who over networks.

    People, their accounts, and what was seen of each. With a handle: an account's permanent id, as people.toml wants it.
    """
    from bot.cli import knowing

    knowing.show(config_of(context), name, as_json=as_json)


def sources(context: typer.Context, as_json: Json = False) -> None:
    """List the sources and their rights.

    May the posts of each stand in full on the page, in feeds, at accounts; does a person approve them.
    """
    from bot.cli import sourcing

    sourcing.list_sources(config_of(context), as_json=as_json)


def status(context: typer.Context, as_json: Json = False) -> None:
    """Show how everything stands.

    Sources, accounts, rules, what is stopped, what comes next and what is wrong.
    """
    from bot.cli import standing

    standing.status(config_of(context), as_json=as_json)


def doctor(
    context: typer.Context,
    post_test: Annotated[
        bool,
        typer.Option(
            "--post-test",
            help="Post a test at every account that is not paused, shown to as few as can be, and take it down.",
        ),
    ] = False,
    as_json: Json = False,
    by: As = "",
) -> None:
    """Look at everything before the event.

    Signs in everywhere and says who we are, what is left of each limit, what it has cost, how far clocks are apart, what
    the servers want, which files others can read, and what comes next.
    """
    from bot.cli import examining

    examining.examine(config_of(context), post_test=post_test, as_json=as_json, by=by)
