"""log and explain."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot.app import look
from bot.app.hall import App
from bot.cli import ends
from bot.cli.hall import opened, zone_of
from bot.cli.lines import JUDGED, delivery_line, joined_line, journal_line, platform, post_head, samples
from bot.cli.moments import Zone
from bot.cli.names import require
from bot.cli.terminal import json_document, json_line, note, one_line, out, plain, table
from bot.core.errors import RefusedError
from bot.core.model import Post, Update
from bot.core.reports import JournalLine, LogFilter, PostLife
from bot.core.text.amounts import several
from bot.core.text.titles import begins_with

_PATIENCE_S = 1.0
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed; "" and 0 do not filter."""

    post: str = ""
    story: int = 0
    author: str = ""
    source: str = ""
    account: str = ""
    verdict: str = ""
    rule: str = ""
    what: str = ""
    by: str = ""
    since: str = ""
    until: str = ""
    limit: int = 50


def log(config: Path, wanted: Wanted, *, follow: bool, as_json: bool) -> None:
    """Print lines of the log, and go on where it is followed.

    Raises:
        NotFoundError: There is no such post, story or author.
        typer.BadParameter: A time cannot be read, or nothing has the name that is asked for.
    """
    with opened(config) as app:
        zone = zone_of(app)
        chosen = _filter(app, wanted, zone)
        newest = look.newest_line(app)
        found = look.log(app, chosen)
        _print(found, zone, as_json=as_json)
        if not found and not follow:
            note("The log has no such lines.")
        if follow:
            _follow(app, chosen, max([newest, *(line.id for line in found)]), as_json=as_json)


def _follow(app: App, chosen: LogFilter, last: int, *, as_json: bool) -> None:
    ends.flush()
    with app.watch() as watch:
        while True:
            found = look.log(app, replace(chosen, after_id=last, limit=_AT_ONCE))
            _print(found, zone_of(app), as_json=as_json)
            ends.flush()
            if found:
                last = found[-1].id
            if len(found) < _AT_ONCE:
                watch.changed(_PATIENCE_S)


