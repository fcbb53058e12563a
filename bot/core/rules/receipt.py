"""The reload receipt: what an edit of the rules would have decided differently. It changes nothing."""

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any

from bot.core.rules.replay import Change, Replayed
from bot.core.text.amounts import several

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the journal says after an edit.

    Attributes:
        why: For a person.
        details: The same in numbers, with samples.
    """

    why: str
    details: Mapping[str, Any]


def receipt(found: Replayed) -> Receipt:
    """What a replay of the last posts through the rules before and after an edit has shown."""
    return Receipt(_sentence(found), as_details(found, words=False))


def _sentence(found: Replayed) -> str:
    if not found.total:
        return "no post was decided by rules yet: there is nothing to compare"
    start = f"of the last {several(found.total, 'post')}"
    if not found.changed:
        return f"{start} none would be decided differently"
    kinds = [f"{change.count} {said(change)}" for change in found.changes[:_NAMED]]
    if len(found.changes) > _NAMED:
        kinds.append(f"{sum(change.count for change in found.changes[_NAMED:])} in other ways")
    sentence = f"{start} {found.changed} would be decided differently: {', '.join(kinds)}"
    open_ones = [one.update for one in found.off if not one.approved_by]
    if open_ones:
        names = ", ".join(open_ones[:_NAMED]) + (" …" if len(open_ones) > _NAMED else "")
        sentence += (
            f"; {several(len(open_ones), 'live update')} would not be told now and {_stay(open_ones)} "
            f"until a person decides (`milepost rules receipt`): {names}"
        )
    approved = [one.update for one in found.off if one.approved_by]
    if approved:
        sentence += f"; {several(len(approved), 'live update')} that a person approved {_stay(approved)}"
    return sentence


def _stay(updates: Sized) -> str:
    return "stays" if len(updates) == 1 else "stay"


def said(change: Change) -> str:
    """How decisions change: from what to what, by which rule, and which rule decided before."""
    was = f" (was {change.was})" if change.was else ""
    return f"{change.before.value} → {change.after.value} by {change.rule or 'default'}{was}"


def as_details(found: Replayed, *, words: bool = True) -> dict[str, Any]:
    """A replay as JSON-shaped data.

    Args:
        words: With the first words of each live update that would not be told: what is stored leaves them out.
    """
    return {
        "total": found.total,
        "changed": found.changed,
        "changes": [
            {
                "before": change.before.value,
                "after": change.after.value,
                "rule": change.rule,
                "was": change.was,
                "count": change.count,
                "samples": [{"post": sample.post_id, "text": sample.text} for sample in change.samples],
            }
            for change in found.changes
        ],
        "off": [
            {
                "update": one.update,
                "post": one.post_id,
                "verdict": one.verdict.value,
                "rule": one.rule,
                "approved_by": one.approved_by,
            }
            | ({"text": one.text} if words else {})
            for one in found.off
        ],
    }
