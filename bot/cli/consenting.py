"""consent and optout."""

from pathlib import Path

from bot.app import consent
from bot.app.hall import App
from bot.cli.hall import opened, who, zone_of
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.reports import Consented


def record(config: Path, post: str, *, answer: str, scope: str, evidence: str, by: str, as_json: bool) -> None:
    """Keep an answer.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: It cannot be kept so.
    """
    with opened(config) as app:
        found = consent.record(app, post, answer=answer, scope=_scopes(scope), evidence=evidence, by=who(by))
        _kept(app, found, as_json=as_json)


def revoke(config: Path, post: str, *, scope: str, evidence: str, by: str, as_json: bool) -> None:
    """Take a yes back. Raises as `record`."""
    with opened(config) as app:
        found = consent.revoke(app, post, scope=_scopes(scope), evidence=evidence, by=who(by))
        _kept(app, found, as_json=as_json)


def _kept(app: App, found: Consented, *, as_json: bool) -> None:
    if as_json:
        json_document(found)
        return
    out((f"post {found.post_id}", "bold"), f"  {found.answer}: {_reach(page=found.page, accounts=found.accounts)}")
    if found.update is not None and not found.page:
        out(
            f"  update {found.update.slug} is taken off, everywhere: `milepost withdraw {found.update.slug}` shows the receipts"
        )
    elif found.update is not None:
        out(f"  update {found.update.slug} is taken back at accounts; it stays on the page")
    if found.dropped:
        out("  it waited in the queue, and is dropped")
    if found.is_waiting:
        note(f"It waits in the queue: `milepost queue approve {found.post_id}`")
    if found.update is not None and not app.is_running():
        note("Nothing runs on this database: it is taken down with the next `milepost run`.")


def show(config: Path, post: str, *, as_json: bool) -> None:
    """Print how consent stands for a post. Raises as `record`."""
    with opened(config) as app:
        found = consent.show(app, post)
        if as_json:
            json_document(found)
            return
        zone = zone_of(app)
        needed = ": it was sent to the desk alone, so that a yes is needed" if found.needed else ""
        out((f"post {found.post_id}", "bold"), needed)
        for why in found.objections:
            out(("  against  ", "yellow"), why)
        for one in found.asked:
            reach = _reach(page=one.page, accounts=one.accounts)
            out(
                f"  {zone.minute(one.at)}  {one.answer}: {reach}, asked by {one_line(one.by)}: {one_line(one.evidence)}"
            )
        if not found.asked:
            note("Nobody has asked its author.")
        if not found.objections:
            note("Nothing speaks against showing it.")


def list_answers(config: Path, *, limit: int, as_json: bool) -> None:
    """Print the last answers."""
    with opened(config) as app:
        found = consent.newest(app, limit)
        if as_json:
            json_document(found)
            return
        zone = zone_of(app)
        table(
            [
                [
                    zone.minute(one.at),
                    f"post {one.post_id}",
                    f"{one.answer}: {_reach(page=one.page, accounts=one.accounts)}",
                    f"by {one_line(one.by)}",
                    one_line(one.evidence),
                ]
                for one in found
            ]
        )
        if not found:
            note("No answer was kept yet: `milepost consent record POST --answer yes --evidence WHERE`")


def opt_out(config: Path, name: str, *, reason: str, by: str, as_json: bool) -> None:
    """Leave somebody out.

    Raises:
        NotFoundError: Nobody is called so.
        RefusedError: Several people are.
    """
    with opened(config) as app:
        found = consent.opt_out(app, name, why=reason, by=who(by))
        if as_json:
            json_document(found)
            return
        for one in found:
            handle = f"  (@{one_line(one.handle)})" if one.handle else ""
            out(
                (one_line(one.account), "bold"),
                f"{handle}  {'left out from now on' if one.changed else 'left out already'}",
            )
            if one.updates:
                out(f"  taken off, everywhere: {', '.join(one.updates)}")
        if any(one.updates for one in found) and not app.is_running():
            note("Nothing runs on this database: it is taken off with the next `milepost run`.")


def opt_in(config: Path, name: str, *, reason: str, by: str, as_json: bool) -> None:
    """Leave somebody out no more. Raises as `opt_out`."""
    with opened(config) as app:
        found = consent.opt_in(app, name, why=reason, by=who(by))
        if as_json:
            json_document(found)
            return
        for one in found:
            out((one_line(one.account), "bold"), f"  {'left out no more' if one.changed else 'was not left out'}")


def list_opt_outs(config: Path, *, as_json: bool) -> None:
    """Print who is left out."""
    with opened(config) as app:
        found = consent.left_out(app)
        if as_json:
            json_document(found)
            return
        zone = zone_of(app)
        rows = []
        for one in found:
            name = f"{one.platform}:{one.native_id}" if one.native_id else "somebody of whom nothing is here"
            handle = f"@{one_line(one.handle)}" if one.handle else ""
            rows.append([zone.minute(one.at), one_line(name), handle, f"by {one_line(one.by)}", one_line(one.why)])
        table(rows)
        if not found:
            note("Nobody is left out.")


def _reach(*, page: bool, accounts: bool) -> str:
    return "page and accounts" if accounts else "the page alone" if page else "nothing"


def _scopes(given: str) -> list[str]:
    return [word for part in given.split(",") if (word := part.strip().lower())]
