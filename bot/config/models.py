"""The shape of a configuration: which blocks stand where, and which keys each of them knows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.config.settings import AccountSettings, AlarmSettings, Settings, SourceSettings
from bot.core.toml_places import Path as Keys

Side = Literal["source", "account", "alarm"]
SIDES: tuple[Side, ...] = ("source", "account", "alarm")
COMMON: Mapping[str, type[BaseModel]] = {"source": SourceSettings, "account": AccountSettings, "alarm": AlarmSettings}
NAMED: Mapping[str, str] = {"clock": "id", "strand": "id", "source": "name", "account": "name", "alarm": "name"}
STORE_SECRETS = ("password",)


@dataclass(frozen=True, slots=True)
class Models:
    """What the platforms know, by kind; `app` hands it in.

    Attributes:
        sources: Settings model of a source's own keys.
        accounts: Settings model of an account's own keys.
        source_secrets: Names of the secrets that a source of this kind may need.
        account_secrets: Names of the secrets that an account of this kind may need.
        platforms: Where posts can come from, each with how its permanent account ids begin; "" where that is not known.
            Empty where the platforms are not known.
        alarms: Settings model of an alarm's own keys.
        alarm_secrets: Names of the secrets that an alarm of this kind may need.
    """

    sources: Mapping[str, type[BaseModel]]
    accounts: Mapping[str, type[BaseModel]]
    source_secrets: Mapping[str, tuple[str, ...]]
    account_secrets: Mapping[str, tuple[str, ...]]
    platforms: Mapping[str, str] = field(default_factory=dict)
    alarms: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    alarm_secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def kinds(self, side: Side) -> Mapping[str, type[BaseModel]]:
        """The settings models of one side."""
        return {"source": self.sources, "account": self.accounts, "alarm": self.alarms}[side]

    def secrets(self, side: Side, kind: object) -> tuple[str, ...]:
        """Names of the secrets of a kind, none for an unknown one."""
        names = {"source": self.source_secrets, "account": self.account_secrets, "alarm": self.alarm_secrets}[side]
        return names.get(kind, ()) if isinstance(kind, str) else ()


@dataclass(frozen=True, slots=True)
class Section:
    """One block with the keys that may stand in it.

    Attributes:
        path: Where it stands; empty for the top level.
        table: What is written in it; empty where it is not written.
        fields: The known keys.
        complete: False where a kind is unknown, so that other keys may be right as well.
    """

    path: Keys
    table: Mapping[str, Any]
    fields: Mapping[str, FieldInfo]
    complete: bool = True


def sections(table: Mapping[str, Any], models: Models) -> Iterator[Section]:
    """Every known block, outer before inner; a block of which there can be one is named also where it is not written."""
    yield from _walk(Section((), table, fields_of(Settings)), models)


def _walk(section: Section, models: Models) -> Iterator[Section]:
    yield section
    for key, known in section.fields.items():
        path = (*section.path, key)
        value = section.table.get(key, {})
        if (model := block_model(known.annotation)) and isinstance(value, dict):
            yield from _walk(Section(path, value, fields_of(model)), models)
        elif (model := row_model(known.annotation)) and isinstance(value, list):
            for number, row in enumerate(value):
                if isinstance(row, dict):
                    yield from _walk(_row(section.path, (*path, number), row, model, models), models)


def _row(outer: Keys, path: Keys, row: Mapping[str, Any], model: type[BaseModel], models: Models) -> Section:
    side = next((side for side in SIDES if side == path[0]), None)
    if outer or side is None:
        return Section(path, row, fields_of(model))
    own = own_model(models, side, row)
    return Section(path, row, {**(fields_of(own) if own else {}), **fields_of(model)}, complete=own is not None)


def own_model(models: Models, side: Side, row: Mapping[str, Any]) -> type[BaseModel] | None:
    """The settings model of a row's own keys, None where its kind is absent or unknown."""
    kind = text_of(row.get("kind"))
    return models.kinds(side).get(kind) if kind else None


def fields_of(model: type[BaseModel]) -> Mapping[str, FieldInfo]:
    """The keys of a block by their names in the file; `own` is not one of them."""
    model.model_rebuild()  # a field may have named a model that was written further down
    hidden = {"own"} if model in COMMON.values() else set()
    return {field.alias or name: field for name, field in model.model_fields.items() if name not in hidden}


def bare(annotation: Any) -> Any:
    """A type without its "or None"."""
    if get_origin(annotation) in {Union, UnionType}:
        rest = [part for part in get_args(annotation) if part is not type(None)]
        return bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


def block_model(annotation: Any) -> type[BaseModel] | None:
    """The model behind a field that is one block."""
    kind = bare(annotation)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def row_model(annotation: Any) -> type[BaseModel] | None:
    """The model behind a field that is a list of blocks."""
    kind = bare(annotation)
    return block_model(get_args(kind)[0]) if is_list(kind) and get_args(kind) else None


def is_list(annotation: Any) -> bool:
    """Whether a field holds several values."""
    kind = bare(annotation)
    return (get_origin(kind) or kind) in {tuple, list, set, frozenset}


def text_of(value: object) -> str:
    """A written text without blanks around it, "" for all else."""
    return value.strip() if isinstance(value, str) else ""


def row_name(table: Mapping[str, Any], path: Keys) -> str:
    """The name of the row that a path leads into (("source", 0, …)), "" where it has none."""
    rows = table.get(str(path[0])) if path else None
    if len(path) < 2 or not isinstance(rows, list) or not isinstance(path[1], int) or path[1] >= len(rows):
        return ""
    row = rows[path[1]]
    return text_of(row.get(NAMED.get(str(path[0]), "name"))) if isinstance(row, dict) else ""


def label(table: Mapping[str, Any], path: Keys) -> str:
    """A block as a person knows it: `[page]`, `[[source]] "organiser"`, `the top level`."""
    match path:
        case ():
            return "the top level"
        case (str(block), int(number), *inner):
            name = row_name(table, path)
            row = f'[[{block}]] "{name}"' if name else f"[[{block}]] number {number + 1}"
            return f"{'.'.join(map(str, inner))} of {row}" if inner else row
        case _:
            return f"[{'.'.join(map(str, path))}]"


def dotted(table: Mapping[str, Any], path: Keys) -> str:
    """A path for people: `page.port`, `source.organiser.every`; a row without a name goes by its number from 1."""
    name = row_name(table, path) if path and path[0] in NAMED else ""
    parts = (path[0], name, *path[2:]) if name else path
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in parts)
