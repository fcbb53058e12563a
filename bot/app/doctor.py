"""Looks at everything before the event: signs in everywhere, asks what is left, and says what a person should see to."""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.app.condition import accounts as account_states
from bot.app.condition import refusals
from bot.app.hall import App
from bot.app.opening import load_config
from bot.app.rules.checking import check_rules
from bot.app.vitals import source_states
from bot.core.checkup import Checkup, Finding, Outcome
from bot.core.errors import MilepostError, OutsideError, Unanswered
from bot.core.milestones import due as plan_room
from bot.core.milestones.facts import Facts
from bot.core.model import Receipt, Snippet, UpdateKind
from bot.core.ports import Examinable, Metered, Publisher
from bot.core.text.amounts import several
from bot.store import brakes, journal, milestones

TRIAL = "A test of Milepost. It is taken down at once."

_MOST_AHEAD = timedelta(seconds=5)
_LEAST_FREE = 500_000_000
_SCARCE_FREE = 2_000_000_000
_NEXT = 10


def examine(app: App, *, post_test: bool, by: str) -> Iterator[Finding]:
    """Look at everything; each finding as it is found. Asks every enabled account's platform, and may sign in there.

    Args:
        post_test: Whether a test is posted at each account that is not paused, at its least visible setting, and taken down.
        by: Who asks, for the log.
    """
    yield from _files(app)
    yield from _rules(app)
    with app.database.read() as tx:
        found = source_states(app.settings, tx)
        pulled = brakes.pulled(tx)
    for source in found:
        if source.enabled:
            yield _source(source.name, source.state, source.error)
    for name in app.parts.publishers:
        yield from _account(app, name)
        if post_test:
            yield _paused(name) if brakes.holds(pulled, name) else trial(app, name, by=by)
    yield from _plan(app)


def _files(app: App) -> Iterator[Finding]:
    config = app.parts.config
    if config is not None:
        with suppress(MilepostError):  # it was read a moment ago
            for warning in load_config(config).warnings:
                yield Finding("configuration", Outcome.NOTE, warning)
    folder = app.database.file.parent if app.database.file else app.parts.folder
    free = shutil.disk_usage(folder).free
    outcome = Outcome.BAD if free < _LEAST_FREE else Outcome.NOTE if free < _SCARCE_FREE else Outcome.OK
    mend = "make room before the event" if outcome is not Outcome.OK else ""
    yield Finding("disk", outcome, f"{free / 1_000_000_000:.1f} GB free in {folder}", mend)
    if app.database.file:
        yield _mode(app.database.file, "store", "it remembers how accounts are signed in to")
    for path in sorted((app.parts.folder / "var").glob("*.credential")):
        yield _mode(path, "credential", "it opens an account")


def _mode(path: Path, about: str, why: str) -> Finding:
    mode = path.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(about, Outcome.BAD, f"{path}: others can read it (mode {mode:04o}): {why}", f"chmod 600 {path}")
    return Finding(about, Outcome.OK, f"{path}: mode {mode:04o}")


def _rules(app: App) -> Iterator[Finding]:
    refused = refusals(app)
    for one in refused:
        why = f"{one.kind} on disk are refused: {several(len(one.mistakes), 'mistake')}"
        yield Finding(one.kind, Outcome.BAD, why, "`milepost rules check`")
    if app.plan_problem:
        yield Finding("milestones", Outcome.BAD, app.plan_problem, "`milepost config check`")
    if app.has_rules():
        yield Finding("rules", Outcome.OK, "a rule set is adopted")
    elif app.parts.config is not None:
        yield _unadopted(app.parts.config)


def _unadopted(config: Path) -> Finding:
    try:
        found = check_rules(None, config)
    except MilepostError as error:
        return Finding(
            "rules",
            Outcome.BAD,
            f"none are adopted, and those on disk have mistakes: {error}",
            "`milepost rules check`",
        )
    said = f"none are adopted yet; {several(found.rules, 'rule')} on disk are good: the first run adopts them"
    return Finding("rules", Outcome.OK, said)


def _source(name: str, state: str, error: str) -> Finding:
    about = f"source {name}"
    match state:
        case "ok":
            return Finding(about, Outcome.OK, "was read")
        case "new":
            return Finding(about, Outcome.NOTE, "was never read", "`milepost run --dry-run`")
        case _:
            return Finding(about, Outcome.BAD, f"{state}: {error}", f"`milepost accounts retry {name}`")


