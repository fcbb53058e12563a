"""queue: list, approve, reject."""

from collections.abc import Sequence
from pathlib import Path

import typer

from bot.app import look, plan, verbs
from bot.app.hall import App
from bot.cli.ends import Exit, message_of
from bot.cli.hall import opened, who, zone_of
from bot.cli.lines import post_head
from bot.cli.program import command
from bot.cli.terminal import ERROR, json_document, note, one_line, out, plain
from bot.core.errors import NotFoundError, RefusedError
from bot.core.text.amounts import several
from bot.core.text.titles import begins_with


def list_held(config: Path, *, limit: int, as_json: bool) -> None:
    """Print what waits for a person."""
    with opened(config) as app:
        items = look.queue(app, limit)
        if as_json:
            json_document(items)
            return
        cards = plan.waiting(app)
        total = len(items) if len(items) < limit else max(look.queue_length(app), len(items))
        zone = zone_of(app)
        for item in items:
            more = f", {item.others} more of this story" if item.others else ""
            if item.said:
                more += f", {item.said} {'other says' if item.said == 1 else 'others say'} the same"
            strand = f"  [{item.strand}]" if item.strand else ""
            score = f"  score {item.score:+d}" if item.score else ""
            head = f"  {zone.clock(item.post.created_at)}  {post_head(item.post)}{strand}{score}{more}"
            out((str(item.id), "bold"), head)
            if item.post.title and not begins_with(item.post.text, item.post.title):
                out(f"    {one_line(item.post.title)}")
            for text in plain(item.post.text).splitlines():
                out(f"    {text}".rstrip())
            for media in item.post.media:
                out(f"    [{media.kind}] {one_line(media.alt) or '(no alt text)'}")
            if item.rights:
                out(f"    rights: {'; '.join(item.rights)}")
            if item.is_unasked:
                words = f"consent record {item.id} --answer yes --scope page --evidence WHERE"
                out(
                    ("    ask: ", "yellow"),
                    f"it was sent to the desk alone; keep its author's answer: {command(words)}",
                )
            rule = f" (rule {item.rule})" if item.rule and item.rule not in item.why else ""
            if item.until:
                approved = f", approved by {one_line(item.approved_by)}: told then" if item.approved_by else ""
                out(("    embargoed until ", "yellow"), f"{zone.minute(item.until)}{approved}")
            if not item.approved_by:
                out(("    held: ", "yellow"), f"{one_line(item.why)}{rule}")
    if cards:
        note(f"{several(len(cards), 'card')} about milestones, too: `milepost milestones cards`")
    if items:
        count = (
            f"The first {len(items)} of {total} waiting (--limit shows more)"
            if len(items) < total
            else f"{total} waiting"
        )
        note(f"{count}: `milepost queue approve ID...`, `milepost queue reject ID... --reason WHY`")
    elif not cards:
        note("Nothing waits.")


def decide(config: Path, ids: Sequence[str], *, approve: bool, reason: str, by: str, exactly: bool = False) -> None:
    """Approve or reject posts, each by itself.

    Args:
        exactly: Each very post: no better copy leads, nobody else's words go with it.

    Raises:
        typer.Exit: Some, or all, could not be decided on; each was said.
    """
    name = who(by)
    failed = 0
    with opened(config) as app:
        for reference in ids:
            try:
                _decide(app, reference, approve=approve, reason=reason, name=name, exactly=exactly)
            except (NotFoundError, RefusedError) as error:
                failed += 1
                note(ERROR, message_of(error))
        if approve and failed < len(ids) and not app.is_running():
            note("Nothing runs on this database: what is told goes out with the next `milepost run`.")
    if failed:
        raise typer.Exit(Exit.PARTIAL if failed < len(ids) else Exit.FAILED)


def _decide(app: App, reference: str, *, approve: bool, reason: str, name: str, exactly: bool) -> None:
    act = verbs.approve if approve else verbs.reject
    found = act(app, reference, by=name, why=reason, exactly=exactly)
    others = f", led by post {found.led} ({found.led_why})" if found.led else ""
    others += f", with {found.others} more of its story" if found.others else ""
    others += f", with {found.said} that {'says' if found.said == 1 else 'say'} the same" if found.said else ""
    if found.until is not None:
        out(
            f"{reference}  approved by {one_line(name)}{others}: embargoed until {zone_of(app).minute(found.until)}, told then"
        )
    elif found.update is not None:
        url = f"  {app.page_url(found.update)}" if app.page_url(found.update) else ""
        told = f"counted with update {found.update.slug}" if found.counted else f"update {found.update.slug}"
        out(f"{reference}  approved by {one_line(name)}{others}: {told}{url}")
    else:
        out(f"{reference}  rejected by {one_line(name)}{others}")
