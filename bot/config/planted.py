"""Secrets that stand where they must not: in the configuration file, or as a password inside an address."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.config.draft import Draft
from bot.config.models import STORE_SECRETS, Models, label, row_name, sections
from bot.config.secrets import places_for
from bot.config.words import looks_secret, meant
from bot.core.errors import Mistake
from bot.core.toml_places import Path as Keys

_IN_ADDRESS = re.compile(r"(://[^/?#@\s:]*):[^/?#\s]*@")
_IN_STORE = re.compile(r"(://[^@\s:]*):[^?\s]*@")
_IN_QUERY = re.compile(r"[?&](?:password|passfile|sslpassword)=[^&#\s]*", re.IGNORECASE)


def take_out(draft: Draft, models: Models) -> list[Mistake]:
    """Remove every secret from the draft and from the excerpts of its document.

    Returns:
        One mistake for each; none of them holds the value.
    """
    keys = list(_secret_keys(draft, models))
    addresses = [path for path, value in _texts(draft.table, ()) if _without_password(path, value) != value]
    addresses = [path for path in addresses if not any(path[: len(key)] == key for key in keys)]
    draft.document = draft.document.hiding([*keys, *addresses])
    mistakes = []
    for path in keys:
        table = draft.value(path[:-1])
        del table[path[-1]]
        draft.cleared.add(path)
        what, hint = _advice(draft, models, path)
        mistakes.append(draft.at_key(path, f'"{path[-1]}" is a secret and must not stand in this file: {what}', hint))
    for path in addresses:
        holder = draft.value(path[:-1])
        holder[path[-1]] = _without_password(path, holder[path[-1]])
        draft.masked.add(path)
        what, hint = _advice(draft, models, (*path, "password"))
        mistakes.append(draft.at_value(path, f"an address must not hold a password: {what}", hint))
    return mistakes


def _secret_keys(draft: Draft, models: Models) -> Iterator[Keys]:
    known: dict[Keys, set[str]] = {}
    for section in sections(draft.table, models):
        known[section.path] = set(section.fields) - set(_names(draft, models, section.path))
    yield from _below(draft.table, (), known, draft, models)


def _below(value: Any, path: Keys, known: Mapping[Keys, set[str]], draft: Draft, models: Models) -> Iterator[Keys]:
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _below(part, (*path, number), known, draft, models)
    elif isinstance(value, dict):
        for key, part in value.items():
            here = (*path, key)
            if key not in known.get(path, ()) and (key in _names(draft, models, path) or looks_secret(key)):
                yield here
            else:
                yield from _below(part, here, known, draft, models)


def _names(draft: Draft, models: Models, path: Keys) -> tuple[str, ...]:
    """The secrets that belong to the block at or around a path."""
    match path:
        case (("source" | "account" | "alarm") as side, int(number), *_):
            row = draft.value((side, number))
            return models.secrets(side, row.get("kind")) if isinstance(row, dict) else ()
        case ("store", *_):
            return STORE_SECRETS
        case _:
            return ()


def _texts(value: Any, path: Keys) -> Iterator[tuple[Keys, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, part in value.items():
            yield from _texts(part, (*path, key))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, (*path, number))


def _without_password(path: Keys, value: str) -> str:
    if path[:1] == ("store",):
        return _IN_QUERY.sub("", _IN_STORE.sub(r"\1@", value))
    return _IN_ADDRESS.sub(r"\1@", value)


def _advice(draft: Draft, models: Models, path: Keys) -> tuple[str, str]:
    """What to do with a secret, and where it may stand."""
    names = _names(draft, models, path[:-1])
    if not names:
        return f"take it out, {label(draft.table, _block(path))} needs no secret", ""
    wanted = str(path[-1])
    name = wanted if wanted in names else meant(wanted, names, 0.0) or names[0]
    owner = "store" if path[0] == "store" else row_name(draft.table, path) or "NAME"
    environment, file, credential = places_for(owner, name)
    return "take it out", f"give it as {environment}, as a file named by {file}, or as the credential {credential}"


def _block(path: Keys) -> Keys:
    return path[:2] if len(path) > 2 and isinstance(path[1], int) else path[: min(1, len(path) - 1)]
