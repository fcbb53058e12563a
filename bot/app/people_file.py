"""The desk's file of people: what becomes of it when it changes."""

from collections.abc import Mapping
from datetime import datetime

from bot.core.errors import Mistake, RuleError
from bot.core.people import FILE, People, load
from bot.pipeline import adopt
from bot.store import rulesets
from bot.store.database import Database


def in_force(database: Database) -> People:
    """The people in force; nobody where there are none."""
    with database.read() as tx:
        stored = rulesets.active(tx, rulesets.PEOPLE)
    return load(stored.files.get(FILE, ""), trusted=True) if stored else People()


def on_disk(files: Mapping[str, str], folder: str, before: People) -> People:
    """Read the file as it lies in the rule folder.

    Args:
        files: Texts of the folder by name; without this file there is nobody.
        folder: As a person would type it.
        before: In force: a file that had people and has none any more is a mistake.

    Raises:
        RuleError: With every mistake.
    """
    shown = f"{folder.rstrip('/')}/{FILE}"
    found = load(files.get(FILE, ""), shown)
    if FILE in files and before.persons and not found.persons:
        raise RuleError((Mistake(shown, 1, 1, "the file has no people any more: delete it if that is meant"),))
    return found


def adopt_people(
    database: Database, found: adopt.Folder, *, folder: str, where: str, now: datetime, rested: bool
) -> adopt.Adopted:
    """Take over the file of people, or refuse it. A file that names nobody, where nobody was known, is not worth a line.

    Args:
        found: The whole rule folder.
        folder: As a person would type it.
        where: As `adopt.adopt` takes it, and `rested` too.
    """
    before = in_force(database)
    if FILE not in found.files and not found.problems and not adopt.has_offered(database, rulesets.PEOPLE, where):
        return adopt.Adopted()  # another machine's folder has it
    problems = tuple(problem for problem in found.problems if problem[0] == FILE)
    if not found.files and before.persons:
        problems = ((FILE, "the folder is gone or empty: put the files back"),)
    files = {FILE: found.files[FILE]} if FILE in found.files else {}
    if not problems and not before.persons and adopt.refused(database, rulesets.PEOPLE).at is None and _nobody(files):
        return adopt.Adopted()
    return adopt.adopt(
        database,
        adopt.Folder(files, problems),
        kind=rulesets.PEOPLE,
        where=where,
        load=lambda files: on_disk(files, folder, before).name,
        now=now,
        rested=rested,
    )


def _nobody(files: Mapping[str, str]) -> bool:
    try:
        return not load(files.get(FILE, "")).persons
    except RuleError:
        return False
