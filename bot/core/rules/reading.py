"""Rule files and lists, read: blocks with checked keys and types, clauses, and every mistake at its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError

from bot.core.desk import Desk
from bot.core.durations import parse_duration
from bot.core.errors import Mistake
from bot.core.rules.blocks import LIMIT_BY, CaseBlock, FileBlock, RuleBlock, keys_of, said
from bot.core.rules.fields import tidy_tag
from bot.core.rules.language import check
from bot.core.rules.meeting import near
from bot.core.rules.named import unknown_name, unknown_names
from bot.core.rules.tree import Clause
from bot.core.sheet import Sheet
from bot.core.toml_places import Path

_TABLES: Mapping[str, type[BaseModel]] = {"rule": RuleBlock, "case": CaseBlock, "file": FileBlock}


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule whose keys, types and clauses are right.

    Attributes:
        sheet: Its file.
        path: Its table in the file.
        block: Its keys.
        when: Its clauses, checked.
        unless: Its exemptions, checked: first its own, then those of its file that it does not have itself.
        shared: How many of them are those of its file.
        limit: Its limit's time, read; zero where it has no limit.
    """

    sheet: Sheet
    path: Path
    block: RuleBlock
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]
    shared: int = 0
    limit: timedelta = timedelta(0)

    @property
    def line(self) -> int:
        """Where its header stands, 1-based."""
        return self.sheet.spot(self.path).key.line


@dataclass(frozen=True, slots=True)
class DraftCase:
    """An example of the whole set, whose keys and types are right.

    Attributes:
        sheet: Its file.
        path: Its table in the file.
        block: Its keys.
    """

    sheet: Sheet
    path: Path
    block: CaseBlock


