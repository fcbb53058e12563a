"""What the tests of the steps begin with: posts that come in, updates that are told."""

from bot.app import verbs
from bot.core.model import Batch, Post, Update
from bot.pipeline import collect
from tests.builders import OFFICIAL, a_post
from tests.conftest import House


def keep(house: House, *posts: Post, **more: object) -> None:
    """Let a batch come in, and nothing else: no step runs."""
    batch = Batch(posts, **more)  # type: ignore[arg-type] # fields of Batch by name
    unit = house.app.sources["hashtag"]
    collect.store(house.app.database, batch, unit.terms, lane="stream", now=house.clock(), machine_now=house.machine())


def held(house: House, text: str, native_id: str = "", author: str = "did:plc:ana") -> int:
    """A post that waits for a person; gives its number."""
    keep(house, a_post(text, native_id=native_id, author=author, created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()
    with house.app.database.read() as tx:
        return int(tx.raw("SELECT max(id) FROM posts").scalar_one())


def official(house: House, text: str, native_id: str = "") -> None:
    """A post of an official, which goes out by the rules; no person has looked at it."""
    keep(house, a_post(text, native_id=native_id, author=OFFICIAL, created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()


def told(house: House, text: str, strand: str = "official") -> Update:
    """An update of the desk's own, live and owed to the account."""
    return verbs.write(house.app, verbs.manuscript(text, strand=strand), by="ana").update
