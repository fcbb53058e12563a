"""What has left the window is forgotten; what was decided stays."""

from datetime import timedelta

from sqlalchemy import func, select

from bot.pipeline.forget import forget
from bot.store import posts
from bot.store.schema import bodies
from tests.builders import START, a_post
from tests.conftest import House
from tests.pipeline.incoming import keep

OLD = 1_300


def signatures(house: House) -> int:
    with house.app.database.read() as tx:
        return int(tx.run(select(func.count()).where(bodies.c.signature.is_not(None))).scalar_one())


def test_signatures_of_posts_that_left_the_window_are_forgotten_once(house: House) -> None:
    keep(house, *(a_post(f"Mile {number}", native_id=str(number), minutes=number / 60) for number in range(OLD)))
    keep(house, a_post("Much later", native_id="later", minutes=60 * 72))
    assert signatures(house) == OLD + 1
    before = START + timedelta(hours=24)
    assert forget(house.app.database, before=before) == OLD - 1_000, "two sources do not see in step: some are left"
    assert signatures(house) == 1_001
    assert forget(house.app.database, before=before) == 0
    with house.app.database.read() as tx:
        (first,) = posts.by_id(tx, [1])
        assert (first.post.text, first.signature) == ("Mile 0", b"")
        assert not list(posts.signatures(tx, since=START, limit=5_000)), "none belongs to a story yet"


def test_an_index_is_built_where_signatures_are_forgotten(house: House) -> None:
    keep(house, *(a_post(f"Mile {number}", native_id=str(number)) for number in range(3)))
    house.app.curate()
    with house.app.database.begin() as tx:
        tx.run(bodies.update().values(signature=None))
    with house.app.database.read() as tx:
        (part,) = posts.signatures(tx, since=START, limit=10)
    ids, _, _, signed, _ = part
    assert ids == (1, 2, 3)
    assert all(signed), "made anew from what the posts say"