class Reader:
    """Reads the files of one rule set and gathers mistakes.

    Args:
        lists: Entries of each list by its name.
        desk: What the configuration has, for rules to name; None where that is not known.
        trusted: They were in force before: what is too costly today is let through.
    """

    def __init__(self, lists: Mapping[str, tuple[str, ...]], desk: Desk | None, *, trusted: bool = False) -> None:
        self.trusted = trusted
        self.lists = lists
        self.desk = desk
        self.mistakes: list[Mistake] = []
        self.drafts: list[Draft] = []
        self.cases: list[DraftCase] = []
        self.first: dict[str, str] = {}

    def read(self, sheet: Sheet) -> int:
        """Read a file of rules; tells how many [[rule]] tables it has, right or wrong."""
        document = sheet.read()
        if isinstance(document, Mistake):
            self.mistakes.append(document)
            return 1  # a broken file is no empty file
        for key in document:
            if key not in _TABLES:
                close = get_close_matches(key, list(_TABLES), n=1, cutoff=0.6)
                hint = f"did you mean {'[file]' if close[0] == 'file' else f'[[{close[0]}]]'}?" if close else ""
                holds = "a rule file holds [[rule]] and [[case]] tables, and at most one [file]"
                self.mistakes.append(sheet.key((key,), f"unknown table or key '{key}': {holds}", hint))
        shared = self._file(sheet, document.get("file", {}))
        for path, block in self._tables(sheet, document, "rule"):
            self._block(sheet, path, block, shared)
        for path, block in self._tables(sheet, document, "case"):
            self._case(sheet, path, block)
        blocks = document.get("rule", [])
        return len(blocks) if isinstance(blocks, list) else 1

    def _tables(self, sheet: Sheet, document: Mapping[str, Any], name: str) -> Iterator[tuple[Path, dict[str, Any]]]:
        blocks = document.get(name, [])
        if not isinstance(blocks, list):
            self.mistakes.append(sheet.key((name,), f"a {name} begins with two brackets", f"[[{name}]]"))
            return
        for number, block in enumerate(blocks):
            if isinstance(block, dict):
                yield (name, number), block
            else:
                reason = f"a {name} is a table that begins with [[{name}]]"
                self.mistakes.append(sheet.value((name, number), reason))

    def _file(self, sheet: Sheet, given: object) -> tuple[Clause, ...]:
        """What holds for every rule of the file: its exemptions."""
        if not isinstance(given, dict):
            self.mistakes.append(
                sheet.key(("file",), "there is one table for the file: one pair of brackets", "[file]")
            )
            return ()
        self._checked(FileBlock, sheet, ("file",), given)
        return self._clauses(sheet, ("file", "unless"), given.get("unless"))

    def _case(self, sheet: Sheet, path: Path, given: dict[str, Any]) -> None:
        block = self._checked(CaseBlock, sheet, path, given)
        if isinstance(block, CaseBlock):
            self.cases.append(DraftCase(sheet, path, block))

    def _checked(self, model: type[BaseModel], sheet: Sheet, path: Path, given: dict[str, Any]) -> BaseModel | None:
        """The table, or None where its keys or types are wrong, which is then among the mistakes."""
        try:
            return model.model_validate(given)
        except ValidationError as error:
            known = keys_of(model)
            table = str(path[0])
            self.mistakes.extend(said(sheet, path, one, table, known) for one in error.errors(include_url=False))
            return None

    def _block(self, sheet: Sheet, path: Path, given: dict[str, Any], shared: tuple[Clause, ...]) -> None:
        before = len(self.mistakes)
        when = self._clauses(sheet, (*path, "when"), given.get("when"))
        own = self._clauses(sheet, (*path, "unless"), given.get("unless"))
        block = self._checked(RuleBlock, sheet, path, given)
        if not isinstance(block, RuleBlock):
            return
        self._sense(sheet, path, block)
        per = self._limit(sheet, (*path, "limit"), block)
        if len(self.mistakes) == before:
            texts = {clause.text for clause in own}
            more = tuple(clause for clause in shared if clause.text not in texts)
            self.drafts.append(Draft(sheet, path, block, when, (*own, *more), len(more), per))

    def _clauses(self, sheet: Sheet, path: Path, given: object) -> tuple[Clause, ...]:
        clauses: list[Clause] = []
        for number, text in enumerate(given if isinstance(given, list) else []):
            if isinstance(text, str):
                found = check(text, self.lists, self.desk.clocks if self.desk else None, trusted=self.trusted)
                if isinstance(found, Clause):
                    clauses.append(found)
                    troubles = unknown_names(found, self.desk) if self.desk else ()
                else:
                    troubles = found
                here = (*path, number)
                self.mistakes.extend(sheet.inside(here, one.start, one.end, one.reason, one.hint) for one in troubles)
        return tuple(clauses)

    def _limit(self, sheet: Sheet, path: Path, block: RuleBlock) -> timedelta:
        """Check a rule's limit; gives its time, zero for none."""
        limit = block.limit
        if limit is None:
            return timedelta(0)
        if block.action not in {"hold", "drop"}:
            reason = "a rule with a limit needs the action for what comes after it"
            self.mistakes.append(sheet.key(path, reason, 'action = "hold"'))
        if block.tag or block.strand or block.score or block.redact or block.accounts:
            reason = "a rule with a limit does nothing but its action: give score, tag, strand, redact and accounts"
            self.mistakes.append(sheet.key(path, f"{reason} to a rule of their own"))
        if limit.by and limit.by not in LIMIT_BY:
            known = f"a limit counts by {', '.join(LIMIT_BY)}"
            self.mistakes.append(
                sheet.value((*path, "by"), f"'{limit.by}' is no field of text", near(limit.by, LIMIT_BY) or known)
            )
        try:
            per = parse_duration(limit.per)
        except ValueError as error:
            self.mistakes.append(sheet.value((*path, "per"), str(error)))
            return timedelta(0)
        if not per:
            self.mistakes.append(sheet.value((*path, "per"), "a limit needs some time", 'per = "10m"'))
        return per

    def _sense(self, sheet: Sheet, path: Path, block: RuleBlock) -> None:
        """What types cannot say."""
        place = f"{sheet.name}:{sheet.spot(path).key.line}"
        first = self.first.setdefault(block.id, place)
        if first != place:
            self.mistakes.append(sheet.value((*path, "id"), f"the id '{block.id}' is taken by the rule at {first}"))
        if block.action is None and not (block.tag or block.strand or block.score or block.redact or block.accounts):
            wanted = "give it an action, score, tag, strand, accounts or redact"
            self.mistakes.append(sheet.key(path, f"the rule '{block.id}' does nothing: {wanted}"))
        if block.action == "wait" and block.until is None:
            self.mistakes.append(
                sheet.value((*path, "action"), "wait needs 'until': the time when the post is decided again"),
            )
        if block.start and block.until and block.start >= block.until:
            self.mistakes.append(sheet.value((*path, "until"), "'until' lies before 'from', so the rule never acts"))
        for number, tag in enumerate(block.tag):
            if not tidy_tag(tag):
                self.mistakes.append(sheet.value((*path, "tag", number), "the tag is empty"))
        if self.desk:
            given = [((*path, "strand"), "strand", block.strand)] if block.strand else []
            given += [((*path, "accounts", at), "account", name) for at, name in enumerate(block.accounts or ())]
            for where, kind, name in given:
                if found := unknown_name(kind, name, self.desk):
                    self.mistakes.append(sheet.value(where, *found))


def read_list(sheet: Sheet) -> tuple[tuple[str, ...], Sequence[Mistake]]:
    """Read a list: one entry a line; a line that begins with "# " is a comment, "#tag" is an entry."""
    entries: list[str] = []
    mistakes = []
    for number, line in enumerate(sheet.lines, 1):
        entry = line.strip()
        if not entry or entry == "#" or entry.startswith(("# ", "#\t")):
            continue
        tail = entry.find(" # ")
        if tail >= 0:
            column = line.index(" # ") + 2
            mistakes.append(sheet.at(number, column, len(line), "a comment stands on a line of its own"))
        elif any(0xD800 <= ord(sign) <= 0xDFFF for sign in entry):
            mistakes.append(sheet.at(number, 1, 1, "this is not a character: save the file as UTF-8"))
        else:
            entries.append(entry)
    return tuple(dict.fromkeys(entries)), mistakes
