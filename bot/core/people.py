"""Who is who over platforms: the desk's file of people, and web addresses that platforms have verified.

Two accounts are one person where the desk says so in `rules/people.toml`, or where platforms have checked that both own the
same web address. Nothing that an author writes is believed: no display name, no handle, no link in a text.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from yarl import URL

from bot.core.errors import Mistake, RuleError
from bot.core.idents import ident
from bot.core.model import Author
from bot.core.sheet import Sheet

FILE = "people.toml"
_KEYS = ("id", "name", "accounts", "bib", "races", "why")
_LONGEST_URL_CHARS = 2_000
_SHOWN_CHARS = 80
_MOST_VERIFIED = 16  # a server may give its accounts any number of fields


class _Ids(NamedTuple):
    """How the permanent account ids of one platform look.

    Attributes:
        form: What an id matches as a whole.
        looks: How to write one.
    """

    form: re.Pattern[str]
    looks: str


_PLATFORMS: Mapping[str, _Ids] = {
    "bluesky": _Ids(re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]+"), "did:plc:…"),
    "feeds": _Ids(re.compile(r"https?://[^\s/]+(?:/\S*)?"), "https://…"),
    "mastodon": _Ids(re.compile(r"https://[^\s/@]+\.[^\s/@]+/(?!@)\S+"), "https://SERVER/users/NAME"),
    "mail": _Ids(re.compile(r"mail:[0-9a-f]{24}"), "mail:…"),
    "inbox": _Ids(re.compile(r"inbox:[0-9a-f]{24}"), "inbox:…"),
    "x": _Ids(re.compile(r"[1-9][0-9]{0,19}"), "12345…"),
}
_CHECKERS = frozenset({"bluesky", "mastodon"})  # platforms that check who owns a web address
_BARE_HOST = re.compile(r"https://(?!www\.)(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the desk knows.

    Attributes:
        id: The desk's own name for them, unique in the file.
        name: As readers know them.
        accounts: `platform:permanent account id`, in the order of the file; empty only for somebody who has a bib.
        bib: What timing calls them, the same in all their races; "" for nobody who runs.
        races: Ids of the races that they are in.
        why: Why the desk watches them; for the desk alone.
    """

    id: str
    name: str
    accounts: tuple[str, ...] = ()
    bib: str = ""
    races: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """All people of the desk's file.

    Attributes:
        name: Content hash, 8 hex digits; "" where there is no file.
        persons: In the order of the file.
        by_author: From an author's short name (`ident(platform, account id)`) to the person's 64-bit key. Accounts with one
            key are one person; who is not in it is only themselves.
    """

    name: str = ""
    persons: tuple[Person, ...] = ()
    by_author: Mapping[int, int] = field(init=False, repr=False, compare=False)
    _owners: Mapping[str, Person] = field(init=False, repr=False, compare=False)
    _by_id: Mapping[str, Person] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out what is asked for each post."""
        owners = {account: person for person in self.persons for account in person.accounts}
        keys = {account: ident("person", person.id) for account, person in owners.items()}
        by_author = {ident(*_parts(account)): key for account, key in keys.items()}
        object.__setattr__(self, "_owners", owners)
        object.__setattr__(self, "_by_id", {person.id: person for person in self.persons})
        object.__setattr__(self, "by_author", by_author)

    def by_id(self, name: str) -> Person | None:
        """A person by the desk's own name; None where nobody is called so."""
        return self._by_id.get(name)

    def runners(self) -> dict[str, tuple[str, ...]]:
        """Who has a bib, by the desk's own name, with the races that it is for."""
        return {person.id: person.races for person in self.persons if person.bib}

    def of(self, platform: str, account_id: str) -> Person | None:
        """Whose account this is; None where the desk does not say."""
        return self._owners.get(f"{platform}:{account_id}")


def _parts(account: str) -> tuple[str, str]:
    platform, _, own = account.partition(":")
    return platform, own


def platforms() -> tuple[str, ...]:
    """Every platform that an account can be of, by the alphabet."""
    return tuple(sorted(_PLATFORMS))


def account_forms() -> dict[str, str]:
    """What permanent ids look like, as patterns that match them as a whole: by platform, by the alphabet."""
    return {platform: _PLATFORMS[platform].form.pattern for platform in platforms()}


# -- the desk's file --------------------------------------------------------------------------------------------------


