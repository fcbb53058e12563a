"""A draft becomes settings, or every one of its mistakes is told."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from bot.config.document import Trust
from bot.config.draft import Draft
from bot.config.models import (
    COMMON,
    NAMED,
    SIDES,
    Models,
    Section,
    bare,
    block_model,
    fields_of,
    label,
    own_model,
    row_model,
    sections,
    text_of,
)
from bot.config.reasons import explain, unknown_key, with_zone, wrong_type
from bot.config.settings import Settings
from bot.config.words import did_you_mean, meant, shown
from bot.core.errors import Mistake
from bot.core.toml_places import Path as Keys

_EXACT: Mapping[type, tuple[type, ...]] = {bool: (bool,), int: (int,), float: (int, float), datetime: (datetime, str)}


def check(draft: Draft, models: Models) -> tuple[Settings | None, list[Mistake]]:
    """Validate a draft block by block.

    Returns:
        The settings, None where there is any mistake; and the mistakes, in no order, at most one for each value.
    """
    found: dict[Keys, Mistake] = {}
    for section in sections(draft.table, models):
        for path, mistake in _section(draft, section, models):
            found.setdefault(path, mistake)
    table = _without(draft.table, tuple(found))
    rows = {side: [_split(row, side) for row in _rows(table, side)] for side in SIDES}
    own: dict[Keys, BaseModel] = {}
    for side in SIDES:
        for number, row in enumerate(_rows(table, side)):
            if isinstance(row, dict) and (model := own_model(models, side, row)):
                try:
                    own[side, number] = _absolute(model.model_validate(rows[side][number][1]), draft)
                except ValidationError as error:
                    _note(draft, error, (side, number), found, models)
    try:
        settings = Settings.model_validate({**table, **{side: [common for common, _ in rows[side]] for side in SIDES}})
    except ValidationError as error:
        _note(draft, error, (), found, models)
        return None, list(found.values())
    if found or len(own) < sum(len(rows[side]) for side in SIDES):  # a broken line took a needed key with it
        return None, list(found.values())
    made: dict[str, Any] = {
        side: tuple(
            block.model_copy(update={"own": own[side, number]}) for number, block in enumerate(getattr(settings, side))
        )
        for side in SIDES
    }
    return settings.model_copy(update=made), []


def absolute(folder: Path, path: Path) -> Path:
    """A path that starts at a folder; "~/" is the user's home, where the user has one."""
    if path.parts[:1] == ("~",):
        try:
            return path.expanduser()
        except RuntimeError:
            return folder / path
    return folder / path


def _absolute(own: BaseModel, draft: Draft) -> BaseModel:
    """A platform's settings whose fields of type `Path` start at the file's folder."""
    folder = Path(draft.document.file).absolute().parent
    paths = {
        name: absolute(folder, value)
        for name in type(own).model_fields
        if isinstance(value := getattr(own, name), Path)
    }
    return own.model_copy(update=paths) if paths else own


def _section(draft: Draft, section: Section, models: Models) -> Iterator[tuple[Keys, Mistake]]:
    """What can be said of one block without pydantic: unknown keys, kinds, wrong types."""
    block = label(draft.table, section.path)
    for key, value in section.table.items():
        path = (*section.path, key)
        if key not in section.fields:
            if section.complete:
                reason, hint = _unknown(draft, section, key, value, models)
                yield path, draft.at_key(path, reason, hint)
            continue
        annotation = bare(section.fields[key].annotation)
        if block_model(annotation) and not isinstance(value, dict):
            many = isinstance(value, list) and all(isinstance(row, dict) for row in value)
            reason = f"[[{key}]] stands for one block only" if many else f'"{key}" must be a block'
            yield path, draft.at_key(path, reason, f"write [{key}]")
        elif row_model(annotation) and not isinstance(value, list):
            yield path, draft.at_key(path, f'"{key}" is a list of blocks', f"write [[{key}]]")
        elif not draft.variable(path) and (exact := _EXACT.get(annotation)):
            is_bool = isinstance(value, bool) and annotation is not bool
            if not isinstance(value, exact) or is_bool:
                kind = f"{annotation.__name__}_type"
                if annotation is not datetime or isinstance(value, int | float):
                    yield path, draft.at_value(path, *(wrong_type(kind, key, value) or ("", "")))
    if not section.complete and section.path[0] in COMMON and (kind := text_of(section.table.get("kind"))):
        kinds = sorted(models.kinds(next(side for side in SIDES if side == section.path[0])))
        path = (*section.path, "kind")
        yield (
            path,
            draft.at_value(
                path, f"{shown(kind)} is no kind of {section.path[0]} (in {block})", did_you_mean(kind, kinds)
            ),
        )


