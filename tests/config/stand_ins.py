"""Small platforms of our own, so that these tests know nothing of the real ones; and a short way to load a text."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.config.load import Loaded, Models, load
from bot.core.errors import ConfigError

EVENT = '[event]\nname = "Race"\n'


class _Own(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Retry(_Own):
    times: int = Field(default=3, ge=0)


class Wire(_Own):
    """A source that has a secret, a block of its own and a key that only sounds like a secret."""

    url: str
    limit: int = Field(default=10, ge=1, le=100)
    speed: float = Field(default=1.0, ge=0)
    tags: tuple[str, ...] = ()
    max_tokens: int = 5
    retry: Retry = Retry()


class Wall(_Own):
    """An account that has a secret."""

    identifier: str
    service: str = "https://wall.example"


class Slip(_Own):
    """An account that writes into a file."""

    path: Path = Path("slip.jsonl")


class Tape(_Own):
    """A source without a secret, with two keys that must go together."""

    file: Path = Path("tape.jsonl")
    first: int = 0
    last: int = 9

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError("first must not come after last")
        return self


MODELS = Models(
    sources={"wire": Wire, "tape": Tape},
    accounts={"slip": Slip, "wall": Wall},
    source_secrets={"wire": ("api_key",)},
    account_secrets={"wall": ("password",)},
    platforms={"wire": "id:", "x": ""},
)


def loaded(folder: Path, text: str, **environ: str) -> Loaded:
    """Load a text as config.toml of a folder."""
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8", newline="")
    return load(path, models=MODELS, environ=environ)


def told(folder: Path, text: str, **environ: str) -> str:
    """What a person is told about a text with mistakes, with the folder's name cut off; "" where there are none."""
    try:
        loaded(folder, text, **environ)
    except ConfigError as error:
        return str(error).replace(f"{folder}/", "")
    return ""
