"""Rule files and lists, read: blocks with checked keys and types, clauses, and every mistake at its place."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from bot.core.errors import Mistake
from bot.core.rules.fields import tidy_tag
from bot.core.rules.language import check
from bot.core.rules.sheet import Sheet
from bot.core.rules.tree import Clause
from bot.core.rules.values import in_utc
from bot.core.toml_places import Path

Moment = Annotated[datetime, AfterValidator(in_utc)]
Text = Annotated[str, Field(max_length=2_000)]


class RuleBlock(BaseModel):
    """[[rule]]: one rule as it stands in a file.

    Attributes:
        id: Lower-case words with hyphens, unique over all files, never renamed: the journal refers to it.
        about: One sentence for the people of the desk.
        owner: Who answers questions about it.
        action: What is done with a post that matches; None for a rule that only has effects.
        tag: Tags that are added.
        strand: Line of coverage that the update belongs to.
        score: Added to the rank in the queue.
        redact: What is blacked out in the snippet.
        when: Clauses that must all hold.
        unless: Clauses of which none may hold.
        start: Key `from`: not before.
        until: Not at or after; for `wait`, when the embargo ends.
        mode: live, shadow (counted, never acting) or off.
        catches: Examples that it must match.
        spares: Examples that it must not match.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)
    about: Text = ""
    owner: Text = ""
    action: Literal["drop", "hold", "wait", "publish"] | None = None
    tag: list[Text] = []
    strand: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")
    score: int = Field(default=0, ge=-1_000, le=1_000)
    redact: list[Literal["phone", "email"]] = []
    when: list[str] = Field(min_length=1)
    unless: list[str] = []
    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    mode: Literal["live", "shadow", "off"] = "live"
    catches: list[Any] = []
    spares: list[Any] = []


KEYS = tuple(field.alias or name for name, field in RuleBlock.model_fields.items())


@dataclass(frozen=True, slots=True)
class Draft:
    """A rule whose keys, types and clauses are right.

    Attributes:
        sheet: Its file.
        path: Its table in the file.
        block: Its keys.
        when: Its clauses, checked.
        unless: Its exemptions, checked.
    """

    sheet: Sheet
    path: Path
    block: RuleBlock
    when: tuple[Clause, ...]
    unless: tuple[Clause, ...]

    @property
    def line(self) -> int:
        """Where its header stands, 1-based."""
        return self.sheet.spot(self.path).key.line


