"""The reload receipt: what an edit of the rules would have decided differently. It changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.rules.replay import Replayed
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
    return Receipt(_sentence(found), as_details(found))


def _sentence(found: Replayed) -> str:
    if not found.total:
        return "no post was decided by rules yet: there is nothing to compare"
    start = f"of the last {several(found.total, 'post')}"
    if not found.changed:
        return f"{start} none would be decided differently"
    kinds = [
        f"{change.count} {change.before.value} → {change.after.value} by {change.rule or 'default'}"
        for change in found.changes[:_NAMED]
    ]
    if len(found.changes) > _NAMED:
        kinds.append(f"{sum(change.count for change in found.changes[_NAMED:])} in other ways")
    said = f"{start} {found.changed} would be decided differently: {', '.join(kinds)}"
    if found.off:
        names = ", ".join(slug for slug, _ in found.off[:_NAMED]) + (" …" if len(found.off) > _NAMED else "")
        said += f"; {several(len(found.off), 'live update')} would not be told now and {'stays' if len(found.off) == 1 else 'stay'} until a person decides (`milepost withdraw`): {names}"
    return said


def as_details(found: Replayed) -> dict[str, Any]:
    """A replay as JSON-shaped data."""
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
        "off": [{"update": slug, "rule": rule} for slug, rule in found.off],
    }
