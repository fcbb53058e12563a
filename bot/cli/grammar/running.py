"""run, demo, rehearse: the service, and rehearsals of it."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.grammar.options import config_of


def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, then end.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="On a copy of the store: collect and judge, say what would be sent, send nothing."
        ),
    ] = False,
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="FILE", help="Write what comes in, for a rehearsal with `replay`."),
    ] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Draw the page, but do not serve it.")] = False,
) -> None:
    """Run the service until Ctrl-C or SIGTERM.

    It collects, decides, announces, publishes and serves the page.
    """
    from bot.cli import running

    if dry_run:
        if record is not None:
            raise typer.BadParameter("a dry run keeps nothing: leave --record out", param_hint="--record")
        running.dry_run(config_of(context))
    elif once:
        running.once(config_of(context), record)
    else:
        running.run(config_of(context), record, web=not no_web)


def demo(
    once: Annotated[bool, typer.Option("--once", help="Leap through the day, print what it came to, end.")] = False,
    speed: Annotated[
        float, typer.Option("--speed", metavar="TIMES", min=1, max=300, help="How many times faster than on the day.")
    ] = 60,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where the page is served.")] = 8016,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="Keep everything there; otherwise nothing is left.")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Serve no page, and end with the day.")] = False,
) -> None:
    """Replay a sample day and serve its page.

    It needs no key and no network, and goes on until Ctrl-C.
    """
    from bot.cli import rehearsing

    if once:
        rehearsing.once(keep)
    else:
        rehearsing.demo(speed=speed, port=port, keep=keep, serve=not no_serve)


def rehearse(
    context: typer.Context,
    recordings: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Recordings, as `run --record` writes them.")
    ],
    once: Annotated[bool, typer.Option("--once", help="Leap through them, print what it came to, end.")] = False,
    speed: Annotated[
        float, typer.Option("--speed", metavar="TIMES", min=1, max=300, help="How many times faster than recorded.")
    ] = 10,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Where the page is served.")] = 8016,
    keep: Annotated[
        Path | None, typer.Option("--keep", metavar="FOLDER", help="Keep everything there; otherwise nothing is left.")
    ] = None,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Serve no page, and end with the recording.")] = False,
) -> None:
    """Run recordings through your rules and plan; nothing is sent.

    Clock, store and accounts are its own: no real milestone is spent.
    """
    from bot.cli import rehearsing

    play = rehearsing.rehearsal_of(config_of(context), recordings)
    if once:
        rehearsing.once(keep, play)
    else:
        rehearsing.demo(speed=speed, port=port, keep=keep, serve=not no_serve, play=play)
