"""What blocks say of one another: names that stand twice, names that nobody has, and folders that would show too much."""

import os
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from bot.config.check import absolute, named_rows
from bot.config.draft import Draft
from bot.config.models import NAMED, SIDES, Models, bare, label, own_model, text_of
from bot.config.secrets import environment_name
from bot.config.settings import PageSettings, RightsSettings, RulesSettings, StoreSettings
from bot.config.words import did_you_mean, shown
from bot.core.errors import Mistake
from bot.core.rights import loosened
from bot.core.toml_places import Path as Keys

PAGE = "page"
_TAKEN = {"store": "the database"}
_SQLITE = "sqlite:///"
_FOLDERS = {
    "page": ("folder", PageSettings().folder),
    "rules": ("folder", RulesSettings().folder),
    "store": ("url", StoreSettings().url),
}


def relations(draft: Draft, models: Models) -> Iterator[Mistake]:
    """Mistakes between blocks, and against what platforms know; each block is looked at as it is written, right or wrong."""
    yield from _twice(draft)
    yield from _officials(draft, models)
    yield from _taken(draft)
    yield from _page_folder(draft)
    yield from _one_file(draft, models)
    yield from _rights(draft)


def sqlite_file(url: str) -> str:
    """The path of a SQLite URL's file as it is written, "" for a server and for a store in memory."""
    rest = url.removeprefix(_SQLITE)
    return "" if rest == url or rest.startswith((":memory:", "file:")) else rest.partition("?")[0]


def references(draft: Draft) -> Iterator[Mistake]:
    """Names of strands and accounts that do not exist; makes sense only where the whole file was read."""
    accounts = [name for _, name in named_rows(draft.table, "account")]
    strands = [name for _, name in named_rows(draft.table, "strand")]
    for (block, number, _), name in named_rows(draft.table, "strand"):
        wanted = draft.value((block, number, "accounts"))
        for place, account in enumerate(wanted if isinstance(wanted, list) else []):
            path = (block, number, "accounts", place)
            if account == PAGE:
                yield draft.at_value(path, "every update stands on the page", f'take "{PAGE}" out of "accounts"')
            elif text_of(account) and text_of(account) not in accounts:
                hint = did_you_mean(account, accounts) or "add an [[account]] of that name, or take it out"
                yield draft.at_value(
                    path, f'strand "{name}" names the account {shown(account)}, which does not exist', hint
                )
    sources = draft.value(("source",))
    for number, row in enumerate(sources if isinstance(sources, list) else []):
        strand = text_of(row.get("strand")) if isinstance(row, dict) else ""
        if strand and strand not in strands:
            block = label(draft.table, ("source", number))
            hint = did_you_mean(strand, strands) or "add a [[strand]] with that id, or take it out"
            yield draft.at_value(
                ("source", number, "strand"), f"{block} names the strand {shown(strand)}, which does not exist", hint
            )


def _twice(draft: Draft) -> Iterator[Mistake]:
    for block in NAMED:
        first: dict[str, tuple[str, int]] = {}
        for path, name in named_rows(draft.table, block):
            same = environment_name(name)
            if same not in first:
                first[same] = (name, draft.document.line(path))
                continue
            other, line = first[same]
            if other == name:
                reason = f'a second [[{block}]] is called "{name}"; the first stands in line {line}'
            else:
                reason = f'"{name}" and "{other}" (line {line}) are the same in the environment: {same}'
            yield draft.at_value(path, reason, f"give it {'an id' if NAMED[block] == 'id' else 'a name'} of its own")


def _officials(draft: Draft, models: Models) -> Iterator[Mistake]:
    first: dict[str, int] = {}
    rows = draft.value(("official",))
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        ids = row.get("ids") if isinstance(row, dict) else None
        for place, one in enumerate(ids if isinstance(ids, list) else []):
            path = ("official", number, "ids", place)
            if text_of(one) in first:
                reason = f"the account {shown(one)} already stands in line {first[text_of(one)]}"
                yield draft.at_value(path, reason, "one account belongs to one [[official]]")
            elif text_of(one):
                first[text_of(one)] = draft.document.line(path)
                if flaw := _flaw_of_id(text_of(one), models):
                    yield draft.at_value(path, *flaw)


