"""What the tests of the steps share: a second house on the same store, and a look into it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.app.hall import App
from bot.core.errors import OutsideError
from bot.core.model import Receipt, Snippet, Update
from bot.store import feed, outbox
from bot.store.database import Database
from bot.store.outbox import Delivery
from tests.conftest import House
from tests.fakes import FakePublisher


def same_store(database: Database) -> Database:
    """A second way into the same database, as another process has it."""
    return Database(database.engine.url.render_as_string(hide_password=False))


def reopened(house: House) -> House:
    """The house after a restart: nothing but the store, the network and the files is left."""
    app = App(replace(house.app.parts, database=same_store(house.app.database)))
    return House(app, house.source, house.publisher, house.clock, house.machine, house.rules)


def live(house: House) -> list[Update]:
    """What stands on the page, oldest first."""
    with house.app.database.read() as tx:
        return feed.live(tx)[::-1]


def deliveries(house: House) -> list[Delivery]:
    """Every delivery, oldest first."""
    found: list[Delivery] = []
    with house.app.database.read() as tx:
        while (delivery := outbox.by_id(tx, len(found) + 1)) is not None:
            found.append(delivery)
    return found


def states(house: House) -> list[str]:
    """The state of every delivery, oldest first."""
    return [delivery.state.value for delivery in deliveries(house)]


@dataclass
class Forgetful(FakePublisher):
    """An account whose platform knows no keys: every send is a new post."""

    posts: list[tuple[str, str, bool]] = field(default_factory=list)  # key, text, still there

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        self.before()
        self.calls.append(("publish", key))
        self._maybe(self.fail)
        self.posts.append((key, snippet.text, True))
        self._maybe(self.fail_after)
        return Receipt(f"{len(self.posts)}")

    def find(self, key: str, since: datetime) -> Receipt | None:
        del since
        self.before()
        self.calls.append(("find", key))
        self._maybe(self.fail_find)
        for number, (own, _, there) in enumerate(self.posts, 1):
            if own == key and there:
                return Receipt(f"{number}")
        return None

    def retract(self, receipt: Receipt) -> None:
        self.before()
        self.calls.append(("retract", receipt.id))
        self._maybe(self.fail_retract)
        key, text, _ = self.posts[int(receipt.id) - 1]
        self.posts[int(receipt.id) - 1] = (key, text, False)

    def standing(self) -> list[str]:
        return [text for _, text, there in self.posts if there]

    fail_find: list[OutsideError | None] = field(default_factory=list)
    fail_retract: list[OutsideError | None] = field(default_factory=list)
