"""What an edit of the files does: which rules, milestones, people and lists come, go and change, and what is lost by accident.

Works on the texts of files alone, so that it also speaks of sets that were in force long ago.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.errors import Mistake
from bot.core.milestones.plan import FILE as PLAN_FILE
from bot.core.people import FILE as PEOPLE_FILE
from bot.core.rules.reading import read_list
from bot.core.sheet import Sheet
from bot.core.text.amounts import several

NO_RULES = (PLAN_FILE, PEOPLE_FILE)
"""Files of the rules folder that hold something else than rules; each is a set of its own."""

_NAMED_TABLES = ("rule", "milestone", "person")
_NAMED = 3  # as many are named one by one for a person


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit. Ids and names are each sorted.

    Attributes:
        added: Ids of rules, milestones or people that are new.
        removed: Ids that are gone.
        changed: Ids that say something else now.
        lists: Lists that were added, removed or changed.
        shrunk: Lists that are still there and lost more than half of their entries.
        files: "10-safety.toml changed", "lists/spam.txt new", "20-spam.toml removed".
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    shrunk: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def loses(self) -> bool:
        """Whether something that was in force is gone: it may be a file that is still being written, or away for a moment."""
        return bool(self.removed or self.shrunk)

    def __str__(self) -> str:
        """For a person: "added a, b; removed c; changed d; lists spam; files 10-a.toml changed"."""
        parts = [
            f"{word} {_some(names)}"
            for word, names in (("added", self.added), ("removed", self.removed), ("changed", self.changed))
            if names
        ]
        parts += [f"lists {_some(self.lists)}"] if self.lists else []
        parts += [f"files {_some(self.files)}"] if self.files else ["same content"]
        return "; ".join(parts)

    def plain(self) -> dict[str, list[str]]:
        """Everything by name, for scripts."""
        return {
            "added": list(self.added),
            "removed": list(self.removed),
            "changed": list(self.changed),
            "lists": list(self.lists),
            "files": list(self.files),
        }


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown


def edit(before: Mapping[str, str], after: Mapping[str, str]) -> Edit:
    """Compare two sets of good files, rules, milestones or people, by their names in the folder."""
    old, new = _tables(before), _tables(after)
    had, has = _lists(before), _lists(after)
    files = [f"{name} {'changed' if name in before else 'new'}" for name in after if before.get(name) != after[name]]
    files += [f"{name} removed" for name in before if name not in after]
    files = [file for file in files if file.partition(" ")[0].endswith((".toml", ".txt"))]
    return Edit(
        added=tuple(sorted(new.keys() - old.keys())),
        removed=tuple(sorted(old.keys() - new.keys())),
        changed=tuple(sorted(one for one in old.keys() & new.keys() if old[one] != new[one])),
        lists=tuple(sorted(name for name in had.keys() | has.keys() if had.get(name) != has.get(name))),
        shrunk=tuple(sorted(name for name in had.keys() & has.keys() if _is_shrunk(had[name], has[name]))),
        files=tuple(sorted(files)),
    )


def _tables(files: Mapping[str, str]) -> dict[str, object]:
    """What stands under each id; a file's exemptions belong to each of its rules."""
    found: dict[str, object] = {}
    for name, text in files.items():
        if name.endswith(".toml"):
            document = _document(text)
            for block in [block for key in _NAMED_TABLES for block in _blocks(document, key)]:
                found[str(block.get("id"))] = (block, document.get("file"))
    return found


def _document(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _blocks(document: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    blocks = document.get(key)
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []


def _lists(files: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {
        name.rpartition("/")[2].removesuffix(".txt"): frozenset(read_list(Sheet(name, text))[0])
        for name, text in files.items()
        if name.endswith(".txt")
    }


def _is_shrunk(had: frozenset[str], has: frozenset[str]) -> bool:
    return len(had - has) * 2 > len(had)


def has_rules(files: Mapping[str, str]) -> bool:
    """Whether there is a file of rules at all, be it empty; the plan of milestones and the people are none."""
    return any(name.endswith(".toml") and name not in NO_RULES for name in files)


def accidents(before: Mapping[str, str], after: Mapping[str, str], shown: Callable[[str], str]) -> list[Mistake]:
    """What an edit loses that nobody can have meant.

    Args:
        before: Texts in force.
        after: Texts on disk, each readable by itself.
        shown: Gives a file's name as mistakes show it.
    """
    found = []
    had, has = _lists(before), _lists(after)
    names = {name.rpartition("/")[2].removesuffix(".txt"): name for name in after if name.endswith(".txt")}
    for short, name in names.items():
        if had.get(short) and not has[short]:
            reason = "the list lost all its entries: put them back, or delete the file and the rules that use it"
            found.append(Sheet(shown(name), after[name]).at(1, 1, 1, reason))
    still = _tables(after)
    for name, text in after.items():
        if name in before and before[name].endswith("\n") and text.strip() and not text.endswith("\n"):
            lost = sorted(_tables({name: before[name]}).keys() - still.keys())
            short = name.rpartition("/")[2].removesuffix(".txt")
            if lost or (name.endswith(".txt") and _is_shrunk(had[short], has[short])):
                found.append(_cut_off(Sheet(shown(name), text), lost))
    return found


def _cut_off(sheet: Sheet, lost: Sequence[str]) -> Mistake:
    what = f"lost {several(len(lost), 'rule')} ({_some(lost)})" if lost else "lost most of its entries"
    last = len(sheet.lines)
    reason = (
        f"the file ends without a line break and has {what}, as if it were cut off: end its last line if it is whole"
    )
    return sheet.at(last, max(len(sheet.lines[-1]), 1), 1, reason)
