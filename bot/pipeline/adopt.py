"""rule files -> active rule set. Finds: files whose content changed.

The folder is looked at twice before it is believed, because an editor that is still writing leaves valid files with rules
missing; an edit that loses rules is believed when the files have rested, because a slow writer and a checkout that takes its time
look the same as a deletion. A good set becomes active in the store, for every worker; a broken one is refused as a whole, the last good set
stays, and the journal says which line is wrong. An adopted edit never changes what is public: a receipt in the journal says what
it would have decided differently, and which live updates it would not tell now.
"""

import json
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from bot.core.errors import Mistake, RuleError
from bot.core.rules.edits import edit, has_rules
from bot.core.rules.fusing import carried, out_of_action
from bot.core.rules.receipt import Receipt
from bot.store import journal, marks, posts, rulesets
from bot.store.database import Database

REST = timedelta(seconds=5)  # files that lose rules must have stood unchanged for so long
_LARGEST_BYTES = 4_000_000
_TOLD = 3  # as many mistakes stand in the journal's line; its details have all


@dataclass(frozen=True, slots=True)
class Folder:
    """One look at the rule folder.

    Attributes:
        files: Relative name -> text, of `*.toml` and `lists/*.txt`, without hidden files.
        problems: Files that could not be read: (name, why).
    """

    files: Mapping[str, str]
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Content hash of everything that was seen."""
        digest = sha256()
        for name in sorted(self.files):
            digest.update(f"{name}\0{self.files[name]}\0".encode("utf-8", "surrogatepass"))
        for name, why in self.problems:
            digest.update(f"!{name}\0{why}\0".encode())
        return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of a look at the files.

    Attributes:
        changed: A new set is active now.
        refused: The files are broken: the last good set stays.
        waits: The files lose rules and have not rested: look again.
        name: Name of the set that is active now; "" for none.
    """

    changed: bool = False
    refused: bool = False
    name: str = ""
    waits: bool = False