def _flaw_of_id(one: str, models: Models) -> tuple[str, str] | None:
    """What keeps an account id from ever being anybody's, and what to do; None where nothing is known against it."""
    platform, mark, own = one.partition(":")
    if not mark or not own or not models.platforms:
        return None  # without a colon it is told already
    if platform not in models.platforms:
        return f"{shown(one)} is of no known platform", did_you_mean(platform, sorted(models.platforms))
    begins = models.platforms[platform]
    if own.startswith("@") or not own.startswith(begins):
        what = f"{shown(own)} is no permanent id of {platform}"
        return what, f'write "{platform}:{begins}…": handles change hands, so a person is known by the permanent id'
    return None


def _taken(draft: Draft) -> Iterator[Mistake]:
    for side in SIDES:
        for path, name in named_rows(draft.table, side):
            if name == PAGE and side == "account":
                yield draft.at_value(
                    path, '"page" is the name of the coverage page', "give the account a name of its own"
                )
            elif name in _TAKEN:
                yield draft.at_value(
                    path, f'"{name}" is the name of {_TAKEN[name]}', f"give the {side} a name of its own"
                )


def _page_folder(draft: Draft) -> Iterator[Mistake]:
    """The page is drawn for the whole world, so nothing that is not for it may lie in its folder or below."""
    folder = Path(draft.document.file).absolute().parent
    written: dict[str, tuple[Keys, str]] = {}
    for block, (key, default) in _FOLDERS.items():
        value = draft.value((block, key))
        written[block] = ((block, key), default if value is None else text_of(value))
    keys, name = written["page"]
    file = sqlite_file(written["store"][1])
    kept = {
        "the configuration": (keys, folder),
        "the rules": (written["rules"][0], absolute(folder, Path(written["rules"][1]))),
        "the store": (written["store"][0], absolute(folder, Path(file)).parent if file else None),
    }
    for what, (place, inside) in kept.items():
        if name and inside is not None and _lies_in(inside, absolute(folder, Path(name))):
            yield draft.at_value(
                keys if draft.value(keys) is not None else place,
                f"the folder of the page, {shown(name)}, would hold {what}: what lies there is for everybody",
                'give the page a folder of its own, such as "var/page"',
            )
            return


def _one_file(draft: Draft, models: Models) -> Iterator[Mistake]:
    """Accounts that would write into one file, each over the other's lines."""
    folder = Path(draft.document.file).absolute().parent
    first: dict[str, str] = {}
    rows = draft.value(("account",))
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        model = own_model(models, "account", row) if isinstance(row, dict) and row.get("enabled", True) else None
        for key, field in model.model_fields.items() if model else ():
            written = text_of(row.get(key))
            if bare(field.annotation) is not Path or not written:
                continue
            file, block = os.path.normpath(absolute(folder, Path(written))), label(draft.table, ("account", number))
            if file in first:
                reason = f"{block} would write into the file of {first[file]}, {shown(written)}"
                yield draft.at_value(("account", number, key), reason, "give each account a file of its own")
            first.setdefault(file, block)


def _rights(draft: Draft) -> Iterator[Mistake]:
    """What a source's rights allow although its platform does not, or although they forbid what it needs."""
    rows = draft.value(("source",))
    for number, row in enumerate(rows if isinstance(rows, list) else []):
        wanted = row.get("rights") if isinstance(row, dict) else None
        if not isinstance(wanted, dict):
            continue
        block = label(draft.table, ("source", number))
        try:
            asked: dict[str, object] = RightsSettings.model_validate(wanted).model_dump()
        except ValidationError:
            asked = wanted  # what is no yes and no no is told where it stands
        for name, why, allowed in loosened(text_of(row.get("kind")), asked):
            reason = f'"{name}" of {block} allows more than its platform: {why}'
            yield draft.at_value(("source", number, "rights", name), reason, f"write {allowed}, or take it out")
        for name in ("feeds", "quote"):
            if asked.get("full_text") is False and asked.get(name) is True:
                reason = f'"{name}" of {block} lets words out that may not even stand on the page'
                hint = f"write {name} = false, or full_text = true"
                yield draft.at_value(("source", number, "rights", name), reason, hint)


def _lies_in(inner: Path, outer: Path) -> bool:
    try:
        return Path(os.path.realpath(inner)).is_relative_to(os.path.realpath(outer))
    except ValueError:  # a name that no file can have
        return False
