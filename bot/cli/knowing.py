"""people: whom the desk knows."""

from pathlib import Path

from bot.app import people
from bot.cli.hall import opened
from bot.cli.lines import handle
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.people import FILE
from bot.core.text.amounts import several


def show(config: Path, wanted: str, *, as_json: bool) -> None:
    """Print people and their accounts.

    Raises:
        NotFoundError: Nobody is called so.
    """
    with opened(config) as app:
        found = people.known(app, wanted)
        folder = app.settings.rules.folder.rstrip("/")
    if as_json:
        json_document(found)
        return
    if not found:
        note(f"Nobody is listed: name people in {folder}/{FILE}; `milepost people HANDLE` shows the ids of accounts.")
    nobodys = [one for one in found if not one.id]
    for one in found:
        if one.id:
            out((one.id, "bold"), f"  {one_line(one.name)}{f'  ({one_line(one.why, 100)})' if one.why else ''}")
            table([_in_race(race) for race in one.races], indent="  ")
            table([_row(account) for account in one.accounts], indent="  ")
    if nobodys:
        out(f"not listed in {folder}/{FILE}")
        table([_row(account) for one in nobodys for account in one.accounts], indent="  ")


def _in_race(one: people.InRace) -> list[str]:
    where = f"{one.point} in {one.time}" if one.point else ""
    return [f"{one.race} {one_line(one.bib)}", one.standing or "timing has not told of them", where]


def _row(account: people.AccountSeen) -> list[str]:
    seen = f"{several(account.seen, 'post')} seen, {account.published:,} published" if account.seen else "not seen yet"
    name = one_line(account.name, 40)
    return [one_line(account.account), seen, " ".join(word for word in (handle(account.handle), name) if word)]
