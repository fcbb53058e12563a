"""Whether what a milestone waits for is so, since when, and with which names and numbers."""

from collections.abc import Sequence

from bot.core.milestones.board import Board
from bot.core.milestones.conditions import Condition, Moment, Reached, Said, Together, Told, Watched, Won
from bot.core.milestones.facts import Facts, Met, moment
from bot.core.milestones.persons import watched
from bot.core.milestones.races import reached, won


def met(condition: Condition, facts: Facts) -> Met | None:
    """Whether a condition is met now; None where it is not (yet)."""
    match condition:
        case Moment():
            at = moment(condition, facts.clocks)
            return Met(at) if at is not None and at <= facts.now else None
        case Told():
            told = facts.told.get(condition.milestone)
            return Met(told) if told is not None else None
        case Together():
            return _together([met(one, facts) for one in condition.of], any_of=condition.any)
    if facts.board is None:
        return None
    match condition:
        case Reached():
            return reached(condition, facts, facts.board)
        case Won():
            return won(condition, facts, facts.board)
        case Watched():
            return watched(condition, facts, facts.board)
        case Said():
            return _said(condition, facts.board)


def _together(found: Sequence[Met | None], *, any_of: bool) -> Met | None:
    have = [one for one in found if one is not None]
    if any_of:
        return min(have, key=lambda one: one.at, default=None)
    if len(have) < len(found) or not have:
        return None
    values: dict[str, object] = {}
    for one in have:
        values |= one.values
    proof = tuple(line for one in have for line in one.proof)
    return Met(max(one.at for one in have), values, proof, all(one.is_confirmed for one in have))


def _said(wanted: Said, board: Board) -> Met | None:
    marks = board.marked(wanted.tag)
    official = next((one for one in marks if one.is_official), None)
    second = next((one for one in marks[1:] if one.author != marks[0].author and one.story != marks[0].story), None)
    sure = min((one for one in (official, second) if one is not None), key=lambda one: one.at, default=None)
    chosen = official or (marks[0] if marks and (sure or wanted.unconfirmed) else None)
    if chosen is None:
        return None
    values = {"name": chosen.name, "said": chosen.text, "url": chosen.url}
    return Met((sure or chosen).at, values, (f"a post by {chosen.name or 'somebody'}",), sure is not None)