def _account(app: App, name: str) -> Iterator[Finding]:
    about = f"account {name}"
    publisher = app.parts.publishers[name]
    if isinstance(publisher, Examinable):
        try:
            yield from _checked(about, publisher.checkup())
        except OutsideError as error:
            mend = f"`milepost accounts login {name}`, or `milepost accounts retry {name}`"
            yield Finding(about, Outcome.BAD, str(error), mend, type(error).__name__)
    else:
        yield Finding(about, Outcome.OK, "is configured; nothing can be asked of this kind: --post-test tries it")
    bound = publisher.limits()
    carries = f"{several(bound.media, 'picture')}" if bound.media else "no pictures"
    yield Finding(
        about, Outcome.OK, f"carries {bound.length} {bound.unit.value}, {carries}, one post in {bound.pace_s:g} s"
    )
    (state,) = [one for one in account_states(app) if one.name == name]
    now = app.machine_now()
    for one in publisher.allowances() if isinstance(publisher, Metered) else state.allowances:
        if one.resets_at > now:
            outcome = Outcome.NOTE if one.left <= one.reserve else Outcome.OK
            yield Finding(
                about, outcome, f"{one.work}: {one.left} of {one.most} left until {one.resets_at:%H:%M:%S} UTC"
            )
    if state.cost:
        yield Finding(about, Outcome.OK, f"cost so far: {state.cost}")


def _checked(about: str, found: Checkup) -> Iterator[Finding]:
    yield Finding(about, Outcome.OK, f"signed in as {found.who.handle or found.who.id}")
    for label, value in found.facts:
        yield Finding(about, Outcome.OK, f"{label}: {value}")
    for advice in found.advice:
        yield Finding(about, Outcome.NOTE, advice)
    if found.ahead is None:
        return
    seconds = round(found.ahead.total_seconds())
    said = (
        f"its clock is {abs(seconds)} s {'ahead of' if seconds > 0 else 'behind'} ours"
        if seconds
        else "its clock is ours"
    )
    far = abs(found.ahead) > _MOST_AHEAD
    mend = "set this machine's clock (timedatectl set-ntp true)" if far else ""
    yield Finding(about, Outcome.BAD if far else Outcome.OK, said, mend)


def _paused(name: str) -> Finding:
    return Finding(f"account {name}", Outcome.NOTE, "no test is posted: it is paused", f"`milepost resume {name}`")


def trial(app: App, name: str, *, by: str) -> Finding:
    """Post a test at one account and take it down; what may still stand is said with its address."""
    about, publisher, now = f"account {name}", app.parts.publishers[name], app.machine_now()
    key = f"{int(now.timestamp() * 1_000_000)}-0"
    snippet = Snippet(TRIAL, now, lang="en", kind=UpdateKind.DESK, is_trial=True)
    receipt: Receipt | None = None
    try:
        receipt = _posted(publisher, snippet, key)
        publisher.retract(receipt)
    except OutsideError as error:
        where = f" {receipt.url or receipt.id} still stands:" if receipt else ""
        mend = "delete it by hand" if receipt or isinstance(error, Unanswered) else f"`milepost accounts retry {name}`"
        return Finding(
            about,
            Outcome.BAD,
            f"a test was posted:{where} {error}" if receipt else str(error),
            mend,
            type(error).__name__,
        )
    with app.database.begin() as tx:
        why = f"a test was posted and taken down: {receipt.url or receipt.id}"
        journal.write(tx, [journal.Line(app.now(), "tested", by, why, place=name)])
    return Finding(about, Outcome.OK, "a test was posted and taken down")


def _posted(publisher: Publisher, snippet: Snippet, key: str) -> Receipt:
    """The receipt of a test; a lost answer is settled by looking."""
    try:
        return publisher.publish(snippet, key)
    except Unanswered:
        found = publisher.find(key, snippet.created_at - timedelta(minutes=5))
        if found is None:
            raise
        return found


def _plan(app: App) -> Iterator[Finding]:
    facts = Facts(app.now(), app.desk.clocks, app.desk.event, app.desk.zone)
    with app.database.read() as tx:
        settled = milestones.settled(tx)
    soon = plan_room.upcoming(app.plan().milestones, facts, settled, _NEXT)
    waits = sum(one.when is not None and one.id not in settled for one in app.plan().milestones)
    if waits:
        yield Finding(
            "milestones",
            Outcome.OK,
            f"{several(waits, 'milestone')} {'waits' if waits == 1 else 'wait'} for results, counts, people or posts",
        )
    elif not soon:
        yield Finding("milestones", Outcome.NOTE, "none is to come")
    for name, at in soon:
        yield Finding("milestones", Outcome.OK, f"{app.desk.local(at)}  {name}")