class Reader:
    """Reads the files of one rule set and gathers mistakes.

    Args:
        lists: Entries of each list by its name.
        clocks: Ids of the event clocks there are; None where that is not known.
        trusted: They were in force before: what is too costly today is let through.
    """

    def __init__(
        self, lists: Mapping[str, tuple[str, ...]], clocks: Collection[str] | None, *, trusted: bool = False
    ) -> None:
        self.trusted = trusted
        self.lists = lists
        self.clocks = clocks
        self.mistakes: list[Mistake] = []
        self.drafts: list[Draft] = []
        self.first: dict[str, str] = {}

    def read(self, sheet: Sheet) -> int:
        """Read a file of rules; tells how many [[rule]] tables it has, right or wrong."""
        document = sheet.read()
        if isinstance(document, Mistake):
            self.mistakes.append(document)
            return 1  # a broken file is no empty file
        for key in document:
            if key != "rule":
                hint = "did you mean [[rule]]?" if get_close_matches(key, ["rule"], cutoff=0.6) else ""
                self.mistakes.append(
                    sheet.key((key,), f"unknown table or key '{key}': a rule file holds [[rule]] tables", hint)
                )
        blocks = document.get("rule", [])
        if not isinstance(blocks, list):
            self.mistakes.append(sheet.key(("rule",), "a rule begins with two brackets", "[[rule]]"))
            return 1
        for number, block in enumerate(blocks):
            if isinstance(block, dict):
                self._block(sheet, ("rule", number), block)
            else:
                self.mistakes.append(sheet.value(("rule", number), "a rule is a table that begins with [[rule]]"))
        return len(blocks)

    def _block(self, sheet: Sheet, path: Path, given: dict[str, Any]) -> None:
        before = len(self.mistakes)
        when = self._clauses(sheet, (*path, "when"), given.get("when"))
        unless = self._clauses(sheet, (*path, "unless"), given.get("unless"))
        try:
            block = RuleBlock.model_validate(given)
        except ValidationError as error:
            self.mistakes.extend(_said(sheet, path, one) for one in error.errors(include_url=False))
        else:
            self._sense(sheet, path, block)
            if len(self.mistakes) == before:
                self.drafts.append(Draft(sheet, path, block, when, unless))

    def _clauses(self, sheet: Sheet, path: Path, given: object) -> tuple[Clause, ...]:
        clauses: list[Clause] = []
        for number, text in enumerate(given if isinstance(given, list) else []):
            if isinstance(text, str):
                found = check(text, self.lists, self.clocks, trusted=self.trusted)
                if isinstance(found, Clause):
                    clauses.append(found)
                else:
                    here = (*path, number)
                    self.mistakes.extend(sheet.inside(here, one.start, one.end, one.reason, one.hint) for one in found)
        return tuple(clauses)

    def _sense(self, sheet: Sheet, path: Path, block: RuleBlock) -> None:
        """What types cannot say."""
        place = f"{sheet.name}:{sheet.spot(path).key.line}"
        first = self.first.setdefault(block.id, place)
        if first != place:
            self.mistakes.append(sheet.value((*path, "id"), f"the id '{block.id}' is taken by the rule at {first}"))
        if block.action is None and not (block.tag or block.strand or block.score or block.redact):
            self.mistakes.append(
                sheet.key(path, f"the rule '{block.id}' does nothing: give it an action, score, tag, strand or redact"),
            )
        if block.action == "wait" and block.until is None:
            self.mistakes.append(
                sheet.value((*path, "action"), "wait needs 'until': the time when the post is decided again"),
            )
        if block.start and block.until and block.start >= block.until:
            self.mistakes.append(sheet.value((*path, "until"), "'until' lies before 'from', so the rule never acts"))
        for number, tag in enumerate(block.tag):
            if not tidy_tag(tag):
                self.mistakes.append(sheet.value((*path, "tag", number), "the tag is empty"))


def _said(sheet: Sheet, path: Path, error: ErrorDetails) -> Mistake:
    """Say in our words what pydantic found."""
    where: Path = (*path, *error["loc"])
    key = str(error["loc"][0])
    given = error.get("input")
    match error["type"]:
        case "extra_forbidden":
            near = get_close_matches(key, KEYS, n=1, cutoff=0.6)
            known = f"a rule has {', '.join(KEYS)}"
            return sheet.key(where, f"unknown key '{key}'", f"did you mean '{near[0]}'?" if near else known)
        case "missing":
            return sheet.key(path, f"the rule has no '{key}'")
        case "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
            near = get_close_matches(str(given), words, n=1, cutoff=0.5)
            return sheet.value(
                where, f"must be {expected}, not '{given}'", f"did you mean '{near[0]}'?" if near else ""
            )
        case "string_pattern_mismatch" if key == "id":
            return sheet.value(where, "an id is lower-case words with hyphens", "first-time-links")
        case "string_pattern_mismatch":
            return sheet.value(where, "an id of a strand is lower case, without '#'", "getinspired")
        case "string_type":
            entry = "an entry of " if len(error["loc"]) > 1 else ""
            return sheet.value(where, f"{entry}'{key}' must be a text in quotes")
        case "list_type":
            example = "['clause']" if key in {"when", "unless"} else '["…"]'
            return sheet.value(where, f"'{key}' must be a list", f"{key} = {example}")
        case "too_short":
            return sheet.value(where, f"'{key}' needs at least one clause")
        case "datetime_type" | "timezone_aware" | "value_error" if key in {"from", "until"}:
            return sheet.value(where, f"'{key}' needs date, time and zone", "2016-04-24T10:00:00+01:00")
        case "int_type" | "int_from_float":
            return sheet.value(where, f"'{key}' must be a whole number")
        case _:
            return sheet.value(where, f"'{key}': {error['msg'][:200]}")


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
