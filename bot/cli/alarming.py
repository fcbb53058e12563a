"""alarms: list, test and hush."""

from collections.abc import Sequence
from pathlib import Path

import typer

from bot.app import alarms
from bot.cli.ends import Exit, message_of
from bot.cli.hall import opened, who
from bot.cli.terminal import ERROR, json_document, note, one_line, out
from bot.core.errors import MilepostError, NotFoundError


def list_alarms(config: Path, *, over: bool, as_json: bool) -> None:
    """Print what needs a person."""
    with opened(config) as app:
        found = alarms.listed(app, over=over)
        if as_json:
            json_document(found)
            return
        for one in found:
            state = (
                f"over since {one.over_at:%Y-%m-%d %H:%M} UTC"
                if one.over_at
                else f"since {one.since:%Y-%m-%d %H:%M} UTC"
            )
            hushed = f", hushed by {one_line(one.hushed_by)}" if one.hushed_by else ""
            out((one_line(one.condition.id), "bold"), f"  {state}{hushed}")
            out(f"  {one_line(one.condition.about)}")
            out(("  mend it  ", "yellow"), one_line(one.condition.mend))
            for way, told in (one.told or {}).items():
                why = f": {one_line(one.errors[way])}" if one.errors and way in one.errors else ""
                out(f"  {_TOLD.get(told, told)} {one_line(way)}{why}")
        if not app.settings.alarm:
            note(
                "Nobody is told of this: give config.toml an [[alarm]] (docs/alarms.md); `milepost status` says what is wrong."
            )
        elif not app.is_running():
            note("Nothing runs on this database: this is how it stood when it last ran.")
        elif not found:
            note("Nothing needs a person.")


_TOLD = {
    "sent": "told by",
    "owed": "to be told by",
    "sending": "being told by, or cut off:",
    "unanswered": "perhaps told by",
    "failed": "not told by",
}


def test(config: Path, names: Sequence[str]) -> None:
    """Send trials.

    Raises:
        NotFoundError: There is no [[alarm]].
        typer.Exit: Some, or all, could not be sent.
    """
    with opened(config, outside=True, migrate=True) as app:
        wanted = list(names) or list(alarms.ways(app))
        if not wanted:
            raise NotFoundError(
                "there is no enabled [[alarm]] in the configuration: docs/alarms.md says how to write one"
            )
        failed = 0
        for name in wanted:
            try:
                alarms.test(app, name)
            except MilepostError as error:
                failed += 1
                note(ERROR, message_of(error))
            else:
                out(f"{one_line(name)}: a trial was sent; look whether it came")
    if failed:
        raise typer.Exit(Exit.PARTIAL if failed < len(wanted) else Exit.FAILED)


def hush(config: Path, name: str, *, by: str) -> None:
    """Tell something no more.

    Raises:
        NotFoundError: Nothing of this name goes on.
    """
    with opened(config) as app:
        alarms.hush(app, name, by=who(by))
        out(f"{one_line(name)}: not told any more until it is over and comes again")
