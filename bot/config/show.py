"""The effective settings for people and scripts: value and origin of each; secrets only as "***"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from bot.config.load import Loaded
from bot.config.models import COMMON, NAMED, SIDES, STORE_SECRETS, Models
from bot.config.settings import Settings
from bot.config.words import as_text

_FALLBACKS: Mapping[str, str] = {
    "source.every": "collect.every",
    "source.backfill": "collect.backfill",
    "source.late_after": "collect.late_after",
    "clock.zone": "event.zone",
    "page.title": "event.name",
}


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One line of `config show`.

    Attributes:
        path: "page.port", "source.organiser.every".
        value: As text; a secret is "***" or "not given".
        origin: "config.toml:12", "MILEPOST_PAGE__PORT", "default", "as collect.every", "environment MILEPOST_…".
        is_secret: Whether `value` hides something.
    """

    path: str
    value: str
    origin: str
    is_secret: bool = False


def show(loaded: Loaded, models: Models) -> list[ShownSetting]:
    """Every setting in the order of the blocks, then every secret; a setting that takes another one shows that one's value."""
    settings = loaded.settings
    lines = [
        ShownSetting(path, as_text(value), loaded.origins.get(path, "default")) for path, value in _values(settings, "")
    ]
    values = {line.path: line.value for line in lines}
    lines = [_effective(line, values) for line in lines]
    wanted = [("store", "store", name) for name in STORE_SECRETS]
    for side in SIDES:
        for block in getattr(settings, side):
            wanted += [(f"{side}.{block.name}", block.name, name) for name in models.secrets(side, block.kind)]
    for path, owner, name in wanted:
        given = loaded.secrets.find(owner, name)
        lines.append(
            ShownSetting(f"{path}.{name}", "***" if given else "not given", loaded.secrets.where(owner, name), True)
        )
    return lines


def _values(block: BaseModel, prefix: str) -> Iterator[tuple[str, object]]:
    for name, field in type(block).model_fields.items():
        value = getattr(block, name)
        path = f"{prefix}{field.alias or name}"
        if name == "own" and type(block) in COMMON.values():
            if isinstance(value, BaseModel):
                yield from _values(value, prefix)
        elif isinstance(value, BaseModel):
            yield from _values(value, f"{path}.")
        elif isinstance(value, tuple | list) and value and all(isinstance(row, BaseModel) for row in value):
            for number, row in enumerate(value, start=1):
                name_of_row = getattr(row, NAMED[path]) if isinstance(block, Settings) and path in NAMED else number
                yield from _values(row, f"{path}.{name_of_row}.")
        elif value != () or not isinstance(block, Settings):
            yield path, value


def _effective(line: ShownSetting, values: Mapping[str, str]) -> ShownSetting:
    block, _, rest = line.path.partition(".")
    key = f"{block}.{rest.rpartition('.')[2]}"
    other = _FALLBACKS.get(key, "")
    if line.value or not other:
        return line
    return ShownSetting(line.path, values[other], f"as {other}")