def signature(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Name, time, size and inode of every rule file: cheap, and equal as long as nothing changed."""
    found = []
    for path in _paths(folder):
        name = str(path.relative_to(folder))
        try:
            seen = path.stat()
        except OSError:  # a link to nowhere: `read` says what is wrong with it
            found.append((name, 0, 0, 0))
        else:
            found.append((name, seen.st_mtime_ns, seen.st_size, seen.st_ino))
    return tuple(found)


def read(folder: Path) -> Folder:
    """Read every rule file; what lies outside of the folder, behind a link, is not opened."""
    files: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    room = folder.resolve()
    for path in _paths(folder):
        name = path.relative_to(folder).as_posix()
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(room):
                problems.append((name, "points outside of the rules folder: put the file itself there"))
                continue
            seen = real.stat()
            if not stat.S_ISREG(seen.st_mode):
                problems.append((name, "cannot be read: it is no file"))
                continue
            content = _beginning(real) if seen.st_size <= _LARGEST_BYTES else None
            if content is None or len(content) > _LARGEST_BYTES:  # it may have grown since
                problems.append((name, f"is larger than {_LARGEST_BYTES} bytes"))
                continue
            files[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            problems.append((name, f"is not UTF-8 at byte {error.start}: save it as UTF-8"))
        except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, before Python 3.13
            why = error.strerror if isinstance(error, OSError) else "links in a circle"
            problems.append((name, f"cannot be read: {why}"))
    return Folder(files, tuple(problems))


def _beginning(path: Path) -> bytes:
    """All of a file that is not too large, and one byte too many of one that is."""
    with path.open("rb") as file:
        return file.read(_LARGEST_BYTES + 1)


def _paths(folder: Path) -> list[Path]:
    found = [*folder.glob("*.toml"), *folder.glob("lists/*.txt")]
    return sorted(path for path in found if not path.name.startswith(".") and not path.name.endswith("~"))


def adopt(
    database: Database,
    folder: Folder,
    *,
    kind: str,
    where: str,
    load: Callable[[Mapping[str, str]], str],
    now: datetime,
    compare: Callable[[rulesets.StoredSet, Mapping[str, str]], Receipt] | None = None,
    rested: bool = True,
) -> Adopted:
    """Make the files of a folder the active set, or refuse them as a whole.

    Args:
        kind: One of `rulesets.KINDS`.
        where: Which folder this is: it is compared with what the same folder offered last, so that a machine with old
            files does not bring an old set back.
        load: Checks the files and gives the set's name; raises `RuleError` with every mistake.
        now: Event time.
        compare: Tells what the files would have decided differently from the set in force; None where nothing is decided.
        rested: The files have stood unchanged for `REST`, or a person says that they are whole.
    """
    offer = _offer(kind, where)
    with database.read() as tx:
        last = marks.get(tx, offer)
        active = rulesets.active(tx, kind)
    if last == folder.name:
        return Adopted(name=active.name if active else "")
    if folder.problems:
        mistakes = tuple(Mistake(name, 0, 0, why) for name, why in folder.problems)
        return _refuse(database, folder, kind=kind, offer=offer, mistakes=mistakes, now=now)
    if kind == rulesets.RULES and active is not None and not has_rules(folder.files) and has_rules(active.files):
        return _refuse(
            database,
            folder,
            kind=kind,
            offer=offer,
            mistakes=(Mistake(where, 0, 0, "the folder is gone or has no rule files any more: put them back"),),
            now=now,
        )
    files = carried(active.files, folder.files) if active and kind == rulesets.RULES else folder.files
    try:
        name = load(files)
    except RuleError as error:
        return _refuse(database, folder, kind=kind, offer=offer, mistakes=error.mistakes, now=now)
    change = edit(active.files if active else {}, files)
    if active is not None and change.loses and not rested:
        return Adopted(name=active.name, waits=True)
    receipt = compare(active, files) if compare and active is not None and active.name != name else None
    with database.begin() as tx:
        marks.put(tx, offer, folder.name)
        mended = bool(marks.get(tx, f"refused:{kind}"))
        marks.put(tx, f"refused:{kind}", "")
        before = rulesets.active(tx, kind)
        same = before is not None and before.name == name
        if mended:
            why = f"{kind} on disk are good again" + (f", {name} goes on" if same else "")
            journal.write(tx, [journal.Line(now, "mended", "milepost", why, place=kind)])
        if same:
            return Adopted(name=name)
        number = rulesets.adopt(tx, kind, name, files, now)
        if kind == rulesets.RULES:
            rulesets.judge_again(tx, number, before=posts.newest_id(tx) + 1)
        change = edit(before.files if before else {}, files)
        why = f"{kind} {before.name if before else 'none'} -> {name}: {change}"
        back = sorted(set(out_of_action(before.files if before else {})) - set(out_of_action(files)))
        why += "".join(f"; rule {one} is back in action" for one in back)
        lines = [
            journal.Line(now, "adopted", "milepost", why, place=kind, rule_set_id=number, details=change.plain()),
        ]
        if receipt is not None:
            lines.append(
                journal.Line(
                    now, "receipt", "milepost", receipt.why, place=kind, rule_set_id=number, details=receipt.details
                )
            )
        journal.write(tx, lines)
    return Adopted(changed=True, name=name)


def has_offered(database: Database, kind: str, where: str) -> bool:
    """Whether a folder ever had anything of a kind to look at, good or bad."""
    with database.read() as tx:
        return bool(marks.get(tx, _offer(kind, where)))


def _offer(kind: str, where: str) -> str:
    return f"offered:{kind}:{where}"


def _refuse(
    database: Database, folder: Folder, *, kind: str, offer: str, mistakes: tuple[Mistake, ...], now: datetime
) -> Adopted:
    wrong = str(RuleError(mistakes))
    places = [mistake.place for mistake in mistakes]
    with database.begin() as tx:
        marks.put(tx, offer, folder.name)
        marks.put(tx, f"refused:{kind}", json.dumps({"at": now.isoformat(), "mistakes": wrong, "places": places}))
        active = rulesets.active(tx, kind)
        stays = f"{active.name} stays" if active else "there is none to stay"
        journal.write(
            tx,
            [
                journal.Line(
                    now,
                    "refused",
                    "milepost",
                    f"{kind} on disk are broken, {stays}: {_told(mistakes)}",
                    place=kind,
                    details={"mistakes": wrong},
                ),
            ],
        )
    return Adopted(refused=True, name=active.name if active else "")


def _told(mistakes: tuple[Mistake, ...]) -> str:
    """Places and reasons of the first, on one line."""
    first = "; ".join(f"{mistake.place}: {mistake.reason}" for mistake in mistakes[:_TOLD])
    more = len(mistakes) - _TOLD
    return f"{first} and {more} more" if more > 0 else first


@dataclass(frozen=True, slots=True)
class Refused:
    """Files on disk that are not what runs.

    Attributes:
        mistakes: All of them, for a person; "" where nothing is refused.
        places: Where they are: "rules/20-spam.toml:57:66".
        at: Since when (event time); None where nothing is refused.
    """

    mistakes: str = ""
    places: tuple[str, ...] = ()
    at: datetime | None = None


def refused(database: Database, kind: str) -> Refused:
    """What is wrong with the files on disk."""
    with database.read() as tx:
        mark = marks.get(tx, f"refused:{kind}")
    if not mark:
        return Refused()
    found = json.loads(mark)
    return Refused(str(found["mistakes"]), tuple(found["places"]), datetime.fromisoformat(found["at"]))
