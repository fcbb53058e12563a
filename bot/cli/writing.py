"""post: write, list, edit, send."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.app import look, verbs
from bot.app.hall import App
from bot.cli.ends import mistyped
from bot.cli.hall import opened, who, zone_of
from bot.cli.lines import update_line
from bot.cli.names import require
from bot.cli.program import named
from bot.cli.terminal import json_document, note, one_line, out, plain
from bot.core.errors import RefusedError
from bot.core.model import Credit, Media, Tone, Update, UpdateState
from bot.core.reports import Preview, Written

_DRY = "would be told"


@dataclass(frozen=True, slots=True)
class Told:
    """What was typed about an update; None where nothing was.

    Attributes:
        byline: "Name / Role".
        pictures: Each with its alt text.
        accounts: Empty for the page alone.
    """

    title: str | None = None
    strand: str | None = None
    byline: str | None = None
    pictures: tuple[tuple[Path, str], ...] = ()
    accounts: tuple[str, ...] | None = None
    tone: str | None = None


def write(config: Path, text: str, told: Told, *, at: str, draft: bool, dry_run: bool, as_json: bool, by: str) -> None:
    """Tell, draft or schedule an update.

    Raises:
        typer.BadParameter: A name or a time is none.
        RefusedError: It cannot be told; nothing was stored.
        NotFoundError: A picture is not there.
    """
    name = who(by)
    words = _words(text)
    with opened(config, outside=True) as app:
        _require_names(app, told)
        manuscript = verbs.manuscript(
            words,
            title=told.title or "",
            strand=told.strand or "",
            byline=_credit(told.byline) if told.byline else None,
            media=_media(app, told),
            accounts=told.accounts,
            due_at=zone_of(app).coming(at, "--at") if at else None,
            draft=draft,
            tone=Tone(told.tone) if told.tone else None,
        )
        written = verbs.write(app, manuscript, by=name, dry_run=dry_run)
        _show(app, written, _DRY if dry_run else "", as_json=as_json)


def list_waiting(config: Path, *, as_json: bool) -> None:
    """Print drafts and scheduled updates."""
    with opened(config) as app:
        found = look.waiting(app)
        if as_json:
            json_document(found)
            return
        zone = zone_of(app)
        for update in found:
            out(update_line(update, zone))
    if any(update.state is UpdateState.DRAFT for update in found):
        note("A draft goes out by `milepost post send NAME` alone, also one that has a time.")
    if not found:
        note("No drafts, and nothing scheduled.")


def edit(
    config: Path, reference: str, text: str | None, told: Told, *, at: str, note: str, as_json: bool, by: str
) -> None:
    """Change an update.

    Raises:
        typer.BadParameter: A name or a time is none, or nothing is to be changed.
        NotFoundError: Nothing has this name.
        RefusedError: It cannot be changed so.
    """
    name = who(by)
    words = None if text is None else _words(text)
    with opened(config, outside=True) as app:
        _require_names(app, told)
        given: dict[str, object | None] = {
            "text": words,
            "title": told.title,
            "strand": told.strand,
            "credit": _credit(told.byline) if told.byline is not None else None,
            "media": _media(app, told) or None,
            "accounts": told.accounts,
            "tone": Tone(told.tone) if told.tone else None,
        }
        changes = {key: value for key, value in given.items() if value is not None}
        due_at = zone_of(app).coming(at, "--at") if at else None
        if not changes and due_at is None:
            raise mistyped(
                "NAME", "nothing is to be changed: say what with --text, --title, --strand, --byline, --at, ..."
            )
        if due_at is not None and verbs.existing_update(app, reference).state is UpdateState.LIVE:
            raise RefusedError(f"{reference!r} is told already: leave --at out to change its words")
        written = verbs.edit(app, reference, changes=changes, by=name, note=note, due_at=due_at)
        _show(app, written, "edited", as_json=as_json)


def send(config: Path, reference: str, *, as_json: bool, by: str) -> None:
    """Tell a draft or a scheduled update now.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: It cannot be told now, or is told already.
    """
    name = who(by)
    with opened(config, outside=True) as app:
        update = verbs.existing_update(app, reference)
        if update.state is UpdateState.LIVE:
            raise RefusedError(f"{update.slug} is told already, since {zone_of(app).clock(update.at)}")
        written = verbs.edit(app, reference, changes={}, by=name, tell=True)
        _show(app, written, "", as_json=as_json)


def _require_names(app: App, told: Told) -> None:
    require("--strand", told.strand or "", app.desk.strands, "strand")
    for name in told.accounts or ():
        require("--account", name, app.desk.accounts, "account")


def _words(text: str) -> str:
    if text != "-":
        return text
    try:
        return sys.stdin.read().strip()
    except UnicodeDecodeError:
        raise RefusedError("standard input is not UTF-8: give the text as UTF-8") from None


def _credit(byline: str) -> Credit:
    name, _, role = byline.partition("/")
    if not name.strip():
        raise mistyped("--byline", f'{byline!r} names nobody: write "Name / Role" or "Name"')
    return verbs.byline(name.strip(), role.strip())


def _media(app: App, told: Told) -> Sequence[Media]:
    return tuple(verbs.keep_picture(app, path, alt) for path, alt in told.pictures)


def _show(app: App, written: Written, word: str, *, as_json: bool) -> None:
    if as_json:
        json_document(written)
        return
    update = written.update
    zone = zone_of(app)
    state = {
        UpdateState.LIVE: "told",
        UpdateState.DRAFT: "draft",
        UpdateState.SCHEDULED: f"scheduled for {zone.clock(update.due_at)}" if update.due_at else "scheduled",
        UpdateState.WITHDRAWN: "withdrawn",
    }[update.state]
    strand = f", strand {update.strand}" if update.strand else ""
    out((update.slug or "(not stored)", "bold"), f"  {word or state}{strand}", f", {state}" if word == "edited" else "")
    for preview in written.previews:
        _preview(preview)
    if word == _DRY:
        _page_preview(app, update)
    if not update.accounts:
        note("To the page alone.")
    if update.slug and update.state is UpdateState.DRAFT:
        when = (
            f"It is kept with its time, {zone.minute(update.due_at)}, and does not"
            if update.due_at
            else "A draft does not"
        )
        note(f"{when} go out by itself: `milepost post send {update.slug}` tells it.")
    for line in written.note.splitlines():
        note(one_line(line))
    if update.slug and update.state is UpdateState.LIVE and not app.is_running():
        note("Nothing runs on this database: it appears with the next `milepost run`.")


def _page_preview(app: App, update: Update) -> None:
    """How it would stand on the page: whole, under its strand and byline."""
    out(("page", "bold"), f"  {zone_of(app).minute(update.at)}")
    strand = app.desk.strands.get(update.strand)
    credit = update.credit
    byline = f"{credit.name} / {credit.role}" if credit and credit.role else credit.name if credit else ""
    texts = [strand.name if strand else "", update.title, byline, *plain(update.text).splitlines()]
    for number, text in enumerate(texts):
        if text or number > 2:  # the first three stand only where there is something to say
            out(f"  | {text}".rstrip())
    for media in update.media:
        out(f"  | [{media.kind}] {one_line(media.alt)}")


def _preview(preview: Preview) -> None:
    if preview.snippet is None:
        out((preview.account, "bold"), f"  {named(preview.problem)}")
        return
    out((preview.account, "bold"), f"  {preview.length} of {preview.limit}")
    for text in plain(preview.snippet.text).splitlines():
        out(f"  | {text}".rstrip())
    for media in preview.snippet.media:
        out(f"  | [{media.kind}] {one_line(media.alt)}")
