"""Entries of lists, beside the field that they meet: which can never match, and which match far too often."""

import re
from collections.abc import Iterator

from bot.core.rules.shape import nodes
from bot.core.rules.tree import CallNode, CompareNode, ConstantNode, FieldNode, MemberNode, Node
from bot.core.rules.values import Kind

_WORDS = frozenset({"has", "has_any", "looks_like"})
_SHORT = 3
_MEDIA = frozenset({"image", "video", "audio", "link"})
_LANG = re.compile(r"[a-z]{2,3}")
_TAIL = re.compile(r"\s#")
_UNSPACED = frozenset(
    {"tags", "mentions", "author.handle", "author.id", "domains", "links", "labels", "platform", "lang"}
)


def meetings(root: Node) -> Iterator[tuple[str, ConstantNode, bool]]:
    """Each constant with the field that it meets ("" for what is no field), and whether it is looked for as words."""
    for node in nodes(root):
        match node:
            case CallNode(function=name, arguments=(first, ConstantNode() as constant)) if name != "matches":
                yield _field(first), constant, name in _WORDS
            case MemberNode(item=FieldNode(field=field), within=ConstantNode() as constant):
                yield field.name, constant, False
            case MemberNode(item=ConstantNode() as constant, within=FieldNode(field=field)):
                yield field.name, constant, False
            case CompareNode(left=FieldNode(field=field), right=ConstantNode(gives=Kind.TEXT) as constant):
                yield field.name, constant, False
            case CompareNode(left=ConstantNode(gives=Kind.TEXT) as constant, right=FieldNode(field=field)):
                yield field.name, constant, False


def _field(node: Node) -> str:
    return node.field.name if isinstance(node, FieldNode) else ""


def dead(entry: str, field: str) -> str:
    """Why an entry can never match a field's values, "" where it can; no field: it is looked for as words."""
    if entry != entry.strip():
        return f"{entry!r} has a space at its edge, which posts rarely have there: take it away"
    if _TAIL.search(entry):
        return f"{entry!r} has a '#' behind a space: a comment stands on a line of its own, before the entry"
    if field in _UNSPACED and any(sign.isspace() for sign in entry):
        return f"{entry!r} can never match: {field} has no spaces inside"
    if field == "domains" and any(sign in entry for sign in "/:@?"):
        return f"{entry!r} can never match: write only the host"
    if field == "lang" and not _LANG.fullmatch(entry):
        return f"{entry!r} can never match: languages have two or three letters"
    if field == "media.kinds" and entry not in _MEDIA:
        return f"{entry!r} can never match: kinds are {', '.join(sorted(_MEDIA))}"
    return ""


def is_short(entry: str) -> bool:
    """Whether it is a word of few letters; signs and scripts whose words are short by nature are none."""
    return len(entry) <= _SHORT and all(sign.isalnum() and ord(sign) < 0x2E80 for sign in entry)
