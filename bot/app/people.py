"""Whom the desk knows, and what was seen of their accounts. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.app import people_file
from bot.app.hall import App
from bot.core.errors import Mistake, NotFoundError, RuleError
from bot.core.idents import ident
from bot.core.people import FILE, Person
from bot.core.results import write_time
from bot.pipeline import adopt
from bot.store import authors, marks, results, rulesets
from bot.store.authors import AuthorCard
from bot.store.database import Transaction


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """One account.

    Attributes:
        account: `platform:permanent account id`, as the file wants it.
        handle: At the last post, without "@"; "" where there is none, or no post.
        name: Display name at the last post, untrusted.
        seen: Posts of theirs that we have seen.
        published: How many of those were told.
    """

    account: str
    handle: str = ""
    name: str = ""
    seen: int = 0
    published: int = 0


@dataclass(frozen=True, slots=True)
class InRace:
    """How far somebody is in a race.

    Attributes:
        standing: "" where timing has not told of them.
        point: The last point of the course that they have passed; "" for none.
        time: Their running time there, as the plan writes times.
    """

    race: str
    bib: str
    standing: str = ""
    point: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """A person with their accounts; `id` and `name` are "" for an account that nobody was given.

    Attributes:
        races: Where they run, as timing tells it now.
        why: Why the desk watches them.
    """

    id: str
    name: str
    accounts: tuple[AccountSeen, ...]
    races: tuple[InRace, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class PeopleStatus:
    """What is in force, and what lies on disk.

    Attributes:
        persons: How many are in force.
        accounts: How many they have together.
        adopted_at: Since when; None where nobody ever was.
        disk: "same", "other" (good, and not in force yet) or "refused".
        mistakes: Why the file is refused.
    """

    persons: int
    accounts: int
    adopted_at: datetime | None
    disk: str
    mistakes: tuple[Mistake, ...] = ()


def known(app: App, wanted: str = "") -> tuple[Known, ...]:
    """The people in force, in the order of the file.

    Args:
        wanted: Only who is called so: a person's id or name, or an account's handle, display name or permanent id. Accounts that
            were seen and belong to nobody come last. "" takes all people.

    Raises:
        NotFoundError: Nobody is called so.
    """
    people = app.people()
    folded = wanted.removeprefix("@").casefold()
    with app.database.read() as tx:
        called = authors.find(tx, wanted.removeprefix("@")) if wanted else ()
        cards = authors.cards(tx, {*people.by_author, *called})
        running = {one.id: _races(tx, one, app.plan().times) for one in people.persons if one.bib}
    persons = [one for one in people.persons if not wanted or _is_called(one, folded, called)]
    nobodys = [cards[number] for number in called if number in cards and number not in people.by_author]
    if wanted and not persons and not nobodys:
        raise NotFoundError(
            f"nobody is called {wanted!r}: give a person's id or name, or an account's handle, display name or permanent id; "
            "accounts are known from their first post on"
        )
    found = [
        Known(
            one.id,
            one.name,
            tuple(_seen(account, cards.get(_number(account))) for account in one.accounts),
            running.get(one.id, ()),
            one.why,
        )
        for one in persons
    ]
    strangers = sorted(nobodys, key=lambda card: (card.platform, card.native_id))
    return (*found, *(Known("", "", (_seen(f"{card.platform}:{card.native_id}", card),)) for card in strangers))


def _races(tx: Transaction, person: Person, times: str) -> tuple[InRace, ...]:
    """Where somebody runs, as timing tells it now."""
    found = []
    for race in person.races:
        row = results.of_entrant(tx, race, person.bib)
        passed = [(point, ms) for point, ms in row.result.times if ms is not None] if row else []
        point, time = (passed[-1][0], write_time(passed[-1][1], times)) if passed else ("", "")
        found.append(InRace(race, person.bib, str(row.result.standing) if row else "", point, time))
    return tuple(found)


def _is_called(person: Person, folded: str, called: Sequence[int]) -> bool:
    return folded in {person.id.casefold(), person.name.casefold()} or any(
        account.casefold() == folded or _number(account) in called for account in person.accounts
    )


def _number(account: str) -> int:
    platform, _, own = account.partition(":")
    return ident(platform, own)


def _seen(account: str, card: AuthorCard | None) -> AccountSeen:
    return AccountSeen(account, card.handle, card.name, card.seen, card.published) if card else AccountSeen(account)


def status(app: App) -> PeopleStatus:
    """Compare the people in force with the file on disk."""
    before = app.people()
    with app.database.read() as tx:
        adopted = marks.get(tx, f"adopted_at:{rulesets.PEOPLE}")
    found = adopt.read(app.rules_folder)
    mistakes: tuple[Mistake, ...] = ()
    shown = f"{app.settings.rules.folder.rstrip('/')}/{FILE}"
    disk = "other"
    unread = tuple(Mistake(shown, 0, 0, why) for name, why in found.problems if name == FILE)
    try:
        if unread:
            disk, mistakes = "refused", unread
        elif people_file.on_disk(found.files, app.settings.rules.folder, before).persons == before.persons:
            disk = "same"
    except RuleError as error:
        disk, mistakes = "refused", error.mistakes
    return PeopleStatus(
        len(before.persons),
        len(before.by_author),
        datetime.fromisoformat(adopted) if adopted else None,
        disk,
        mistakes,
    )
