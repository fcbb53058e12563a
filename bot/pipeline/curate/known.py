"""The people that the desk knows, as they are in force in the store; read again only where another set is."""

from bot.core.people import FILE, People, load
from bot.store import rulesets
from bot.store.database import Transaction


class KnownPeople:
    """Keeps the people in force between runs. Not safe for threads; two of them agree."""

    def __init__(self) -> None:
        self._number = 0
        self._people = People()

    def of(self, tx: Transaction) -> People:
        """The people in force; nobody where no file ever named any. One look at a mark where nothing has changed.

        The same object as long as the same set is in force.
        """
        number = rulesets.active_id(tx, rulesets.PEOPLE)
        if number != self._number:
            stored = rulesets.by_id(tx, number)
            self._people = load(stored.files.get(FILE, ""), trusted=True) if stored else People()
            self._number = number
        return self._people
