"""The tables of a rule file: their keys, types and meanings, and what is said where one is wrong."""

from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails

from bot.core.errors import Mistake
from bot.core.rules.fields import FIELDS
from bot.core.rules.meeting import near
from bot.core.rules.values import Kind, in_utc
from bot.core.sheet import Sheet
from bot.core.toml_places import Path

Moment = Annotated[datetime, AfterValidator(in_utc)]
Text = Annotated[str, Field(max_length=2_000)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
LIMIT_BY = tuple(name for name, field in FIELDS.items() if field.kind is Kind.TEXT)


class LimitBlock(BaseModel):
    """How much may be published in a while.

    Attributes:
        count: So many posts.
        per: In so long, as "10m".
        by: Field of text that is counted by, as "author.id"; left out, all posts count together.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    count: int = Field(ge=1, le=100_000)
    per: str
    by: str = ""


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
        accounts: Where the update goes beside the page, instead of the strand's accounts.
        limit: How much may be published in a while: what comes after it meets the action.
        when: Clauses that must all hold.
        unless: Clauses of which none may hold.
        start: Key `from`: not before.
        until: Not at or after; for `wait`, when the embargo ends.
        mode: live, shadow (counted, never acting) or off.
        fuse: off lets a fresh rule act however much it drops or holds.
        catches: Examples that it must match.
        spares: Examples that it must not match.
        todo_catches: Examples that it should match and does not yet.
        todo_spares: Examples that it should not match and still does.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)

    id: Id
    about: Text = ""
    owner: Text = ""
    action: Literal["drop", "hold", "wait", "publish"] | None = None
    tag: list[Text] = []
    strand: str = Field(default="", pattern=r"^([a-z0-9][a-z0-9_-]{0,39})?$")
    score: int = Field(default=0, ge=-1_000, le=1_000)
    redact: list[Literal["phone", "email"]] = []
    accounts: list[str] | None = Field(default=None, min_length=1)
    limit: LimitBlock | None = None
    when: list[str] = Field(min_length=1)
    unless: list[str] = []
    start: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None
    mode: Literal["live", "shadow", "off"] = "live"
    fuse: Literal["on", "off"] = "on"
    catches: list[Any] = []
    spares: list[Any] = []
    todo_catches: list[Any] = []
    todo_spares: list[Any] = []


class FileBlock(BaseModel):
    """[file]: what holds for every rule of this file.

    Attributes:
        unless: Clauses of which none may hold, for every rule of this file.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    unless: list[str] = []


class CaseBlock(BaseModel):
    """[[case]]: an example of the whole set, with all rules of the folder.

    Attributes:
        about: What it shows.
        post: The post: a text, or a table of the fields that matter.
        now: The moment of judging.
        expect: The verdict that the rules must give.
        by: Id of the rule that must decide.
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    about: Text = ""
    post: Any
    now: Any = None
    expect: Literal["drop", "hold", "wait", "publish"]
    by: Id | None = None


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a table, as files write them, in the order of the guide."""
    return tuple(field.alias or name for name, field in model.model_fields.items())


KEYS = keys_of(RuleBlock)


def said(sheet: Sheet, path: Path, error: ErrorDetails, table: str, known: tuple[str, ...]) -> Mistake:
    """Say in our words what pydantic found; `table` is what the keys belong to."""
    place = error["loc"]
    where: Path = (*path, *place)
    if place[0] == "limit" and len(place) > 1:
        place, table, known = place[1:], "limit", keys_of(LimitBlock)
    key = str(place[0])
    given = error.get("input")
    match error["type"]:
        case "extra_forbidden":
            return sheet.key(where, f"unknown key '{key}'", near(key, known) or f"a {table} has {', '.join(known)}")
        case "missing":
            return sheet.key(where[:-1], f"the {table} has no '{key}'")
        case "literal_error":
            expected = str(error.get("ctx", {}).get("expected", ""))
            words = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
            close = get_close_matches(str(given), words, n=1, cutoff=0.5)
            return sheet.value(
                where, f"must be {expected}, not '{given}'", f"did you mean '{close[0]}'?" if close else ""
            )
        case "string_pattern_mismatch" if key in {"id", "by"}:
            return sheet.value(where, "an id is lower-case words with hyphens", "first-time-links")
        case "string_pattern_mismatch":
            return sheet.value(where, "an id of a strand is lower case, without '#'", "getinspired")
        case "string_type":
            entry = "an entry of " if len(place) > 1 else ""
            return sheet.value(where, f"{entry}'{key}' must be a text in quotes")
        case "list_type":
            example = "['clause']" if key in {"when", "unless"} else '["…"]'
            return sheet.value(where, f"'{key}' must be a list", f"{key} = {example}")
        case "model_type":
            return sheet.value(
                where, f"'{key}' must be a table", 'limit = { count = 3, per = "10m", by = "author.id" }'
            )
        case "too_short":
            return sheet.value(where, f"'{key}' needs at least one {'clause' if key == 'when' else 'entry'}")
        case "datetime_type" | "timezone_aware" | "value_error" if key in {"from", "until"}:
            return sheet.value(where, f"'{key}' needs date, time and zone", "2016-04-24T10:00:00+01:00")
        case "int_type" | "int_from_float":
            return sheet.value(where, f"'{key}' must be a whole number")
        case _:
            return sheet.value(where, f"'{key}': {error['msg'][:200]}")
