"""Settings from the environment: `MILEPOST_PAGE__PORT=8017`, laid over those of the file."""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic.fields import FieldInfo

from bot.config.draft import Draft
from bot.config.models import NAMED, Models, Section, block_model, is_list, row_model, row_name, sections
from bot.config.secrets import environment_name, places_for
from bot.config.words import meant
from bot.core.errors import Mistake
from bot.core.toml_places import Path as Keys

PREFIX = "MILEPOST_"
NOT_SETTINGS: Mapping[str, str] = {
    "MILEPOST_CONFIG": "the configuration file",
    "MILEPOST_REQUIRE": "`all` makes a skipped test a failure, and no test takes a sample",
    "MILEPOST_FUZZ": "`full` tries every random clause and rule file, not a sample",
}
"""Variables of ours that set nothing in the configuration, and what they are for."""


def overlay(
    draft: Draft,
    models: Models,
    wanted: Sequence[tuple[str, str]],
    environ: Mapping[str, str],
) -> tuple[list[Mistake], list[str]]:
    """Lay the environment over the draft.

    Args:
        draft: Changed in place.
        models: The platforms' keys.
        wanted: (owner, name) of every secret; their variables are no settings.
        environ: The environment; only names that begin with MILEPOST_ are looked at.

    Returns:
        Mistakes (variables that look like settings and are none, values that cannot be read) and warnings (variables
        that nobody uses). Neither shows the value of an unknown variable.
    """
    known = variables(draft, models)
    secret = {name for pair in wanted for name in places_for(*pair)[:2]}
    mistakes: list[Mistake] = []
    warnings: list[str] = []
    for name in sorted(name for name in environ if name.startswith(PREFIX)):
        if name in known:
            path, field = known[name]
            try:
                value = _read(environ[name], field)
            except ValueError:
                mistakes.append(
                    Mistake(name, 0, 1, "cannot be read: write it as in the file, e.g. [1, 2] or { a = 1 }")
                )
                continue
            _put(draft, path, value)
            draft.variables[path] = name
        elif name not in secret and name not in NOT_SETTINGS:
            _unknown(name, [*known, *secret, *NOT_SETTINGS], wanted, mistakes, warnings)
    return mistakes, warnings


def variables(draft: Draft, models: Models) -> Mapping[str, tuple[Keys, FieldInfo]]:
    """Every variable that sets something in this configuration, with what it sets."""
    known: dict[str, tuple[Keys, FieldInfo]] = {}
    for section in sections(draft.table, models):
        steps = _steps(draft, section)
        for key, field in section.fields.items():
            if steps is not None and not block_model(field.annotation) and not row_model(field.annotation):
                known[PREFIX + "__".join(environment_name(step) for step in (*steps, key))] = (
                    (*section.path, key),
                    field,
                )
    return known


def _steps(draft: Draft, section: Section) -> list[str] | None:
    """The names on the way to a block, None where a row on it has none."""
    steps: list[str] = []
    for at, step in enumerate(section.path):
        if isinstance(step, str):
            steps.append(step)
        elif at == 1 and section.path[0] in NAMED and (name := row_name(draft.table, section.path)):
            steps.append(name)
        else:
            return None
    return steps


def _read(text: str, field: FieldInfo) -> Any:
    """A variable's value as pydantic takes it; lists are written with commas or as in TOML.

    Raises:
        ValueError: It begins like a list or a block of TOML and is none.
    """
    plain = text.strip()
    if is_list(field.annotation) and not plain.startswith("["):
        return [part.strip() for part in plain.split(",") if part.strip()]
    if is_list(field.annotation) or plain.startswith("{"):
        try:
            return tomllib.loads(f"value = {plain}")["value"]
        except RecursionError:
            raise ValueError from None
    return text


def _put(draft: Draft, path: Keys, value: Any) -> None:
    here: Any = draft.table
    for key in path[:-1]:
        here = here.setdefault(key, {}) if isinstance(here, dict) else here[key]
    here[path[-1]] = value


def _unknown(
    name: str,
    known: Sequence[str],
    wanted: Sequence[tuple[str, str]],
    mistakes: list[Mistake],
    warnings: list[str],
) -> None:
    if "__" in name:
        asked = [places_for(*pair)[0] for pair in wanted]
        flat = name.replace("__", "_")
        near = next((place for place in asked if flat.endswith(place.removeprefix(PREFIX))), "") or _near(
            name, known, 0.6
        )
        hint = f"did you mean {near}?" if near else "`milepost config show` lists what is set"
        mistakes.append(Mistake(name, 0, 1, "there is no such setting", hint=hint))
    elif near := _near(name, known, 0.85):
        mistakes.append(Mistake(name, 0, 1, "there is no such variable", hint=f"did you mean {near}?"))
    else:
        warnings.append(f"{name} is set, but no setting, source or account uses it")


def _near(name: str, known: Sequence[str], cutoff: float) -> str:
    near = meant(name.removeprefix(PREFIX), [word.removeprefix(PREFIX) for word in known], cutoff)
    return f"{PREFIX}{near}" if near else ""
