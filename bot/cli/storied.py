"""stories: list, show, split, join."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bot.app import stories
from bot.app.hall import App
from bot.cli.ends import mistyped
from bot.cli.hall import opened, who, zone_of
from bot.cli.lines import JUDGED, joined_line, journal_line, update_line
from bot.cli.moments import Zone
from bot.cli.terminal import json_document, note, one_line, out, table
from bot.core.model import UpdateState
from bot.core.story_reports import KeptApart, OneStory, Split, StoryLife, StoryMember

_MOST_VOICES = 20
_WORDS = 60


def list_stories(config: Path, *, since: str, limit: int, newest: bool, as_json: bool) -> None:
    """Print the stories of a span of time.

    Raises:
        typer.BadParameter: The time cannot be read.
    """
    with opened(config) as app:
        zone = zone_of(app)
        found = stories.several(app, since=zone.past(since, "--since"), limit=limit, newest=newest)
        if as_json:
            json_document(found)
            return
        rows = []
        for one in found:
            author = f"{one_line(one.author)} ({one.platform})" if one.author else "our own words"
            stands = f"told, update {one.update}" if one.update else one.verdict
            count = "1 post" if one.posts == 1 else f"{one.posts} posts"
            words = f'"{one_line(one.text, _WORDS)}" {author}'
            rows.append([f"story {one.id}", count, f"last {zone.clock(one.last_at)}", stands, words])
        table(rows)
        if not found:
            note("No post was seen since then that belongs to a story.")


def show(config: Path, reference: str, *, as_json: bool) -> None:
    """Print one story.

    Raises:
        NotFoundError: Nothing has this name.
    """
    with opened(config) as app:
        life = stories.show(app, reference)
        if as_json:
            json_document(life)
        else:
            _show(life, zone_of(app))


def _show(life: StoryLife, zone: Zone) -> None:
    count = "1 post" if len(life.members) == 1 else f"{len(life.members)} posts"
    out((f"Story {life.id}", "bold"), f"  {life.verdict}, {count}")
    lead = f"post {life.lead}: " if life.lead else ""
    out(("Leads    ", "bold"), f"{lead}{life.why_leads}")
    if life.chorus_of:
        out(("Chorus   ", "bold"), f"its few words are those of post {life.chorus_of}, too")
    if life.voices:
        shown = ", ".join(str(number) for number in life.voices[:_MOST_VOICES])
        more = f" and {len(life.voices) - _MOST_VOICES} more" if len(life.voices) > _MOST_VOICES else ""
        out(("Chorus   ", "bold"), f"{len(life.voices)} others say the same few words: posts {shown}{more}")
    if life.earlier:
        out(("Adds to  ", "bold"), f"story {life.earlier}: `milepost stories show {life.earlier}`")
    for later in life.later:
        out(("Followed ", "bold"), f"by story {later}, which adds a fact")
    for one in life.apart:
        out(("Apart    ", "bold"), f"from story {one.story_id}, by {_said(one, zone)}")
    out()
    for member in life.members:
        _member(member, life, zone)
    if life.updates:
        out()
        out(("Updates", "bold"))
        for update in life.updates:
            out(f"  {update_line(update, zone)}")
    if life.moves:
        out()
        out(("Log", "bold"))
        for line in life.moves:
            out("  ", *journal_line(replace(line, text="", author=""), zone))


def _member(member: StoryMember, life: StoryLife, zone: Zone) -> None:
    verdict = JUDGED.get(member.verdict, "not judged yet")
    out(
        (f"post {member.id}", "bold"),
        f"  {zone.clock(member.at)}  {one_line(member.author)} ({member.platform})",
        "  (edited)" if member.is_edit else "",
        f"  {verdict}{f': {one_line(member.why)}' if member.why else ''}",
        "  leads" if member.id == life.lead else "",
    )
    out(f'    "{one_line(member.text, 2 * _WORDS)}"')
    if member.joined:
        known = {one.id for one in life.members}
        left = bool(member.joined.reason) and member.joined.post > 0 and member.joined.post not in known
        out(f"    {joined_line(member.joined)}{' (which has left)' if left else ''}")


def _said(one: KeptApart, zone: Zone) -> str:
    return f"{one_line(one.by)} at {zone.clock(one.at)}{f': {one_line(one.why)}' if one.why else ''}"


def split(config: Path, references: Sequence[str], *, why: str, by: str, as_json: bool) -> None:
    """Let posts be a story of their own, and say what follows.

    Raises:
        NotFoundError: There is no such post.
        RefusedError: They cannot leave.
    """
    name = who(by)
    with opened(config) as app:
        found = stories.split(app, references, by=name, why=why)
        if as_json:
            json_document(found)
            return
        _print_split(found, name)
        if found.again:
            _say_who_judges(app)


def _print_split(found: Split, name: str) -> None:
    numbers = ", ".join(f"post {number}" for number in found.posts)
    verb = "is" if len(found.posts) == 1 else "are"
    rest = f"the rest stays story {found.rest_id}"
    if found.rest_id != found.was_id:
        rest = f"the rest was story {found.was_id} and is story {found.rest_id} now"
    out(f"{numbers} {verb} story {found.story_id} now, by {one_line(name)}; {rest}")
    if found.again:
        out(
            f"judged again: {', '.join(f'post {number}' for number in found.again)}; what the rules publish is told at once"
        )
    if found.held:
        out(f"held for a look: {', '.join(f'post {number}' for number in found.held)}")


def join(config: Path, references: Sequence[str], *, why: str, by: str, as_json: bool) -> None:
    """Make stories one, and say what follows.

    Raises:
        typer.BadParameter: Fewer than two were named.
        NotFoundError: Nothing has one of the names.
        RefusedError: One story was named twice.
    """
    if len(references) < 2:
        raise mistyped("STORY...", "it takes two or more stories to be one: name them all")
    name = who(by)
    with opened(config) as app:
        found = stories.join(app, references, by=name, why=why)
        if as_json:
            json_document(found)
            return
        _print_join(found, name, zone_of(app))
        if found.again:
            _say_who_judges(app)


def _print_join(found: OneStory, name: str, zone: Zone) -> None:
    if found.others:
        numbers = ", ".join(f"story {number}" for number in found.others)
        out(
            f"{numbers} {'is' if len(found.others) == 1 else 'are'} part of story {found.story_id} now, by {one_line(name)}"
        )
    else:
        out(f"story {found.story_id}: they are one already, nothing was changed")
    for one in found.overruled:
        out(f"this takes the place of what kept it apart from story {one.story_id}, by {_said(one, zone)}")
    if found.again:
        out(f"judged again: {', '.join(f'post {number}' for number in found.again)}")
    if len(found.told) > 1:
        out("All of these stand on the page and at the accounts; nothing public was changed:")
        for update in found.told:
            if update.state is UpdateState.LIVE:
                out(f"  {update_line(update, zone)}")
        note("`milepost withdraw NAME` takes one back; choose which.")


def _say_who_judges(app: App) -> None:
    if not app.is_running():
        note("Nothing runs on this database: they are judged by the next `milepost run`.")
