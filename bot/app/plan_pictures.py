"""The pictures of the plan: they lie in the folder of rules, and are taken in when the plan is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from bot.app import own_pictures
from bot.core.errors import MilepostError, Mistake, RefusedError
from bot.core.milestones.plan import FILE, Milestone, Plan
from bot.store.database import Database

_log = structlog.get_logger("milepost")


def mistakes(plan: Plan, folder: Path, shown: str) -> Iterator[Mistake]:
    """Pictures that are not there, or are none.

    Args:
        shown: The folder, as a person would type it.
    """
    for milestone in plan.milestones:
        if milestone.picture:
            try:
                own_pictures.made_anew(_place(folder, milestone), milestone.alt)
            except MilepostError as error:
                reason = str(error).replace(str(folder), shown)
                yield Mistake(f"{shown}/{FILE}", 0, 0, f"milestone {milestone.id}: {reason}")


def taken_in(database: Database, plan: Plan, folder: Path, *, now: datetime) -> Plan:
    """The plan with its pictures kept in the store; what cannot be read (any more) is told without, and the log says so."""
    found = []
    for milestone in plan.milestones:
        one = milestone
        if milestone.picture:
            try:
                kept = own_pictures.keep(database, _place(folder, milestone), milestone.alt, now=now)
                one = replace(milestone, media=kept)
            except MilepostError as error:
                _log.warning("a milestone is told without its picture", milestone=milestone.id, reason=str(error))
        found.append(one)
    return replace(plan, milestones=tuple(found))


def _place(folder: Path, milestone: Milestone) -> Path:
    path = (folder / milestone.picture).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise RefusedError(f"{milestone.picture}: lies outside the folder of rules: put it there")
    return path