def load(text: str, file: str = FILE, *, trusted: bool = False) -> People:
    """Read the desk's people.

    Args:
        text: TOML with `[[person]]` tables; "" and a file of comments alone mean nobody.
        file: As mistakes show it.
        trusted: It was in force before, under another version of this program perhaps: what this one cannot read is left out,
            and nothing is raised.

    Raises:
        RuleError: With every mistake, each with its place.
    """
    sheet = Sheet(file, text, "person")
    document = sheet.read()
    reader = _Reader(sheet, trusted=trusted)
    if isinstance(document, Mistake):
        reader.wrong.append(document)
        document = {}
    persons = reader.read(document)
    if reader.wrong and not trusted:
        raise RuleError(tuple(sorted(reader.wrong, key=lambda one: (one.line, one.column))))
    return People(sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8], tuple(persons))


class _Reader:
    """Reads the tables of one file and collects what is wrong in them."""

    def __init__(self, sheet: Sheet, *, trusted: bool) -> None:
        self.sheet = sheet
        self.trusted = trusted
        self.wrong: list[Mistake] = []
        self.ids: dict[str, int] = {}  # to the line where it stands first
        self.accounts: dict[str, int] = {}

    def read(self, document: Mapping[str, Any]) -> list[Person]:
        self.wrong.extend(
            self.sheet.key((key,), f"unknown key {key!r}: this file has [[person]] tables", "write [[person]]")
            for key in document
            if key != "person"
        )
        tables = document.get("person", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.wrong.append(self.sheet.key(("person",), "write [[person]] with two brackets", "[[person]]"))
            return []
        return [person for number, table in enumerate(tables) if (person := self.person(number, table))]

    def person(self, number: int, table: Mapping[str, Any]) -> Person | None:
        before = len(self.wrong)
        here = ("person", number)
        for key in table:
            if key not in _KEYS:
                hint = _near(key, _KEYS) or f"a person has {', '.join(_KEYS)}"
                self.wrong.append(self.sheet.key((*here, key), f"unknown key {key!r} in [[person]]", hint))
        own = self.text(number, table, "id")
        if own and not (own.isascii() and own.replace("-", "").isalnum()):
            self.bad((*here, "id"), "an id has letters, digits and '-' only", '"ana-lopez"')
        elif own in self.ids:
            reason = f"the id {own!r} already stands in line {self.ids[own]}: each person needs their own"
            self.bad((*here, "id"), reason, "accounts of one person stand in one [[person]]")
            own = ""
        elif own:
            self.ids[own] = self.sheet.spot((*here, "id")).value.line
        name = self.text(number, table, "name")
        if name and not name.isprintable():
            self.bad((*here, "name"), "a name is one line without control characters")
        bib, why = self.optional(number, table, "bib"), self.optional(number, table, "why")
        races = self.race_ids(number, table, bib)
        accounts = self.account_ids(number, table) if "accounts" in table or not bib else ()
        is_good = len(self.wrong) == before or (self.trusted and own and (accounts or bib))
        return Person(own, name or own, accounts, bib, races, why) if is_good else None

    def optional(self, number: int, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if key == "bib" and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return "" if value is None else self.text(number, table, key)

    def race_ids(self, number: int, table: Mapping[str, Any], bib: str) -> tuple[str, ...]:
        value = table.get("races")
        if value is None:
            if bib:
                reason = "has a bib and needs 'races': the races that it is for"
                self.wrong.append(self.sheet.key(("person", number), reason, 'races = ["mass"]'))
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            self.bad(("person", number, "races"), "races is a list of the ids of races", '["mass"]')
            return ()
        if not bib:
            reason = "races need a 'bib': timing knows people by it"
            self.wrong.append(self.sheet.key(("person", number, "races"), reason, 'bib = "1234"'))
        return tuple(value)

    def text(self, number: int, table: Mapping[str, Any], key: str) -> str:
        value = table.get(key)
        if value is None:
            self.wrong.append(self.sheet.key(("person", number), f"needs {key!r}"))
        elif not isinstance(value, str):
            self.bad(("person", number, key), f"{key} is a text: write it in quotes")
        elif not value.strip():
            self.bad(("person", number, key), f"{key} is empty")
        else:
            return value
        return ""

    def account_ids(self, number: int, table: Mapping[str, Any]) -> tuple[str, ...]:
        value = table.get("accounts")
        if value is None:
            self.wrong.append(
                self.sheet.key(("person", number), "needs 'accounts'", 'accounts = ["bluesky:did:plc:…"]')
            )
            return ()
        if not isinstance(value, list) or not value:
            self.bad(("person", number, "accounts"), "accounts is a list of at least one", '["bluesky:did:plc:…"]')
            return ()
        found = []
        for place, account in enumerate(value):
            path = ("person", number, "accounts", place)
            if not isinstance(account, str):
                self.bad(path, "an account is a text: write it in quotes", '"platform:permanent id"')
            elif flaw := _flaw(account):
                self.bad(path, *flaw)
            elif account in self.accounts:
                reason = f"the account {account!r} already stands in line {self.accounts[account]}"
                self.bad(path, reason, "one account belongs to one person, once")
            else:
                self.accounts[account] = self.sheet.spot(path).value.line
                found.append(account)
        return tuple(found)

    def bad(self, path: tuple[str | int, ...], reason: str, hint: str = "") -> None:
        self.wrong.append(self.sheet.value(path, reason, hint))


def _flaw(account: str) -> tuple[str, str] | None:
    """What keeps an account from ever being anybody's, and what to write; None where nothing is known against it."""
    platform, mark, own = account.partition(":")
    shown = account if len(account) <= _SHOWN_CHARS else account[:_SHOWN_CHARS] + "…"
    if not mark or (own.startswith("//") and platform in {"http", "https"}):
        return f"{shown!r} does not say its platform", '"platform:permanent id", such as "bluesky:did:plc:…"'
    if _PLATFORMS["bluesky"].form.fullmatch(account):
        return f"{shown!r} does not say its platform", f'did you mean "bluesky:{shown}"?'
    if platform not in _PLATFORMS:
        hint = _near(platform.strip().lower(), tuple(_PLATFORMS)) or f"there are: {', '.join(_PLATFORMS)}"
        return f"no platform is called {platform[:_SHOWN_CHARS]!r}", hint
    ids = _PLATFORMS[platform]
    if ids.form.fullmatch(own):
        return None
    reason = f"{shown.partition(':')[2]!r} is no permanent account id of {platform}: handles change hands"
    return (
        reason,
        f'write "{platform}:{ids.looks}"; `milepost people HANDLE` shows the ids of accounts that we have seen',
    )


def _near(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word, known, 1)
    return f"did you mean {near[0]!r}?" if near else ""


# -- verified addresses -----------------------------------------------------------------------------------------------


def verified_keys(author: Author, platform: str) -> tuple[int, ...]:
    """64-bit keys of the web addresses that a platform has verified as an author's own: a key in common, one person.

    Args:
        author: As the platform describes them.
        platform: Which one: only those that check ownership themselves are believed.

    Returns:
        One for each address, in their order; () mostly. `https://ana.example` verified by Mastodon and the Bluesky handle
        `ana.example` have the same key. An address counts as a whole: whoever has one page of a shared host, or a link that
        such a host redirects, has nothing of the others.
    """
    if not author.verified or platform not in _CHECKERS:
        return ()
    return tuple(
        ident("verified", address)
        for given in author.verified[:_MOST_VERIFIED]
        if (address := given if _BARE_HOST.fullmatch(given) else verified_address(given))
    )


@lru_cache(maxsize=4_096)
def verified_address(given: str) -> str:
    """The one spelling of a verified address, for `Author.verified`.

    Args:
        given: As the platform has it; only https is believed, because else the check was nobody's in particular.

    Returns:
        `https://host` or `https://host/path?query`: host in lower case and ASCII, without "www.", without the slash at the end
        and without a fragment, which no server sees. "" where it is no such address.
    """
    if len(given) > _LONGEST_URL_CHARS or given[:8].lower() != "https://":
        return ""
    try:
        url = URL(given)
        host, port = url.raw_host or "", url.explicit_port
    except (ValueError, UnicodeError):
        return ""
    host = host.lower().rstrip(".").removeprefix("www.")
    if url.raw_user is not None or url.raw_password is not None or port not in {None, 443}:
        return ""
    if not _BARE_HOST.fullmatch(f"https://{host}"):
        return ""
    query = f"?{url.raw_query_string}" if url.raw_query_string else ""
    return f"https://{host}{url.raw_path.rstrip('/')}{query}"
