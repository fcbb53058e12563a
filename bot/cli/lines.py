"""Posts, updates and lines of the log as people read them."""

from bot.app.outside import PLATFORM_NAMES
from bot.cli.moments import Zone
from bot.cli.program import named
from bot.cli.terminal import Styled, one_line
from bot.core.model import Post, Update
from bot.core.reports import DeliveryReport, Joined, JournalLine

JUDGED = {"publish": "published", "wait": "waits", "hold": "held", "drop": "dropped"}
"""How a judgement reads in the log, by its verdict."""

_COLOURS = {
    "published": "green",
    "told": "green",
    "sent": "green",
    "held": "yellow",
    "waits": "yellow",
    "noted": "yellow",
    "dropped": "dim",
    "withdrawn": "magenta",
    "retracted": "magenta",
    "refused": "bold red",
    "failing": "bold red",
    "unconfirmed": "red",
    "delayed": "red",
}
_WORDS = 60
_SAMPLES = 4


def journal_line(line: JournalLine, zone: Zone) -> list[str | Styled]:
    """One line of the log: when, what, of what, by whom, why."""
    word = JUDGED.get(line.verdict, line.what) if line.what == "judged" else line.what
    about = ", ".join(
        part
        for part in (
            f"post {line.post_id}" if line.post_id else "",
            f"story {line.story_id}" if line.story_id else "",
            f"update {line.update}" if line.update else "",
        )
        if part
    )
    pieces: list[str | Styled] = [f"{zone.clock(line.at)}  ", (f"{word:<11}", _COLOURS.get(word, "bold"))]
    if about:
        pieces.append(f"  {about}")
    if line.text:
        pieces.append(f'  "{one_line(line.text, _WORDS)}"')
    if line.author:
        pieces.append(f" {handle(line.handle) or one_line(line.author)} ({platform(line.platform)})")
    if line.place:
        pieces.append(f"  {'at' if line.post_id or line.update else 'of'} {line.place}")
    pieces.append(f"  by {_by(line)}{_matched(line)}")
    return pieces


def _matched(line: JournalLine) -> str:
    """The words by which a post was joined to its story; "" where it was not."""
    details = line.details if line.what == "judged" and isinstance(line.details, dict) else {}
    story = details.get("story")
    if not isinstance(story, dict) or not story.get("words"):
        return ""
    by = f"post {story['post']}: " if story.get("post") else ""
    return f" ({by}“{one_line(str(story['words']), _WORDS)}”)"


def joined_line(joined: Joined, story_id: int = 0) -> str:
    """Why a post is part of its story: `same story as 48: same words, by fan (Bluesky): “kipchoge wins …”`."""
    if not joined.reason:
        return f"the same few words as post {joined.chorus_of}: a chorus"
    other = joined.post or story_id
    by = f", by {one_line(joined.author)}" if joined.author else ""
    words = f": “{one_line(joined.words, _WORDS)}”" if joined.words else ""
    merged = "".join(f"; it shows that story {number} is the same" for number in joined.merged)
    return f"same story{f' as {other}' if other else ''}: {one_line(joined.reason)}{by}{words}{merged}"


def samples(line: JournalLine) -> list[str]:
    """What a receipt of the rules tells by example: some posts whose decision would change, one of each kind first."""
    details = line.details if line.what == "receipt" and isinstance(line.details, dict) else {}
    changes = [change for change in details.get("changes", ()) if change["samples"]]
    found = []
    for number in range(max((len(change["samples"]) for change in changes), default=0)):
        for change in changes:
            for sample in change["samples"][number : number + 1]:
                kind = f"{change['before']} → {change['after']} by {change['rule'] or 'default'}"
                found.append(f'{kind}: post {sample["post"]} "{one_line(str(sample["text"]), _WORDS)}"')
    return found[:_SAMPLES]


def _by(line: JournalLine) -> str:
    """Who, by which rules, and why; a reason that begins with the rule stands for it."""
    why = named(one_line(line.why))
    if line.what == "re-armed":  # a person's act on a rule, not the rule's
        return f"{one_line(line.by)}: {why}"
    names_rule = bool(line.rule) and why.startswith(f"rule {line.rule} ")
    who = why if names_rule else f"rule {line.rule}" if line.rule else one_line(line.by)
    rule_set = f", rule set {line.rule_set}" if line.rule_set and line.what == "judged" else ""
    return f"{who}{rule_set}" if names_rule or not why else f"{who}{rule_set}: {why}"


def platform(name: str) -> str:
    """A platform as readers know it."""
    return PLATFORM_NAMES.get(name, name)


def handle(name: str) -> str:
    """An author's handle, harmless; "" where there is none: a name is no handle and gets no "@"."""
    found = one_line(name)
    return f"@{found}" if found else ""


def post_head(post: Post) -> str:
    """Who wrote it, and where."""
    author = post.author
    name = one_line(author.name)
    known = handle(author.handle) or one_line(author.id)
    return f"{name} {known} ({platform(post.platform)})" if name else f"{known} ({platform(post.platform)})"


def update_line(update: Update, zone: Zone) -> str:
    """One of our updates on one line."""
    when = f"for {zone.minute(update.due_at)}" if update.due_at else zone.minute(update.at)
    strand = f"  [{update.strand}]" if update.strand else ""
    return f'{update.slug}  {update.state.value:<9}  {when}{strand}  "{one_line(update.title or update.text, _WORDS)}"'


def delivery_line(delivery: DeliveryReport) -> list[str]:
    """Columns of one delivery: account, state, where or why."""
    more = delivery.url or ""
    if delivery.error:
        more = f"{more}  {named(one_line(delivery.error))}".strip()
    if delivery.attempts > 1:
        more = f"{more}  after {delivery.attempts} tries".strip()
    return [delivery.account, delivery.state, more]
