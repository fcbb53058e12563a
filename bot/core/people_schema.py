"""What editors are told of the file of people: its JSON Schema."""

from typing import Any

from bot.core.people import account_forms

FILE = "people.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of `people.toml`, for editors (`#:schema ./people.schema.json` in its first line).

    Returns:
        Plain data for `json.dumps`; the same every time.
    """
    account = {
        "type": "string",
        "anyOf": [{"pattern": f"^{platform}:(?:{form})$"} for platform, form in account_forms().items()],
        "description": '"platform:permanent account id", never a handle: `milepost people HANDLE` shows it.',
    }
    person = {
        "description": "One person, with all accounts that are theirs.",
        "type": "object",
        "properties": {
            "id": {
                "type": "string",
                "pattern": "^[A-Za-z0-9-]*[A-Za-z0-9][A-Za-z0-9-]*$",
                "description": "The desk's own name for them: letters, digits and '-'; each once.",
            },
            "name": {"type": "string", "minLength": 1, "description": "As readers know them."},
            "accounts": {
                "type": "array",
                "items": account,
                "minItems": 1,
                "uniqueItems": True,
                "description": "Every account of theirs; one account belongs to one person.",
            },
            "bib": {"type": ["string", "integer"], "description": "What timing calls them."},
            "races": {
                "type": "array",
                "items": {"type": "string", "minLength": 1},
                "minItems": 1,
                "description": "Ids of the races that the bib is for, as the plan and the sources of results call them.",
            },
            "why": {
                "type": "string",
                "minLength": 1,
                "description": "Why the desk watches them; readers never see it.",
            },
        },
        "additionalProperties": False,
        "required": ["id", "name"],
        "anyOf": [{"required": ["accounts"]}, {"required": ["bib", "races"]}],
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "People of Milepost",
        "description": "Who is who: one person, many accounts.",
        "x-tombi-toml-version": "v1.0.0",
        "type": "object",
        "properties": {"person": {"type": "array", "items": person}},
        "additionalProperties": False,
    }
