"""An example in the likeness of a real post: only what the rule asks about, and nobody's phone number or mail address."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from bot.core.durations import LONGEST, write_duration
from bot.core.errors import RefusedError
from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.contacts import email_spans, phone_spans, redacted
from bot.core.rules.examples import UNKNOWN, SampleError, build
from bot.core.rules.fields import FIELDS, text_of
from bot.core.rules.program import Condition, Program
from bot.core.rules.ruleset import Rule
from bot.core.rules.shape import clocks_in, nodes
from bot.core.rules.tree import Clause, FieldNode
from bot.core.rules.words import clean

# Numbers and domains that are kept free for films and manuals.
# Source: https://www.ofcom.org.uk/ (numbers for drama use), RFC 2606, the North American plan's 555-01XX.
_PHONES = ("020 7946 0958", "+44 20 7946 0958", "(212) 555-0142")
_EMAILS = ("someone@example.org", "someone@example.com")
_SHORT_CHARS = 280
_MOST_MEDIA = 100
_SECOND = timedelta(seconds=1)


def example_of(rule: Rule, post: Post, around: Circumstances) -> str | dict[str, Any]:
    """Make the example that stands for a post in a rule.

    Args:
        rule: Whose clauses must all come out as they do for the post itself.
        post: All of its text is hostile.
        around: As it was judged.

    Returns:
        A text, where that is enough, else a table with the text and the fields that the rule reads and that differ from the
        harmless post behind every example. Phone numbers and mail addresses are replaced by ones that belong to nobody.
        A long text is cut where the rule does not mind.

    Raises:
        RefusedError: No example says the same: the message says why, and a person writes one by hand.
    """
    model = _Model(rule, post, around)
    for given in model.likenesses():
        if model.same(given):
            return given["text"] if list(given) == ["text"] else given
    raise RefusedError(
        f"no example can stand for this post in '{rule.id}': it asks about something that an example cannot say, or about the "
        "very phone number or mail address; write one by hand",
    )


class _Model:
    """A post, and what a rule sees of it."""

    def __init__(self, rule: Rule, post: Post, around: Circumstances) -> None:
        condition = rule.condition
        self.post, self.around, self.condition = post, around, condition
        clauses = (*condition.when, *condition.unless)
        pieces = [node for clause in clauses for node in nodes(clause.root)]
        read = {node.field.name for node in pieces if isinstance(node, FieldNode)}
        self.clocks = clocks_in(clauses)
        author = post.author
        self.unknown = {
            name
            for name, value in (("author.age", author.created_at), ("author.followers", author.followers))
            if value is None
        }
        self.dated = bool(condition.start or condition.end or "now" in read)
        self.program = Program([Condition((clause,)) for clause in clauses])
        self.asked = {name: FieldNode(0, 1, field) for name, field in FIELDS.items() if name in read - {"text", "now"}}
        self.fields = Program([Condition((Clause("", node),)) for node in self.asked.values()])
        self.wanted = self.seen(post, around)

    def seen(self, post: Post, around: Circumstances) -> tuple[int, bool, bool]:
        """How the clauses come out, and on which side of the rule's dates it is."""
        start, end = self.condition.start, self.condition.end
        early = bool(start and around.now < start)
        return self.program.matched(post, around), early, bool(end and around.now >= end)

    def same(self, given: Mapping[str, Any]) -> bool:
        """Whether an example stands for the post."""
        try:
            return self.seen(*build(dict(given), self.around.now)) == self.wanted
        except SampleError:
            return False

    def likenesses(self) -> Iterator[dict[str, Any]]:
        """Examples, the best first."""
        for hide_author in (True, False):
            for phone in (*_PHONES, "", "█"):
                for email in _EMAILS if phone != "█" else ("█",):
                    hide = _hider(phone, email)
                    for text in _texts(hide(text_of(self.post))):
                        if _is_harmless(text, phone):
                            for more in (timedelta(0), _SECOND):
                                yield self.table(text, hide, hide if hide_author else clean, more)

    def table(
        self, text: str, hide: Callable[[str], str], who: Callable[[str], str], more: timedelta
    ) -> dict[str, Any]:
        """The text and what must be said beside it, so that the fields have the post's own values.

        Args:
            text: The example's text.
            hide: Takes contact details out of a text.
            who: The same for what names the author.
            more: Added to durations, which examples write in whole seconds.
        """
        flat: dict[str, Any] = {}
        real = self.values(self.post, self.around)
        for name in (*real, *real):  # twice, for what one field says about another
            built = self.values(*build(_nested(text, flat), self.around.now))
            if built[name] != real[name]:
                flat[name] = self.written(name, real[name], who if name.startswith("author.") else hide, more)
                if name == "domains" and "links" not in real:
                    flat["links"] = []
        given = _nested(text, flat)
        clocks = {name: self.around.now - start for name, start in self.around.clocks.items() if name in self.clocks}
        if clocks:
            given["clock"] = {name: _duration(length, more) for name, length in clocks.items()}
        if self.dated:
            given["now"] = self.around.now.isoformat()
        return given

    def values(self, post: Post, around: Circumstances) -> dict[str, Any]:
        """The fields that the rule reads, beside text and time."""
        value = self.fields.values(post, around)
        return {name: value(node) for name, node in self.asked.items()}

    def written(self, name: str, value: object, hide: Callable[[str], str], more: timedelta) -> object:
        """A field's value as an example writes it."""
        if name in self.unknown:
            return UNKNOWN
        if name == "media.kinds":
            return [hide(one.kind) for one in self.post.media[:_MOST_MEDIA]]
        match value:
            case timedelta():
                return _duration(value, more)
            case tuple():
                return [hide(str(entry)) for entry in value]
            case str():
                return hide(value)
            case bool():
                return value
            case int():
                return max(0, value)
        return value


