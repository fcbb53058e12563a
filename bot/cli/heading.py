"""headlines: list, pin, unpin."""

from pathlib import Path

from bot.app import headlines
from bot.cli.hall import opened, who, zone_of
from bot.cli.terminal import json_document, note, one_line, out, table

_SHOWN = 100


def list_headlines(config: Path, *, past: bool, as_json: bool) -> None:
    """Print the bullets at the top of the page, or all that ever stood."""
    with opened(config) as app:
        found = headlines.history(app, _SHOWN) if past else headlines.standing(app)
        zone = zone_of(app)
    if as_json:
        json_document(found)
        return
    table(
        [
            [
                zone.clock(one.at),
                one.slot,
                one_line(one.text, 80),
                f"milestone {one.milestone}" if one.milestone else f"pinned by {one.by}",
                *([f"until {zone.clock(one.ended_at)}" if one.ended_at else "stands"] if past else []),
            ]
            for one in found
        ]
    )
    if not found:
        note('None stands: a milestone with `headline` puts one there, or `milepost headlines pin SLOT "WORDS"`.')


def pin(config: Path, slot: str, text: str, *, update: str, reason: str, by: str) -> None:
    """Pin a bullet.

    Raises:
        NotFoundError: There is no such update.
        RefusedError: It cannot stand.
    """
    person = who(by)
    with opened(config) as app:
        changed = headlines.pin(app, slot, text, update=update, by=person, why=reason)
    out((slot, "bold"), "  stands" if changed else "  says that already")


def unpin(config: Path, slot: str, *, reason: str, by: str) -> None:
    """Take a bullet down.

    Raises:
        NotFoundError: None of this slot stands.
    """
    person = who(by)
    with opened(config) as app:
        headlines.unpin(app, slot, by=person, why=reason)
    out((slot, "bold"), "  is taken down")
