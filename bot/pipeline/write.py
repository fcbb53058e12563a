"""The desk's own hand: writes, drafts, schedules and edits the desk's own updates, previewed for each account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.desk import Desk
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Credit, Limits, Media, Tone, Update, UpdateKind, UpdateState
from bot.core.reports import Preview
from bot.core.snippets import fit
from bot.core.text.lengths import length
from bot.store import brakes, coverage, feed, journal, outbox
from bot.store.database import Database


@dataclass(frozen=True, slots=True)
class Manuscript:
    """What a person writes.

    Attributes:
        strand: Id of the strand, "" for none.
        byline: Who speaks; None for the desk itself.
        accounts: Where to, beside the page; None takes the strand's.
        due_at: When it is told; None for now (or never, for a draft).
        draft: Keep it, tell nothing.
        tone: None takes the strand's; without a strand, "news".
    """

    text: str
    title: str = ""
    strand: str = ""
    byline: Credit | None = None
    media: tuple[Media, ...] = ()
    url: str = ""
    accounts: tuple[str, ...] | None = None
    due_at: datetime | None = None
    draft: bool = False
    tone: Tone | None = None


def compose_own(desk: Desk, manuscript: Manuscript, *, now: datetime) -> Update:
    """Make an update of what a person wrote, without storing it.

    Raises:
        RefusedError: It says nothing, names a strand or an account that does not exist, or has a picture without alt text.
    """
    if not manuscript.text.strip() and not manuscript.title.strip():
        raise RefusedError("the update says nothing: give it a text")
    if manuscript.strand and manuscript.strand not in desk.strands:
        known = ", ".join(desk.strands) or "none"
        raise RefusedError(f"no strand is called {manuscript.strand!r}: there are {known}")
    for media in manuscript.media:
        if not media.alt.strip():
            raise RefusedError(
                f"picture {media.url}: needs an alt text, for those who cannot see it: --alt 'what it shows'"
            )
    strand = desk.strand(manuscript.strand)
    accounts = manuscript.accounts if manuscript.accounts is not None else strand.accounts if manuscript.strand else ()
    for name in accounts:
        if name not in desk.accounts:
            raise RefusedError(f"no account is called {name!r}: there are {', '.join(desk.accounts) or 'none'}")
    state = UpdateState.DRAFT if manuscript.draft else UpdateState.SCHEDULED if manuscript.due_at else UpdateState.LIVE
    return Update(
        id=0,
        slug="",
        kind=UpdateKind.DESK,
        state=state,
        at=manuscript.due_at or now,
        text=manuscript.text.strip(),
        title=manuscript.title.strip(),
        strand=manuscript.strand,
        credit=manuscript.byline,
        url=manuscript.url,
        media=manuscript.media,
        is_official=True,
        due_at=manuscript.due_at,
        accounts=tuple(accounts),
        tone=manuscript.tone or (strand.tone if manuscript.strand else Tone.NEWS),
    )


def previews(
    desk: Desk, update: Update, limits: Mapping[str, Limits], *, page_url: str, now: datetime
) -> tuple[Preview, ...]:
    """How an update would read at each of its accounts."""
    found = []
    for name in update.accounts:
        if name not in limits:
            found.append(Preview(name, problem="this account is not ready: see `milepost accounts`"))
            continue
        bound = limits[name]
        strand = desk.strand(update.strand).name if update.strand else ""
        snippet = fit(update, bound, strand_name=strand, page_url=page_url, created_at=now)
        found.append(Preview(name, snippet, length=length(snippet.text, bound.unit), limit=bound.length))
    return tuple(found)


def write(database: Database, desk: Desk, manuscript: Manuscript, *, now: datetime, by: str) -> Update:
    """Store the desk's own update: live at once, scheduled, or a draft.

    Raises:
        RefusedError: As `compose_own`; or quiet mode is on and the update is light, or its time is past. Nothing was stored.
    """
    update = compose_own(desk, manuscript, now=now)
    if update.due_at is not None and update.due_at <= now:
        raise RefusedError(f"{desk.local(update.due_at)} is past: leave --at out to tell it now")
    with database.begin() as tx:
        if update.state is UpdateState.LIVE:
            _not_in_quiet(brakes.QUIET in brakes.pulled(tx), update)
            return coverage.tell(tx, update, update.accounts, at=now, by=by, why="written by the desk", cleared=True)
        stored = feed.add(tx, update)
        what = "drafted" if update.state is UpdateState.DRAFT else "scheduled"
        why = f"for {desk.local(update.due_at)}" if update.due_at else ""
        journal.write(tx, [journal.Line(now, what, by, why, update_id=stored.id)])
        return stored


def _not_in_quiet(quiet: bool, update: Update) -> None:
    if quiet and update.tone is Tone.LIGHT:
        raise RefusedError(
            "quiet mode is on and this update is light: write it with --draft, or with --tone news or --tone safety"
        )


def edit(
    database: Database,
    desk: Desk,
    update_id: int,
    *,
    changes: Mapping[str, object],
    now: datetime,
    by: str,
    note: str = "",
    due_at: datetime | None = None,
    tell: bool = False,
) -> Update:
    """Change one of the desk's own updates.

    Args:
        changes: Fields of `Update` that change: text, title, strand, credit, media, accounts, tone.
        note: What readers are told about the change of a live update.
        due_at: A new time for a draft or a scheduled update.
        tell: A draft or a scheduled update goes live now.

    Returns:
        The update as it now stands. Accounts that carry the old words already keep them; the caller says so.

    Raises:
        NotFoundError: There is no such update.
        RefusedError: It is somebody else's words, or withdrawn; nothing would change; or what `compose_own` refuses.
    """
    if due_at is not None and due_at <= now:
        raise RefusedError(f"{desk.local(due_at)} is past: give a time to come, or tell it now")
    with database.begin() as tx:
        tx.alone()
        update = feed.by_id(tx, update_id)
        if update is None:
            raise NotFoundError(f"update {update_id} does not exist")
        if update.kind is UpdateKind.POST:
            raise RefusedError(
                f"update {update.slug} is somebody else's words: they are never altered; withdraw it instead"
            )
        if update.state is UpdateState.WITHDRAWN:
            raise RefusedError(f"update {update.slug} is withdrawn: write a new one")
        changed = replace(update, **changes)  # type: ignore[arg-type] # the caller names fields of Update
        compose_own(
            desk,
            Manuscript(changed.text, changed.title, changed.strand, media=changed.media, accounts=changed.accounts),
            now=now,
        )
        if changed == update and not (tell or due_at or note):
            raise RefusedError(f"update {update.slug} says that already: nothing would change")
        if update.state is UpdateState.LIVE:
            added = [name for name in changed.accounts if name not in update.accounts]
            outbox.owe(tx, update.id, added, at=now, cleared=True, worth=changed.worth)
            outbox.take_back(tx, update.id, [name for name in update.accounts if name not in changed.accounts])
            return coverage.revise(tx, replace(changed, note=note), at=now, by=by, why=note or "edited by the desk")
        if tell:
            _not_in_quiet(brakes.QUIET in brakes.pulled(tx), changed)
            return coverage.tell(tx, changed, changed.accounts, at=now, by=by, why="written by the desk", cleared=True)
        if due_at is not None:
            changed = replace(changed, state=UpdateState.SCHEDULED, due_at=due_at, at=due_at)
        stored = feed.change(tx, changed)
        journal.write(tx, [journal.Line(now, "edited", by, note, update_id=update.id)])
        return stored


def waiting(database: Database) -> Sequence[Update]:
    """Drafts and scheduled updates, soonest first, drafts last."""
    with database.read() as tx:
        return feed.waiting(tx)
