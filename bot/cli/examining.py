"""doctor: before the event."""

from pathlib import Path

import typer

from bot.app import doctor
from bot.cli.ends import Exit
from bot.cli.hall import opened, who
from bot.cli.program import named
from bot.cli.terminal import Styled, json_document, note, one_line, out
from bot.core.checkup import Finding, Outcome
from bot.core.text.amounts import several

_MARKS: dict[Outcome, Styled] = {
    Outcome.OK: ("ok  ", "green"),
    Outcome.NOTE: ("note", "yellow"),
    Outcome.BAD: ("bad ", "bold red"),
}
_LATER = frozenset({"Unavailable", "Unanswered", "RateLimited"})


def examine(config: Path, *, post_test: bool, as_json: bool, by: str) -> None:
    """Look at everything, and say it.

    Raises:
        ConfigError: The configuration has mistakes.
        typer.Exit: Something fails.
    """
    name = who(by)
    found: list[Finding] = []
    with opened(config, outside=True, migrate=True) as app:
        about = ""
        for one in doctor.examine(app, post_test=post_test, by=name):
            found.append(one)
            if as_json:
                continue
            if one.about != about:
                out((one.about, "bold"))
                about = one.about
            out("  ", _MARKS[one.outcome], "  ", one_line(one.said))
            if one.mend:
                out("        ", named(one_line(one.mend)))
    bad = [one for one in found if one.outcome is Outcome.BAD]
    notes = [one for one in found if one.outcome is Outcome.NOTE]
    if as_json:
        json_document({"ok": not bad, "findings": found})
    else:
        note(f"{several(len(bad), 'thing')} {'fails' if len(bad) == 1 else 'fail'}, {several(len(notes), 'note')}.")
    if bad:
        raise typer.Exit(_code(bad))


def _code(bad: list[Finding]) -> Exit:
    kinds = {one.kind for one in bad}
    if "Unauthorized" in kinds:
        return Exit.SIGN_IN
    return Exit.TEMPORARY if kinds <= _LATER else Exit.FAILED
