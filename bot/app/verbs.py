"""What people do: decide, write, stop and let go, take back. Every action carries a name."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.app import look, own_pictures
from bot.app.hall import App
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Credit, Media, Tone, Update
from bot.core.ports import Revising
from bot.core.reports import PostLife, Preview, Withdrawal, Written
from bot.core.status import Stopped
from bot.pipeline import brake, review, withdraw
from bot.pipeline import write as pen
from bot.pipeline.review import Reviewed

_MAY_STAND = ("sent", "sending", "unconfirmed", "correcting")  # of a delivery: its words stand at the account, or may
_WORDS = frozenset({"text", "title", "strand", "credit", "media"})  # of an update: what an account shows of it
_OVER = ("cancelled", "failed")  # of a delivery: it will not be sent


def approve(app: App, reference: str, *, by: str, why: str = "", exactly: bool = False) -> Reviewed:
    """Publish a held post: the best copy of its story, unless exactly this one is wanted.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: It cannot be approved now; the message says why.
    """
    number = _post(app, reference)
    return review.approve(app.database, app.desk_and_people(), number, now=app.now(), by=by, why=why, exactly=exactly)


def reject(app: App, reference: str, *, by: str, why: str = "", exactly: bool = False) -> Reviewed:
    """Drop a held post, what waits of the same story, and who says the same few words. Raises as `approve`."""
    return review.reject(app.database, app.desk, _post(app, reference), now=app.now(), by=by, why=why, exactly=exactly)


def _post(app: App, reference: str) -> int:
    found = look.find(app, reference)
    if not found.versions:
        raise RefusedError(
            f"{reference!r} is an update of the desk's own: `milepost post` edits it, `milepost withdraw` takes it back"
        )
    return found.versions[-1].id


def write(app: App, manuscript: pen.Manuscript, *, by: str, dry_run: bool = False) -> Written:
    """Tell, schedule or keep what a person wrote; with `dry_run` only show how it would read.

    Raises:
        RefusedError: It cannot be told; the message says why. Nothing was stored.
    """
    now = app.now()
    if dry_run:
        update = pen.compose_own(app.desk, manuscript, now=now)
        return Written(update, _previews(app, update, now))
    update = pen.write(app.database, app.desk, manuscript, now=now, by=by)
    previews = _previews(app, update, now)
    cut = [one.account for one in previews if one.snippet and "…" in one.snippet.text and "…" not in update.text]
    said = f"too long for {', '.join(cut)}: only its beginning stands there; --dry-run shows it before" if cut else ""
    return Written(update, previews, said)


def edit(
    app: App,
    reference: str,
    *,
    changes: Mapping[str, object],
    by: str,
    note: str = "",
    due_at: datetime | None = None,
    tell: bool = False,
) -> Written:
    """Change one of the desk's own updates.

    Returns:
        Previews for those accounts alone that are still to be sent it; the note names those that keep what they were sent, and
        those where it is taken down.

    Raises:
        MilepostError: As `pipeline.write.edit`.
    """
    update = existing_update(app, reference)
    changed = pen.edit(
        app.database,
        app.desk,
        update.id,
        changes=changes,
        now=app.now(),
        by=by,
        note=note,
        due_at=due_at,
        tell=tell,
    )
    deliveries = withdraw.receipt(app.database, update.id).deliveries
    stands = [one.account for one in deliveries if one.state in _MAY_STAND and not one.down]
    added = set(changed.accounts) - set(update.accounts)
    removed = set(update.accounts) - set(changed.accounts)
    over = [one.account for one in deliveries if one.account in added and (one.down or one.state in _OVER)]
    taken = [one.account for one in deliveries if one.account in removed and one.state not in _OVER]
    said = []
    if any(getattr(update, field) != getattr(changed, field) for field in changes if field in _WORDS):
        edited = [name for name in stands if isinstance(app.parts.publishers.get(name), Revising)]
        kept = [name for name in stands if name not in edited]
        if edited:
            said.append(f"being corrected at {', '.join(edited)}")
        if kept:
            said.append(
                f"these accounts carry the old words: {', '.join(kept)}; withdraw it and write it anew to change them there"
            )
    if taken:
        said.append(f"taken down at {', '.join(taken)}")
    if over:
        said.append(
            f"not sent again to {', '.join(over)}, where it was sent or tried before; withdraw it and write it anew"
        )
    coming = [one for one in _previews(app, changed, app.now()) if one.account not in (*stands, *over)]
    return Written(changed, tuple(coming), "\n".join(said))


def existing_update(app: App, reference: str) -> Update:
    """The update that a person means.

    Raises:
        NotFoundError: Nothing has this name, or the post was never told.
    """
    life = look.explain(app, reference)
    found = look.find(app, reference).update or life.update
    if found is None:
        raise NotFoundError(f"{reference!r} was never told: {_why_untold(life, reference)}")
    return found


def _why_untold(life: PostLife, reference: str) -> str:
    number = life.ids[-1] if life.ids else reference
    match life.verdict:
        case "hold":
            return f"it is held for a person: `milepost queue reject {number}` drops it"
        case "wait":
            return "it is embargoed, and decided again when that is over"
        case "drop":
            return "it was dropped"
        case _:
            return "there is no update of it"


def _previews(app: App, update: Update, now: datetime) -> tuple[Preview, ...]:
    limits = {name: publisher.limits() for name, publisher in app.parts.publishers.items()}
    return pen.previews(app.desk, update, limits, page_url=app.page_url(update), now=now)


def keep_picture(app: App, path: Path, alt: str) -> Media:
    """Take in a picture of the desk's own. Raises as `own_pictures.keep`."""
    return own_pictures.keep(app.database, path, alt, now=app.now())