def _unknown(draft: Draft, section: Section, key: str, value: object, models: Models) -> tuple[str, str]:
    block = label(draft.table, section.path)
    is_row = isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)
    if not section.path and (is_row or isinstance(value, dict)):
        heads = {
            name: f"[[{name}]]" if row_model(field.annotation) else f"[{name}]"
            for name, field in section.fields.items()
        }
        reason = f"unknown block {f'[[{shown(key)[1:-1]}]]' if is_row else f'[{shown(key)[1:-1]}]'}"
        near = meant(key, heads)
        return reason, f"did you mean {heads[near]}?" if near else f"known here: {', '.join(heads.values())}"
    elsewhere = [
        label(draft.table, other.path)
        for other in sections(draft.table, models)
        if key in other.fields and len(other.path) == 1
    ]
    return unknown_key(key, block, list(section.fields), elsewhere)


def _rows(table: Mapping[str, Any], side: str) -> list[Any]:
    rows = table.get(side, [])
    return rows if isinstance(rows, list) else []


def _split(row: Any, side: str) -> tuple[Any, dict[str, Any]]:
    """A flat block as (what holds for every kind, the platform's own keys)."""
    if not isinstance(row, dict):
        return row, {}
    common = fields_of(COMMON[side])
    return {key: row[key] for key in row if key in common}, {key: row[key] for key in row if key not in common}


def _without(table: Mapping[str, Any], paths: tuple[Keys, ...]) -> dict[str, Any]:
    """The table without values that are known to be wrong; rows keep their places."""

    def keep(value: Any, path: Keys) -> Any:
        if isinstance(value, dict):
            return {key: keep(part, (*path, key)) for key, part in value.items() if (*path, key) not in paths}
        if isinstance(value, list):
            return [keep(part, (*path, number)) for number, part in enumerate(value)]
        return value

    return {key: keep(value, (key,)) for key, value in table.items() if (key,) not in paths}


def _as_text(draft: Draft, path: Keys, hint: str, models: Models) -> str:
    """A hint to put a number into quotes, or what would be wrong with it then."""
    written = str(draft.value(path))
    for section in sections(draft.table, models):
        if section.path == path[:-1] and (field := section.fields.get(str(path[-1]))):
            try:
                create_model("Alone", value=(bare(field.annotation), field)).model_validate({"value": written})
            except ValidationError as error:
                (detail, *_) = error.errors(include_url=False)
                return explain(detail["type"], str(path[-1]), written, detail.get("ctx", {}), detail["msg"])[1]
    return hint


def _note(draft: Draft, error: ValidationError, prefix: Keys, found: dict[Keys, Mistake], models: Models) -> None:
    for detail in error.errors(include_url=False):
        path = (*prefix, *detail["loc"])
        if any(path[:length] in found for length in range(1, len(path) + 1)):
            continue
        if detail["type"] == "missing":
            if draft.document.trust is Trust.WHOLE and path not in draft.cleared:
                found[path] = _missing(draft, path)
            continue
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # pydantic counts only the elements that are right; the wrong ones are told themselves
        if detail["type"] == "extra_forbidden":
            found[path] = draft.at_key(path, *unknown_key(str(path[-1]), label(draft.table, path[:-1]), (), ()))
            continue
        key = next((str(part) for part in reversed(path) if isinstance(part, str)), "")
        if path and isinstance(path[-1], int) and detail["type"] == "value_error" and len(path) == len(prefix):
            words = f"{label(draft.table, path)}: {detail['ctx']['error']}"
            found[path] = draft.at_key(path, words)
            continue
        if path in draft.masked:
            continue  # what is left of it is not what was written, and the password was told
        reason, hint = explain(detail["type"], key, detail["input"], detail.get("ctx", {}), detail["msg"])
        if detail["type"] == "naive" and (complete := with_zone(detail["input"], _zone(draft, path))):
            reason, hint = reason.partition(": ")[0], complete
        if detail["type"] == "string_type" and hint:
            hint = _as_text(draft, path, hint, models)
        found[path] = draft.at_value(path, reason, hint)


def _missing(draft: Draft, path: Keys) -> Mistake:
    key = path[-1]
    if len(path) == 1:
        return Mistake(draft.document.file, 0, 1, f"the block [{key}] is missing", hint=f'add [{key}] with name = "…"')
    block = label(draft.table, path[:-1])
    return draft.at_key(path[:-1], f'"{key}" is missing in {block}', f"add {key} = …")


def _zone(draft: Draft, path: Keys) -> str:
    """The zone that a moment without zone was probably meant in."""
    own = draft.value((*path[:-1], "zone"))
    return text_of(own) or text_of(draft.value(("event", "zone"))) or "UTC"


def named_rows(table: Mapping[str, Any], block: str) -> Iterator[tuple[Keys, str]]:
    """The names of a block's rows with the paths of these names, in the order of the file."""
    for number, row in enumerate(_rows(table, block)):
        if isinstance(row, dict) and (name := text_of(row.get(NAMED[block]))):
            yield (block, number, NAMED[block]), name
