"""Names that rules take from the configuration: strands, accounts, sources, platforms. One that is not there is a slip."""

from collections.abc import Collection, Iterator

from bot.core.desk import Desk
from bot.core.rules.meeting import near
from bot.core.rules.shape import nodes
from bot.core.rules.tokens import Trouble
from bot.core.rules.tree import Clause, CompareNode, ConstantNode, FieldNode, MemberNode, Node

_ASKED = frozenset({"strand", "source", "platform"})  # fields whose values are names


def unknown_name(kind: str, name: str, desk: Desk) -> tuple[str, str] | None:
    """Why a name means nothing, and what to write instead; None where it is configured.

    Args:
        kind: "strand", "account", "source" or "platform".
        name: As a rule writes it.
        desk: What is configured.
    """
    known = _known(kind, desk)
    if kind == "platform" and not known:
        return None
    if name in known or name in {one.casefold() for one in known}:
        return None
    listed = f"there {'is' if len(known) == 1 else 'are'} {', '.join(sorted(known))}" if known else "there is none"
    return f"there is no {kind} '{name}' in the configuration", near(name, known) or listed


def _known(kind: str, desk: Desk) -> Collection[str]:
    match kind:
        case "strand":
            return desk.strands
        case "account":
            return (*desk.accounts, *desk.idle)
        case "source":
            return desk.source_strands
        case _:
            return desk.platforms


def unknown_names(clause: Clause, desk: Desk) -> tuple[Trouble, ...]:
    """What a clause compares with a strand, source or platform that is not configured, in the order of the text.

    Entries of lists in files are left out: they may serve several desks.
    """
    return tuple(
        Trouble(constant.start, constant.end, *found)
        for field, constant in _compared(clause.root)
        for name in (constant.value if isinstance(constant.value, tuple) else (constant.value,))
        if isinstance(name, str) and name and (found := unknown_name(field, name, desk))
    )


def _compared(root: Node) -> Iterator[tuple[str, ConstantNode]]:
    for node in nodes(root):
        match node:
            case (
                CompareNode(left=FieldNode(field=field), right=ConstantNode() as constant)
                | CompareNode(left=ConstantNode() as constant, right=FieldNode(field=field))
                | MemberNode(item=FieldNode(field=field), within=ConstantNode() as constant)
            ) if field.name in _ASKED and not constant.name:
                yield field.name, constant
            case _:
                pass
