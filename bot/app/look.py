"""Answers to questions: log, explain, queue, accounts, status. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bot.app import history
from bot.app.condition import accounts, refusals, status, waiting_for_pictures
from bot.app.hall import App
from bot.app.outside import PLATFORM_NAMES
from bot.core.errors import NotFoundError
from bot.core.model import Update
from bot.core.reports import Joined, JournalLine, LogFilter, PostLife, QueueItem
from bot.core.rules.explain import explain as explain_rules
from bot.core.rules.render import render
from bot.core.status import Brake
from bot.pipeline import queue as queue_of
from bot.pipeline import refresh, write
from bot.store import authors, brakes, feed, joining, journal, media, outbox, posts, rulesets, stories
from bot.store.database import Transaction
from bot.store.posts import StoredPost

# what the steps write into the log, roughly in the order of a post's life
WORDS = (
    "met", "noted", "failing", "recovered", "recognised", "result changed", "judged", "told", "edited", "withdrawn", "missing", "objected", "opted out", "opted in", "consent", "split", "joined", "sent", "not sent", "refused",
    "unconfirmed", "delayed", "cancelled", "corrected", "not corrected", "recalled", "retracted", "expired", "drafted", "scheduled", "missed", "folded", "skipped", "held back", "released", "differs", "left", "closed", "headline", "owed again", "moved", "adopted",
    "fused", "re-armed", "receipt", "mended", "paused", "resumed", "quiet on", "quiet off", "signed in", "retry", "marked", "tested", "hushed",
)  # fmt: skip
_LONGEST_NUMBER = 19  # digits: what is longer is no number of ours, and no number for a database


@dataclass(frozen=True, slots=True)
class Found:
    """What a person's reference means: a post (all its versions) or an update of our own."""

    versions: tuple[StoredPost, ...] = ()
    update: Update | None = None


def find(app: App, reference: str) -> Found:
    """Resolve what a person typed.

    Args:
        reference: A post's number, its `platform:native_id`, its URL, or an update's slug or permalink.

    Raises:
        NotFoundError: Nothing has this name; the message says what would do.
    """
    with app.database.read() as tx:
        found = _find(tx, reference.strip())
    if found is None:
        raise NotFoundError(
            f"{reference!r} is unknown: give a number from `milepost log`, a platform:id, a URL, or an update's short name"
        )
    return found


def _find(tx: Transaction, reference: str) -> Found | None:
    if reference.isascii() and reference.isdigit() and len(reference) < _LONGEST_NUMBER:
        stored = posts.by_id(tx, [int(reference)])
        return Found(tuple(posts.by_key(tx, stored[0].post.platform, stored[0].post.native_id))) if stored else None
    slug = reference.rstrip("/").rpartition("/")[2].removesuffix(".html")
    update = feed.by_slug(tx, slug)
    if update is not None:
        stored = posts.by_id(tx, [update.post_id]) if update.post_id else []
        versions = tuple(posts.by_key(tx, stored[0].post.platform, stored[0].post.native_id)) if stored else ()
        return Found(versions, update)
    platform, mark, native = reference.partition(":")
    if mark:
        versions = tuple(posts.by_key(tx, platform, native))
        if versions:
            return Found(versions)
    if reference.startswith(("http://", "https://", "at://")):
        versions = tuple(posts.by_url(tx, reference))
        if versions:
            return Found(versions)
    return None


def log(app: App, wanted: LogFilter) -> list[JournalLine]:
    """Lines of the curation log that fit, oldest first."""
    with app.database.read() as tx:
        return journal.read(tx, wanted)


def names(app: App, field: str) -> tuple[str, ...]:
    """What the log can be asked for: what is configured, or in force; lines of former times may have other names.

    Args:
        field: "source", "account" (with the page, which can be stopped like one), "rule" or "what".
    """
    match field:
        case "source":
            return tuple(source.name for source in app.settings.source)
        case "account":
            return (*(account.name for account in app.settings.account), "page")
        case "rule":
            with app.database.read() as tx:
                active = rulesets.active(tx, rulesets.RULES)
            return tuple(rule.id for rule in app.compile_rules(active).rules) if active else ()
        case _:
            return WORDS


def has_lines(app: App, field: str, name: str) -> bool:
    """Whether any line of the log has this source, account, rule or word.

    Args:
        field: As `names` takes it.
    """
    wanted = {
        "source": LogFilter(source=name, limit=1),
        "account": LogFilter(account=name, limit=1),
        "rule": LogFilter(rule=name, limit=1),
        "what": LogFilter(what=name, limit=1),
    }
    return bool(log(app, wanted[field]))


def newest_line(app: App) -> int:
    """Id of the newest line of the curation log; 0 for an empty one."""
    with app.database.read() as tx:
        return journal.last_id(tx)


def find_story(app: App, number: int) -> tuple[int, ...]:
    """Every number under which the log speaks of a story, also of what has become part of it.

    Args:
        number: Of a story, of what once was one, or of a post.

    Raises:
        NotFoundError: No post belongs to it, and the log has no line of it.
    """
    with app.database.read() as tx:
        story = stories.now(tx, number)
        if story:
            return tuple(sorted({number, *stories.names(tx, story)}))
        if not journal.read(tx, LogFilter(story_ids=(number,), limit=1)):
            raise NotFoundError(f"story {number} is unknown: give a number from `milepost log`")
    return (number,)


