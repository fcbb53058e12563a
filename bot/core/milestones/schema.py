"""What editors are told of the plan: its JSON Schema."""

from typing import Any

from bot.core.milestones.conditions import Outcome, Stage
from bot.core.milestones.plan import Late
from bot.core.milestones.reading_conditions import KINDS
from bot.core.model import Tone
from bot.core.results import Standing

FILE = "milestones.schema.json"
_ID = "^[A-Za-z0-9-]*[A-Za-z0-9][A-Za-z0-9-]*$"


def _text(about: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": about, **more}


def _one_of(words: Any, about: str) -> dict[str, Any]:
    return {"enum": [str(word) for word in words], "description": about}


def _table(properties: dict[str, Any], about: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "description": about, "properties": properties, "additionalProperties": False, **more}


def _list(items: dict[str, Any], about: str) -> dict[str, Any]:
    return {"type": "array", "items": items, "description": about}


def _condition() -> dict[str, Any]:
    """The keys that say what is waited for, at the top of a milestone and inside `all` and `any`."""
    duration = r"^-?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?$"
    several = _list({"$ref": "#/$defs/condition"}, "Conditions, each a table in braces.")
    return {
        "at": {"description": "A moment of the calendar, without quotes: 2016-04-24T13:15:00."},
        "clock": _text("Id of an event clock of the configuration."),
        "after": _text("How long it has run, or will: 4h, 1h30m, -15m.", pattern=duration),
        "reached": {
            "type": "integer",
            "minimum": 1,
            "description": "A count that is reached; `of` says what is counted.",
        },
        "of": _text(
            '"finishers" (of a race), "posts" (that came in), or the name of a number that a source of results tells.'
        ),
        "result": _one_of(Outcome, "How a race came out."),
        "race": _text("Id of the race, as the source of results names it."),
        "where": {
            "type": "object",
            "additionalProperties": {"type": ["string", "integer"]},
            "description": 'Fields of the source and what they must be: { gender = "F" }.',
        },
        "point": _text("A point of the course, as the source names it."),
        "under": _text('Only those who were there in less than this: "3h", "2:20:00".'),
        "rank": _text("The field that holds the place; without it the source's own."),
        "number": {"type": "integer", "minimum": 1, "description": "For the nth: which one."},
        "person": _text("Id of somebody with a bib in people.toml."),
        "is": _one_of(Stage, "What has become of the person."),
        "within": _text("For expected: so long before the finish that the pace foretells.", pattern=duration),
        "said": _text("Tag that a rule puts on posts: told once an official post, or two of people apart, carry it."),
        "told": _text("Id of another milestone of the plan that was told."),
        "all": several,
        "any": several,
    }


def _example() -> dict[str, Any]:
    row = {
        "race": _text("Id of the race."),
        "key": _text("The bib."),
        "name": _text("As it is to be written."),
        "place": {"type": "integer", "minimum": 1},
        "finish": _text('"2:03:05"'),
        "times": {"type": "object", "additionalProperties": {"type": "string"}, "description": "Splits by point."},
        "standing": _one_of(Standing, "How far the entrant has come; as the times say where it is left out."),
        "fields": {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        "source": _text("Who says so; timing where it is left out."),
    }
    properties = {
        "rows": _list(
            _table(row, "One entrant.", required=["race", "key"]), "What timing says, in the order in which it comes."
        ),
        "counts": {"type": "object", "additionalProperties": {"type": "integer"}},
        "marked": _list({"type": "string"}, "Tags of posts; the first is by an official."),
        "told": _list({"type": "string"}, "Milestones that were told."),
        "now": {"description": "The moment at which is looked."},
        "after": _text("The same, by the milestone's clock."),
        "says": _text("The words that are told, letter for letter."),
        "silent": {"const": True, "description": "Nothing is told."},
    }
    return _table(properties, "An example: it has says or silent, and must hold.")


def schema() -> dict[str, Any]:
    """The JSON Schema of `milestones.toml`, for editors (`#:schema ./milestones.schema.json` in its first line).

    Returns:
        Plain data for `json.dumps`; the same every time.
    """
    own = {
        "id": _text("Permanent: the store remembers it for ever.", pattern=_ID),
        "about": _text("For people who read the plan."),
        "text": _text("What is said: a template."),
        "title": _text("A heading, if any."),
        "plain": _text("What is said instead in quiet mode; without it the milestone waits until that is over."),
        "headline": _text("A bullet at the top of the page."),
        "slot": _text("Which bullet: a later milestone of the same slot takes its place.", pattern=_ID),
        "strand": _text("Line of coverage; its accounts carry it."),
        "accounts": _list({"type": "string"}, "Accounts of its own; [] for the page alone."),
        "tone": _one_of(Tone, "light stops in quiet mode; without it the strand's."),
        "late": _one_of(
            Late, "drop: found too late it is missed; say: it is told however late; fold: the next recap says it."
        ),
        "not_before": {"description": "A moment of the calendar before which it is not told."},
        "cool_down": _text("It keeps this distance to the last milestone of its strand."),
        "provisional": {"type": "boolean", "description": "Told with a label on one word that is not official."},
        "important": {"type": "boolean", "description": "A recap takes it up, as it does what has a headline."},
        "recap": _text("It sums up what was important for so long before it: {{ items }}."),
        "call": _text("It asks people for something and is open for so long: 1h30m."),
        "answers": _text("The source that the answers to a call come by; they are counted."),
        "picture": _text("A picture in the folder of rules: media/big-ben.jpg."),
        "alt": _text("What the picture shows, for those who cannot see it."),
        "examples": _list(_example(), "Tried at each check."),
    }
    race = {
        "id": _text("As the source of results names it."),
        "name": _text("As readers know it."),
        "clock": _text("Event clock of its start."),
        "record": _text('The time to beat: "2:02:57".'),
        "before": {
            "type": "integer",
            "minimum": 1,
            "description": "Finishers of earlier years: counts go on from there.",
        },
        "settle": _text("How long the best time must stand before it wins, where no places are told."),
        "official": _list({"type": "string"}, "Sources whose word is enough; all of them where this is left out."),
        "points": {
            "type": "object",
            "additionalProperties": {"type": "number"},
            "description": "Kilometres from the start.",
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Milestones of Milepost",
        "description": f"What is announced once, when it is reached. One of {', '.join(KINDS)}, at or clock says when.",
        "x-tombi-toml-version": "v1.0.0",
        "type": "object",
        "properties": {
            "times": _one_of(("3:35.21", "3:35:21"), "How running times are written."),
            "race": _list(_table(race, "A race.", required=["id"]), "Races that the plan speaks of."),
            "milestone": _list(
                _table(own | _condition(), "One milestone.", required=["id", "text"]), "What is announced."
            ),
        },
        "additionalProperties": False,
        "$defs": {"condition": _table(_condition(), "One condition.")},
    }