def _nested(text: str, flat: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"text": text}
    for name, value in flat.items():
        room, dot, last = name.rpartition(".")
        if dot:
            given.setdefault(room, {})[last] = value
        else:
            given[name] = value
    return given


def _duration(length: timedelta, more: timedelta) -> str:
    length = max(-LONGEST, min(LONGEST, length + (more if length % _SECOND else timedelta(0))))
    if length < timedelta(0) and length % _SECOND:
        length -= length % _SECOND  # towards the smaller, as above zero
    return ("-" if length < timedelta(0) else "") + write_duration(length)


def _hider(phone: str, email: str) -> Callable[[str], str]:
    """What takes contact details out of a text: another number or address for each, or blocks.

    Args:
        phone: The number to put there, "" to keep its first digits and make zeros of the rest, or "█" for blocks.
        email: The address to put there, or "█" for blocks.
    """

    def hide(text: str) -> str:
        text = clean(text)
        if phone == "█":
            return redacted(text, ("phone", "email"))
        for start, end in reversed(email_spans(text)):
            text = text[:start] + email + text[end:]
        for start, end in reversed(phone_spans(text)):
            text = text[:start] + (phone or _zeros(text[start:end])) + text[end:]
        return text

    return hide


def _zeros(number: str) -> str:
    """A number of the same form in which all but the first four digits are 0."""
    digits = 0
    signs = []
    for sign in number:
        digits += sign.isdigit()
        signs.append("0" if sign.isdigit() and digits > 4 else sign)
    return "".join(signs)


def _is_harmless(text: str, phone: str) -> bool:
    """Whether all contact details in a text are ours."""
    mails = {text[start:end] for start, end in email_spans(text)}
    numbers = {text[start:end] for start, end in phone_spans(text)}
    return mails <= set(_EMAILS) and all(number == (phone or _zeros(number)) for number in numbers)


def _texts(text: str) -> Iterator[str]:
    """A text, cut short first where it is long."""
    if len(text) > _SHORT_CHARS:
        yield text[:_SHORT_CHARS].rstrip() + "…"
    yield text
