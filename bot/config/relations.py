"""What blocks say of one another: names that stand twice, and names that nobody has."""

from collections.abc import Iterator

from bot.config.check import named_rows
from bot.config.draft import Draft
from bot.config.models import NAMED, SIDES, Models, label, text_of
from bot.config.secrets import environment_name
from bot.config.words import did_you_mean, shown
from bot.core.errors import Mistake

PAGE = "page"
_TAKEN = {"store": "the database"}


def relations(draft: Draft, models: Models) -> Iterator[Mistake]:
    """Mistakes between blocks, and against what platforms know; each block is looked at as it is written, right or wrong."""
    yield from _twice(draft)
    yield from _officials(draft, models)
    yield from _taken(draft)


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
