"""Answers to questions: log, explain, queue, accounts, status. Reads only."""

from dataclasses import dataclass
from datetime import datetime

from bot.app.hall import App
from bot.app.outside import PLATFORM_NAMES
from bot.core import milestones as plan_room
from bot.core.errors import NotFoundError
from bot.core.milestones import Facts
from bot.core.model import Update
from bot.core.reports import AccountStatus, Brake, JournalLine, LogFilter, PostLife, QueueItem, SourceStatus, Status
from bot.core.rules.explain import explain as explain_rules
from bot.core.rules.explain import render
from bot.core.rules.facts import recall
from bot.pipeline import adopt, refresh, review, write
from bot.store import authors, brakes, feed, health, journal, marks, milestones, outbox, posts, rulesets
from bot.store.database import Transaction
from bot.store.posts import StoredPost

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
            f"{reference!r} is unknown: give a post's number (from `milepost queue` or `milepost log`), its platform:id, its URL, "
            "or the short name of an update",
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


def newest_line(app: App) -> int:
    """Id of the newest line of the curation log; 0 for an empty one."""
    with app.database.read() as tx:
        return journal.last_id(tx)


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
    """Held stories that wait for a person, oldest first."""
    return review.queue(app.database, app.desk, limit=limit)


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
        explanation, rule_set = _explanation(app, tx, last) if last else ("", "")
    return PostLife(
        versions=tuple(stored.post for stored in found.versions),
        ids=tuple(ids),
        verdict=last.verdict.value if last and last.verdict else "",
        story_id=last.story_id if last else 0,
        story=tuple(
            (other.id, other.post.key, _name(other), other.post.text or other.post.title)
            for other in members
            if other.id not in ids
        ),
        explanation=explanation,
        rule_set=rule_set,
        update=updates[-1] if updates else None,
        deliveries=tuple(deliveries),
        journal=tuple(lines),
        sightings=tuple(sightings),
    )


def _name(stored: StoredPost) -> str:
    author = stored.post.author
    place = PLATFORM_NAMES.get(stored.post.platform, stored.post.platform)
    return f"{author.handle or author.name or author.id} ({place})"


def _explanation(app: App, tx: Transaction, stored: StoredPost) -> tuple[str, str]:
    """The last judgement by rules, clause by clause, with the rules and the facts of then."""
    judged = [
        line
        for line in journal.of_posts(tx, [stored.id], [])
        if line.what == "judged" and line.rule_set and isinstance(line.details, dict) and "facts" in line.details
    ]
    if not judged:
        return "", ""
    line = judged[-1]
    number = journal.rule_set_of(tx, line.id)
    kept = rulesets.by_id(tx, number) if number else None
    if kept is None:
        return "", line.rule_set
    details = line.details if isinstance(line.details, dict) else {}
    clocks = {name: clock.start_at for name, clock in app.desk.clocks.items()}
    around = recall(details["facts"], line.at, clocks)
    rule_set = app.compile_rules(kept)
    return render(explain_rules(rule_set, stored.post, around, default=app.desk.default)), line.rule_set


def accounts(app: App) -> list[AccountStatus]:
    """How publishing to each configured account goes."""
    with app.database.read() as tx:
        return _accounts(app, tx)


def _accounts(app: App, tx: Transaction) -> list[AccountStatus]:
    counts = outbox.counts(tx)
    pulled = brakes.pulled(tx)
    found = []
    for settings in app.settings.account:
        row = health.account(tx, settings.name)
        if not settings.enabled:
            state = "off"
        elif brakes.ALL in pulled or f"account:{settings.name}" in pulled:
            state = "paused"
        elif row is None or (row.last_ok_at is None and not row.error):
            state = "new"
        elif row.error:
            state = "unauthorized" if row.error_kind == "Unauthorized" else "failing"
        else:
            state = "ok"

        def count(*states: str, name: str = settings.name) -> int:
            return sum(counts.get((name, one), 0) for one in states)

        found.append(
            AccountStatus(
                settings.name,
                settings.kind,
                settings.enabled,
                state,
                row.last_sent_at if row else None,
                owed=count("owed", "sending"),
                unconfirmed=count("unconfirmed"),
                failed=count("failed"),
                retracting=count("retracting"),
                sent=count("sent"),
                error=row.error if row else "",
                next_at=row.next_at if row else None,
            ),
        )
    return found


def _sources(app: App, tx: Transaction) -> list[SourceStatus]:
    found = []
    for settings in app.settings.source:
        row = health.source(tx, settings.name)
        if not settings.enabled:
            state = "off"
        elif row is None or (row.last_ok_at is None and not row.error):
            state = "new"
        elif row.error:
            state = {"Unauthorized": "unauthorized", "Rejected": "gone"}.get(row.error_kind, "failing")
        else:
            state = "ok"
        if row is None:
            found.append(SourceStatus(settings.name, settings.kind, settings.enabled, state))
            continue
        found.append(
            SourceStatus(
                settings.name,
                settings.kind,
                settings.enabled,
                state,
                row.last_ok_at,
                row.last_post_at,
                row.error,
                row.error_at,
                row.failures,
                row.next_at,
                row.note,
            ),
        )
    return found


def status(app: App) -> Status:
    """How the house stands."""
    problems: list[str] = []
    with app.database.read() as tx:
        active = rulesets.active(tx, rulesets.RULES)
        adopted = marks.get(tx, "adopted_at:rules")
        counts = {f"posts {verdict}": number for verdict, number in posts.counts(tx).items()}
        counts.update({f"updates {state}": number for state, number in feed.counts(tx).items()})
        brakes_now = tuple(brakes.pulled(tx).values())
        facts = Facts(app.now(), app.desk.clocks, app.desk.event)
        soon = plan_room.upcoming(app.plan().milestones, facts, milestones.settled(tx), 10)
        found_accounts = tuple(_accounts(app, tx))
        with_work = outbox.accounts_with_work(tx)
        found_sources = tuple(_sources(app, tx))
    refused = [adopt.refused(app.database, kind) for kind in (rulesets.RULES, rulesets.MILESTONES)]
    running = app.is_running()
    if app.plan_problem:
        problems.append(f"no milestone is announced, the plan does not fit the configuration: {app.plan_problem}")
    if not running:
        problems.append("nothing runs on this database: start it with `milepost run`")
    problems.extend(f"source {one.name} is {one.state}: {one.error}" for one in found_sources if one.error)
    problems.extend(f"account {one.name} is {one.state}: {one.error}" for one in found_accounts if one.error)
    problems.extend(
        f"account {one.name}: {one.unconfirmed} unconfirmed deliveries are being looked up"
        for one in found_accounts
        if one.unconfirmed
    )
    problems.extend(
        f"account {one.name}: {one.failed} deliveries were refused: `milepost log --what refused`"
        for one in found_accounts
        if one.failed
    )
    known = {account.name for account in app.settings.account if account.enabled}
    problems.extend(
        f"account {name} is not configured any more, and something is still open there: "
        "put its block back until `milepost status` is quiet"
        for name in with_work
        if name not in known
    )
    return Status(
        now=app.now(),
        database=app.database.name,
        sources=found_sources,
        accounts=found_accounts,
        brakes=brakes_now,
        rule_set=active.name if active else "",
        rules=len(app.compile_rules(active).rules) if active else 0,
        rules_adopted_at=datetime.fromisoformat(adopted) if adopted else None,
        rules_refused="\n".join(one.mistakes for one in refused if one.mistakes),
        refused_at=next((one.at for one in refused if one.at), None),
        counts=counts,
        running=running,
        next_milestones=tuple(soon),
        problems=tuple(problems),
    )