def find_authors(app: App, text: str) -> tuple[int, ...]:
    """Accounts that a person means by a handle, a name or a permanent id.

    Raises:
        NotFoundError: Nobody is called so.
    """
    with app.database.read() as tx:
        found = authors.find(tx, text)
    if not found:
        raise NotFoundError(f"no author is called {text!r}: give a handle, a display name or a permanent account id")
    return found


def queue(app: App, limit: int = 50) -> list[QueueItem]:
    """Stories that a person can decide on: held ones by score and age, then those that wait for their time."""
    return queue_of.queue(app.database, app.desk_and_people(), limit=limit, now=app.now())


def queue_length(app: App) -> int:
    """How many stories a person can decide on in all."""
    with app.database.read() as tx:
        return posts.waiting_stories(tx)


def waiting(app: App) -> list[Update]:
    """The desk's drafts and scheduled updates."""
    return list(write.waiting(app.database))


def is_drawn(app: App, update: Update) -> bool:
    """Whether the page on this machine shows an update as it stands now."""
    return refresh.drawn_seq(app.page_folder) >= update.seq


def brakes_now(app: App) -> tuple[Brake, ...]:
    """What the desk has stopped."""
    with app.database.read() as tx:
        return tuple(brakes.pulled(tx).values())


def own_pictures(app: App, life: PostLife) -> Mapping[str, bytes]:
    """The pictures of a post's last version that lie in our own store: by name; empty where none came with it."""
    names = [one.url.removeprefix("media/") for one in life.versions[-1].media if one.url.startswith("media/")]
    with app.database.read() as tx:
        found = {name: media.content(tx, name) for name in names}
    return {name: content for name, content in found.items() if content is not None}


def explain(app: App, reference: str) -> PostLife:
    """The whole life of one post or update.

    Raises:
        NotFoundError: Nothing has this name.
    """
    found = find(app, reference)
    with app.database.read() as tx:
        ids = [stored.id for stored in found.versions]
        updates = feed.of_post(tx, ids) if ids else [found.update] if found.update else []
        last = found.versions[-1] if found.versions else None
        members = posts.of_story(tx, last.story_id) if last and last.story_id else []
        lines = journal.of_posts(tx, ids, [update.id for update in updates])
        deliveries = [outbox.report(delivery) for update in updates for delivery in outbox.of_update(tx, update.id)]
        sightings = posts.sightings_of(tx, ids) if ids else []
        joined = whole(tx, joining.reasons(tx, ids)).get(last.id) if last else None
        moves = joining.moves(tx, [other.id for other in members])
        explanation, rule_set = _explanation(app, tx, last) if last else ("", "")
        waits = bool(last and not last.verdict and last.id in waiting_for_pictures(app, tx))
    return PostLife(
        versions=tuple(stored.post for stored in found.versions),
        ids=tuple(ids),
        verdict=last.verdict.value if last and last.verdict else "",
        story_id=last.story_id if last else 0,
        story=tuple(
            (other.id, other.post.key, name_of(other), other.post.text or other.post.title)
            for other in members
            if other.id not in ids
        ),
        explanation=explanation,
        rule_set=rule_set,
        update=updates[-1] if updates else None,
        deliveries=tuple(deliveries),
        journal=tuple(lines),
        sightings=tuple(sightings),
        joined=joined,
        moves=tuple(line for line in moves if line.post_id not in ids),
        waits_for_pictures=waits,
        rights=app.desk.rights(last.post).said if last else (),
    )


def whole(tx: Transaction, joined: Mapping[int, Joined]) -> dict[int, Joined]:
    """Why posts were joined, with the author of what they were compared with."""
    alike = {stored.id: stored for stored in posts.by_id(tx, {one.post for one in joined.values() if one.post})}
    return {
        number: replace(one, author=name_of(alike[one.post])) if one.post in alike else one
        for number, one in joined.items()
    }


def name_of(stored: StoredPost) -> str:
    """An author and where they posted, as readers know both."""
    author = stored.post.author
    place = PLATFORM_NAMES.get(stored.post.platform, stored.post.platform)
    return f"{author.handle or author.name or author.id} ({place})"


def _explanation(app: App, tx: Transaction, stored: StoredPost) -> tuple[str, str]:
    """The last judgement by rules, clause by clause, with the rules and the facts of then."""
    clocks = {name: clock.start_at for name, clock in app.desk.clocks.items()}
    found = history.judged(tx, [stored.id], clocks)
    if found is None or found.rule_set is None:
        return "", ""
    rule_set, desk = app.compile_rules(found.rule_set), app.desk
    told = explain_rules(rule_set, found.post, found.around, default=desk.default, publish_at=desk.publish_at)
    return render(told, found.outcome), rule_set.name


__all__ = [
    "Found",
    "accounts",
    "brakes_now",
    "explain",
    "find",
    "find_authors",
    "find_story",
    "has_lines",
    "is_drawn",
    "log",
    "names",
    "newest_line",
    "queue",
    "queue_length",
    "refusals",
    "status",
    "waiting",
]