def _print(lines: list[JournalLine], zone: Zone, *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            json_line(line)
        else:
            out(*journal_line(line, zone))
            for sample in samples(line):
                out(f"    {sample}")


def words(app: App) -> tuple[str, ...]:
    """What `--what` takes: what the steps write, and what judgements are shown as."""
    return tuple(
        shown
        for word in look.names(app, "what")
        for shown in ((word, *JUDGED.values()) if word == "judged" else (word,))
    )


def _judgements(wanted: Wanted) -> Wanted:
    """A word that judgements are shown as means the judgements that came out so.

    Raises:
        typer.BadParameter: Another verdict is asked for, too: no line could fit.
    """
    verdict = {shown: verdict for verdict, shown in JUDGED.items()}.get(wanted.what)
    if verdict is None:
        return wanted
    if wanted.verdict not in ("", verdict):
        raise ends.mistyped("--what", f"{wanted.what!r} is the verdict {verdict}: leave --verdict {wanted.verdict} out")
    return replace(wanted, what="judged", verdict=verdict)


def _filter(app: App, wanted: Wanted, zone: Zone) -> LogFilter:
    wanted = _judgements(wanted)
    _require_names(app, wanted)
    posts: tuple[int, ...] = ()
    updates: tuple[int, ...] = ()
    if wanted.post:
        found = look.find(app, wanted.post)
        posts = tuple(stored.id for stored in found.versions)
        updates = (found.update.id,) if found.update and not posts else ()
    return LogFilter(
        post_ids=posts,
        update_ids=updates,
        story_ids=look.find_story(app, wanted.story) if wanted.story else (),
        author_ids=look.find_authors(app, wanted.author.removeprefix("@")) if wanted.author else (),
        source=wanted.source,
        account=wanted.account,
        verdict=wanted.verdict,
        rule=wanted.rule,
        what=wanted.what,
        by=wanted.by,
        since=zone.past(wanted.since, "--since") if wanted.since else None,
        until=zone.past(wanted.until, "--until") if wanted.until else None,
        limit=wanted.limit,
    )


def _require_names(app: App, wanted: Wanted) -> None:
    """Refuse a name that is neither configured nor in the log: an empty answer would look like an answer."""
    asked = {"source": wanted.source, "account": wanted.account, "rule": wanted.rule, "what": wanted.what}
    for option, name in asked.items():
        if not name:
            continue
        known = look.names(app, option)
        if name in known or look.has_lines(app, option, name):
            continue
        if option == "what":
            known = words(app)
            require("--what", name, known, "kind of line", most=len(known))
        else:
            require(f"--{option}", name, known, option)


def explain(config: Path, reference: str, *, pictures: Path | None, as_json: bool) -> None:
    """Print the whole life of one post.

    Args:
        pictures: Where pictures that came with it are written to; None for nowhere.

    Raises:
        NotFoundError: Nothing has this name.
        RefusedError: The folder cannot be written.
    """
    with opened(config) as app:
        life = look.explain(app, reference)
        if pictures is not None:
            _write_pictures(look.own_pictures(app, life), pictures)
        if as_json:
            json_document(life)
        else:
            _explain(life, zone_of(app))


def _write_pictures(found: Mapping[str, bytes], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in found.items():
            (folder / name).write_bytes(content)
    except OSError as error:
        raise RefusedError(
            f"{folder}: pictures cannot be written there: {error.strerror}: name another folder"
        ) from error
    note(f"{several(len(found), 'picture')} in {folder}" if found else "No pictures came with it.")


def _explain(life: PostLife, zone: Zone) -> None:
    for number, post in zip(life.ids, life.versions, strict=True):
        _post(number, post, zone)
    if life.verdict:
        judged = [line for line in life.journal if line.what == "judged"]
        if judged and judged[-1].by != "rules":  # the rules' own reasons below are those of before
            why = f": {one_line(judged[-1].why)}" if judged[-1].why else ""
            out(("Verdict  ", "bold"), life.verdict, f" by {judged[-1].by}{why}")
        else:
            out(("Verdict  ", "bold"), life.verdict, f" (rule set {life.rule_set})" if life.rule_set else "")
    elif life.waits_for_pictures:
        out(("Verdict  ", "bold"), "none yet: it waits for its pictures, ten seconds at most")
    if life.rights:
        out(("Rights   ", "bold"), "; ".join(life.rights))
    if life.story or life.joined or life.moves:
        _story(life, zone)
    if life.sightings:
        out()
        out(("Seen", "bold"))
        table([[source, zone.clock(at)] for source, at in life.sightings], indent="  ")
    if life.explanation:
        out()
        out(("Why", "bold"))
        for text in plain(life.explanation).splitlines():
            out(f"  {text}".rstrip())
    if life.update:
        if life.versions:
            out()
        _update(life.update, zone)
    if life.deliveries:
        out()
        out(("Deliveries", "bold"))
        table([delivery_line(delivery) for delivery in life.deliveries], indent="  ")
        if life.update and life.update.changed_at and not life.update.post_id:
            _older_words(life)
    out()
    out(("Log", "bold"))
    for line in life.journal:
        out("  ", *journal_line(replace(line, text="", author="", story_id=0), zone))


def _story(life: PostLife, zone: Zone) -> None:
    out()
    out((f"Story {life.story_id}", "bold"), ", told also by" if life.story else "")
    table(
        [[f"post {number}", one_line(who), f'"{one_line(text, 60)}"'] for number, _, who, text in life.story],
        indent="  ",
    )
    if life.joined:
        out(f"  {joined_line(life.joined, life.story_id)}")
    for line in life.moves:
        out("  ", *journal_line(replace(line, text="", author="", story_id=0), zone))


def _older_words(life: PostLife) -> None:
    """What accounts were sent before the desk changed its words; the page carries the new ones."""
    text = one_line(life.update.text) if life.update else ""
    for delivery in life.deliveries:
        if delivery.text and text not in one_line(delivery.text):
            out(f"  as it was sent to {delivery.account}:")
            for line in plain(delivery.text).splitlines():
                out(f"  | {line}".rstrip())


def _post(number: int, post: Post, zone: Zone) -> None:
    out((f"Post {number}", "bold"), f"  {post_head(post)}", "  (edited)" if post.is_edit else "")
    if post.title and not begins_with(post.text, post.title):
        out(f"  {one_line(post.title)}")
    for text in plain(post.text).splitlines():
        out(f"  {text}")
    for media in post.media:
        out(f"  [{media.kind}] {one_line(media.alt) or '(no alt text)'}")
    out(f"  made {zone.clock(post.created_at)}, seen {zone.clock(post.seen_at)}, by source {post.source}")
    out(f"  {post.url or f'{platform(post.platform)}: {post.native_id}'}")
    out()


def _update(update: Update, zone: Zone) -> None:
    out(
        ("Update", "bold"),
        f"  {update.slug}, {update.state.value}, {zone.clock(update.at)}",
        f", strand {update.strand}" if update.strand else "",
    )
    if not update.post_id:
        for text in plain(update.text).splitlines():
            out(f"  {text}")
    if update.note:
        out(f"  readers are told: {one_line(update.note)}")