def pause(app: App, account: str, *, by: str, why: str = "") -> Stopped:
    """Send nothing more to an account ("" for everything, "page" for the page).

    Raises:
        NotFoundError: No account has this name.
    """
    return brake.pause(app.database, app.desk, account, now=app.now(), by=by, why=why)


def resume(app: App, account: str, *, by: str, why: str = "") -> Stopped:
    """Let go what `pause` stopped; what waited too long is not sent any more."""
    return brake.resume(app.database, app.desk, account, now=app.now(), by=by, why=why)


def quiet(app: App, on: bool, *, by: str, why: str = "") -> Stopped:
    """Turn quiet mode on or off."""
    if on:
        return brake.quiet_on(app.database, app.desk, app.plan(), now=app.now(), by=by, why=why)
    return brake.quiet_off(app.database, app.desk, now=app.now(), by=by, why=why)


def take_back(app: App, reference: str, *, by: str, why: str = "", note: str = "") -> Withdrawal:
    """Take an update off the page and off every account.

    Raises:
        NotFoundError: Nothing has this name, or it was never told.
    """
    update = existing_update(app, reference)
    return withdraw.withdraw(app.database, update.id, now=app.now(), by=by, why=why, note=note)


def receipt(app: App, reference: str) -> Withdrawal:
    """How a withdrawal stands now."""
    return withdraw.receipt(app.database, existing_update(app, reference).id)


def byline(name: str, role: str = "") -> Credit:
    """Somebody of the desk who speaks."""
    return Credit(name=name, role=role)


def manuscript(
    text: str,
    *,
    title: str = "",
    strand: str = "",
    byline: Credit | None = None,
    media: Sequence[Media] = (),
    url: str = "",
    accounts: Sequence[str] | None = None,
    due_at: datetime | None = None,
    draft: bool = False,
    tone: Tone | None = None,
) -> pen.Manuscript:
    """What a person writes; see `pipeline.write.Manuscript`."""
    return pen.Manuscript(
        text,
        title,
        strand,
        byline,
        tuple(media),
        url,
        None if accounts is None else tuple(accounts),
        due_at,
        draft,
        tone,
    )
