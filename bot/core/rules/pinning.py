"""Editing a rule file for a person: an example more, another mode, and not one other letter.

tomlkit keeps comments and form. What it made is read again by `tomllib`, and anything but the wanted change is refused.
"""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT, Array, Table

from bot.core.errors import NotFoundError, RefusedError
from bot.core.rules.ruleset import Mode
from bot.core.rules.words import clean

_BOM = "\ufeff"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BEFORE_CATCHES = ("unless", "when")
_BEFORE_SPARES = ("catches", "unless", "when")
_BEFORE_MODE = ("about", "id")


def write_example(example: object) -> str:
    r"""Write an example on one line of TOML 1.0: a text, or a table of fields with dotted names.

    What cannot be seen is escaped ("\u202e"), so that a hostile post cannot change how the file looks. Lone surrogates become
    the replacement character.

    Raises:
        RefusedError: It holds something that no example holds.
    """
    if isinstance(example, Mapping):
        pairs = ", ".join(_pairs(example, ""))
        return f"{{ {pairs} }}" if pairs else "{}"
    return _value(example)


def _pairs(table: Mapping[str, object], before: str) -> list[str]:
    pairs = []
    for key, value in table.items():
        bare = key.isascii() and key.replace("-", "_").isidentifier()
        name = f"{before}{key if bare else _value(key)}"
        pairs += _pairs(value, f"{name}.") if isinstance(value, Mapping) and value else [f"{name} = {_value(value)}"]
    return pairs


def _value(value: object) -> str:
    match value:
        case str():
            return '"' + "".join(map(_escaped, clean(value))) + '"'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case datetime():
            return value.isoformat()
        case list() | tuple():
            return f"[{', '.join(map(_value, value))}]"
        case Mapping() if not value:
            return "{}"
    raise RefusedError(
        f"an example cannot hold {value!r}: write a text, a number, yes or no, a time or a list of texts"
    )


def _escaped(sign: str) -> str:
    plain = _ESCAPES.get(sign)
    if plain:
        return plain
    if sign.isprintable():
        return sign
    return f"\\u{ord(sign):04x}" if ord(sign) <= 0xFFFF else f"\\U{ord(sign):08x}"


def pin(text: str, rule: str, example: object, *, caught: bool) -> str:
    """Put an example into a rule.

    Args:
        text: The rule file.
        rule: The rule's id.
        example: A text or a table of fields, as `likeness.example_of` makes it.
        caught: Into `catches` (the rule must match it), else into `spares`.

    Returns:
        The file with the example at the end of the list; the same text where it stands there already. The rule need not agree
        with it yet: then the file is refused by `load` until a person has changed the rule.

    Raises:
        NotFoundError: The file has no such rule.
        RefusedError: The file is broken, the rule holds the opposite, or the file is written in a way that cannot be edited.
    """
    wanted = tomllib.loads(f"example = {write_example(example)}")["example"]
    key, other = ("catches", "spares") if caught else ("spares", "catches")
    edit = _Edit(text, rule)
    given = edit.block.get(key, [])
    if wanted in given:
        return text
    if wanted in edit.block.get(other, []):
        raise RefusedError(f"the rule '{rule}' has this example in {other}: take it out there first")
    table = edit.table
    if key in edit.block:
        array = table[key]
        if not isinstance(array, Array):
            raise edit.refused(f"add to {key}: {write_example(example)}")
        array.append(tomlkit.value(write_example(example)))
    else:
        edit.insert(key, f"[{write_example(example)}]", _BEFORE_CATCHES if caught else _BEFORE_SPARES)
    edit.block[key] = [*given, wanted]
    return edit.finished(f"add to {key}: {write_example(example)}")


def set_mode(text: str, rule: str, mode: Mode) -> str:
    """Set whether a rule acts.

    Returns:
        The file with the one line changed, added or, for a rule that shall act, taken out; a line with a comment is never
        taken out. The same text where it is so already.

    Raises:
        NotFoundError: The file has no such rule.
        RefusedError: The file is broken, or written in a way that cannot be edited.
    """
    edit = _Edit(text, rule)
    if edit.block.get("mode", Mode.LIVE.value) == mode.value:
        return text
    if "mode" not in edit.block:
        edit.insert("mode", f'"{mode.value}"', _BEFORE_MODE)
    elif mode is Mode.LIVE and not edit.table["mode"].trivia.comment:
        edit.table.remove("mode")
        del edit.block["mode"]
        return edit.finished("take the line 'mode' out")
    else:
        edit.table["mode"] = mode.value
    edit.block["mode"] = mode.value
    return edit.finished(f'write mode = "{mode.value}"')


class _Edit:
    """A rule file under the pen.

    Args:
        text: The file.
        rule: The rule that will be changed.
    """

    def __init__(self, text: str, rule: str) -> None:
        self.rule = rule
        self.bom = _BOM if text.startswith(_BOM) else ""
        self.text = text.removeprefix(_BOM)
        try:
            self.document: dict[str, Any] = tomllib.loads(self.text)
            self.pen = tomlkit.parse(self.text)
        except (TOMLKitError, ValueError, RecursionError) as error:
            raise RefusedError(f"the file of '{rule}' has mistakes: run `milepost rules check` first") from error
        blocks = self.document.get("rule", [])
        blocks = blocks if isinstance(blocks, list) else []
        self.number = next(
            (at for at, block in enumerate(blocks) if isinstance(block, dict) and block.get("id") == rule), -1
        )
        if self.number < 0:
            raise NotFoundError(f"there is no rule '{rule}' in this file")
        self.block: dict[str, Any] = blocks[self.number]

    @property
    def table(self) -> Table:
        """The rule as tomlkit holds it."""
        tables = self.pen.get("rule")
        if not isinstance(tables, AoT):
            raise self.refused("begin it with a line [[rule]]")
        return tables[self.number]

    def insert(self, key: str, value: str, before: tuple[str, ...]) -> None:
        """Write a new line behind the first of these keys that the rule has."""
        table = self.table
        anchor = next(name for name in (*before, *self.block) if name in self.block)
        name, item = next((name, item) for name, item in table.value.body if name and name.key == anchor)
        width = len(name.as_string()) + name.sep.find("=")  # the rule's own way of lining up its keys
        line_end = "\r\n" if "\r\n" in self.text else "\n"
        trail = item.trivia.trail
        ended = trail if trail.endswith("\n") else f"{trail}{line_end}"
        last = line_end if trail.endswith("\n") else ""
        item.trivia.trail = f"{ended}{item.trivia.indent}{key:<{max(width, len(key) + 1)}}= {value}{last}"

    def refused(self, instead: str) -> RefusedError:
        """The file cannot be edited by a machine."""
        return RefusedError(f"the rule '{self.rule}' is written in a way that cannot be edited here: {instead}")

    def finished(self, instead: str) -> str:
        """The new text, which says what `document` says now, and nothing else."""
        made = self.pen.as_string()
        try:
            same = tomllib.loads(made) == self.document
        except ValueError:
            same = False
        if not same:
            raise self.refused(instead)
        return self.bom + made
