"""A person's verdict: two editors never race, and nobody brings back what its author or the desk took away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from bot.app import look, verbs
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Gone, UpdateState, Verdict
from bot.pipeline import queue as queue_of
from bot.pipeline import review
from bot.pipeline.review import Reviewed
from bot.store.database import Database
from tests.builders import OFFICIAL, a_desk, a_post
from tests.conftest import House
from tests.pipeline.houses import deliveries, live, same_store, states
from tests.pipeline.incoming import held, keep
from tests.pipeline.sayings import LONG, PUBLISH, bring, says


def approve(house: House, number: int, by: str = "ana", why: str = "") -> Reviewed:
    return review.approve(house.app.database, house.app.desk, number, now=house.clock(), by=by, why=why)


def reject(house: House, number: int, by: str = "ana", why: str = "") -> Reviewed:
    return review.reject(house.app.database, house.app.desk, number, now=house.clock(), by=by, why=why)


def queue(house: House) -> list[str]:
    return [item.post.text for item in look.queue(house.app)]


def test_an_approval_is_one_verdict_one_update_and_one_delivery_under_the_persons_name(house: House) -> None:
    number = held(house, "Go on Alice")
    found = approve(house, number, why="lovely")
    assert (found.verdict, found.others) == (Verdict.PUBLISH, 0)
    assert found.update is not None
    assert (found.update.state, found.update.text, found.update.strand) == (
        UpdateState.LIVE,
        "Go on Alice",
        "getinspired",
    )
    assert [(one.account, one.state.value, one.cleared) for one in deliveries(house)] == [("social", "owed", True)]
    assert [(line.what, line.by, line.why) for line in house.log() if line.by == "ana"] == [
        ("judged", "ana", "lovely"),
        ("told", "ana", "lovely"),
    ]
    assert queue(house) == []


def test_an_approval_is_not_judged_again_by_any_rule(house: House) -> None:
    number = held(house, "Go on Alice")
    approve(house, number)
    (house.rules / "20-no.toml").write_text(
        '[[rule]]\nid = "no-alice"\nabout = "No."\naction = "drop"\nwhen = [\'has(text, "alice")\']\n'
        'catches = ["alice"]\nspares = ["bob"]\n'
    )
    house.app.adopt(at_once=True)
    house.app.curate()
    assert [update.text for update in live(house)] == ["Go on Alice"]


def test_a_rejection_tells_nothing_and_counts_against_the_author_alone(house: House) -> None:
    number = held(house, "Nonsense", author="did:plc:eve")
    other = held(house, "Go on Alice", author="did:plc:ana")
    found = reject(house, number, why="not ours")
    assert (found.verdict, found.update) == (Verdict.DROP, None)
    assert (queue(house), live(house), deliveries(house)) == (["Go on Alice"], [], [])
    with house.app.database.read() as tx:
        rejected = {row[0]: row[1] for row in tx.raw("SELECT native_id, rejected FROM authors")}
    assert rejected == {"did:plc:eve": 1, "did:plc:ana": 0}
    approve(house, other)


@pytest.mark.parametrize("second", ["approve", "reject"])
@pytest.mark.parametrize("first", ["approve", "reject"])
def test_the_second_of_two_editors_is_told_who_was_first_and_changes_nothing(
    house: House, first: str, second: str
) -> None:
    number = held(house, "Go on Alice")
    act = {"approve": approve, "reject": reject}
    act[first](house, number, by="ana")
    before = house.log()
    word = {"approve": "published", "reject": "dropped"}[first]
    with pytest.raises(RefusedError, match=f"post {number} is not waiting: it is {word} by ana"):
        act[second](house, number, by="bob")
    assert house.log() == before
    assert len(live(house)) == (first == "approve")


def test_of_editors_in_one_moment_exactly_one_decides(house: House) -> None:
    for round_number in range(4):
        number = held(house, f"Go on runner {round_number}")
        names = ["ana", "bob", "cat", "dan"]
        rooms = {name: same_store(house.app.database) for name in names}
        together = Barrier(len(names))

        def decide(name: str, number: int = number, together: Barrier = together, rooms: object = rooms) -> str:
            assert isinstance(rooms, dict)
            together.wait(30)
            try:
                if name in ("ana", "bob"):
                    review.approve(rooms[name], house.app.desk, number, now=house.clock(), by=name)
                else:
                    review.reject(rooms[name], house.app.desk, number, now=house.clock(), by=name)
            except RefusedError as error:
                return str(error)
            return ""

        with ThreadPoolExecutor(len(names)) as pool:
            said = dict(zip(names, pool.map(decide, names), strict=True))
        for room in rooms.values():
            room.close()
        (winner,) = [name for name, words in said.items() if not words]
        losers = [words for words in said.values() if words]
        assert all(f"by {winner}" in words or "by somebody else in this moment" in words for words in losers)
        decided = [line for line in house.log("judged") if line.post_id == number and line.by != "rules"]
        assert [line.by for line in decided] == [winner]
        told = [update for update in live(house) if update.post_id == number]
        assert len(told) == (winner in ("ana", "bob"))


def test_an_approval_settles_the_copies_of_the_story_and_says_how_many(house: House) -> None:
    numbers = [held(house, LONG, author=f"did:plc:{name}") for name in ("one", "two", "three")]
    assert queue(house) == [LONG]
    found = approve(house, numbers[1])
    assert found.others == 2
    assert found.update is not None
    assert found.update.also == 2
    assert queue(house) == []
    for number in (numbers[0], numbers[2]):
        with pytest.raises(RefusedError, match="dropped by ana"):
            approve(house, number)


def test_a_rejection_settles_the_copies_of_the_story(house: House) -> None:
    numbers = [held(house, LONG, author=f"did:plc:{name}") for name in ("one", "two")]
    assert reject(house, numbers[0], why="a rumour").others == 1
    assert queue(house) == []
    assert {line.why for line in house.log("judged") if line.by == "ana"} == {"a rumour"}


def official_after_a_stranger(build_house: Callable[..., House], database: Database) -> House:
    """A stranger's post is told; the official's own, which says the same, is held by a rule: post 2."""
    house = build_house(database, rules=PUBLISH.replace("odd.example", "organiser.example"))
    bring(house, says(LONG, "ana"))
    bring(house, a_post(LONG, author=OFFICIAL, native_id="o"))
    assert queue(house) == [LONG]
    return house


def test_what_an_official_says_after_a_stranger_can_be_approved(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = official_after_a_stranger(build_house, database)
    assert approve(house, 2).update is not None
    assert [update.post_id for update in live(house)] == [1, 2]
    bring(house, a_post(LONG, author=OFFICIAL, native_id="o2"))
    assert queue(house) == []


def test_a_held_copy_of_what_is_told_can_be_rejected_and_its_story_is_not(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = official_after_a_stranger(build_house, database)
    assert reject(house, 2, why="we have it").update is None
    assert (queue(house), [update.post_id for update in live(house)]) == ([], [1])
    verbs.take_back(house.app, live(house)[0].slug, by="eve")
    bring(house, says(LONG, "bob"))
    assert queue(house) == [LONG], "what was told and withdrawn waits: nobody rejected it"


def test_a_strangers_held_copy_of_what_is_told_cannot_be_approved_but_rejected(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = build_house(database, rules=PUBLISH)
    bring(house, says(LONG, "odd"))
    bring(house, says(LONG, "bob"))
    assert [update.post_id for update in live(house)] == [2]
    with pytest.raises(RefusedError, match="post 1: its story 1 is told already; reject it"):
        approve(house, 1)
    reject(house, 1)
    assert queue(house) == []


def test_what_was_withdrawn_cannot_be_approved_and_the_message_says_what_it_is(house: House) -> None:
    number = held(house, "Go on Alice")
    approve(house, number, by="bob")
    verbs.take_back(house.app, str(number), by="ana")
    for act in (approve, reject):
        with pytest.raises(
            RefusedError, match=f"post {number} is not waiting: it is published by bob and withdrawn since"
        ):
            act(house, number, by="cat")
    assert live(house) == []
    assert states(house) == ["cancelled"]


@pytest.mark.parametrize("curated", [True, False])
@pytest.mark.parametrize("how", ["post", "author"])
def test_what_its_author_took_down_cannot_be_approved(house: House, how: str, curated: bool) -> None:
    number = held(house, "Please do not", native_id="n1", author="did:plc:eve")
    if how == "post":
        keep(house, gone=(Gone("n1", house.clock()),))
    else:
        keep(house, gone_authors=(Gone("did:plc:eve", house.clock()),))
    if curated:
        house.app.curate()
    with pytest.raises(RefusedError, match="dropped by author" if curated else "taken it down: it is not published"):
        approve(house, number)
    assert live(house) == []
    assert deliveries(house) == []


def test_what_its_author_took_down_can_still_be_rejected_before_curate_carries_it_out(house: House) -> None:
    number = held(house, "Please do not", native_id="n1")
    keep(house, gone=(Gone("n1", house.clock()),))
    assert reject(house, number).verdict is Verdict.DROP
    house.app.curate()
    assert live(house) == []


def test_what_a_rule_dropped_cannot_be_approved(house: House) -> None:
    number = held(house, "A giveaway")
    with pytest.raises(RefusedError, match=f"post {number} is not waiting: it is dropped by "):
        approve(house, number)
    assert live(house) == []


def test_what_its_author_edited_is_decided_in_its_new_words(house: House) -> None:
    old = held(house, "First words", native_id="n1")
    keep(house, a_post("Second words", native_id="n1", version="2", created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()
    with pytest.raises(RefusedError, match="dropped by milepost"):
        approve(house, old)
    verbs.approve(house.app, str(old), by="ana")
    assert [update.text for update in live(house)] == ["Second words"]


def test_what_is_not_judged_yet_says_so(house: House) -> None:
    keep(house, a_post("Just in", created_at=house.clock(), seen_at=house.clock()))
    with pytest.raises(RefusedError, match="not judged yet: wait a moment"):
        approve(house, 1)


@pytest.mark.parametrize("number", [0, -1, 7, 2**62])
def test_a_post_that_does_not_exist_is_not_found(house: House, number: int) -> None:
    for act in (approve, reject):
        with pytest.raises(NotFoundError, match=f"post {number} does not exist"):
            act(house, number)


def test_quiet_mode_stops_an_approval_of_what_is_light_and_leaves_it_in_the_queue(house: House) -> None:
    number = held(house, "Go on Alice")
    verbs.quiet(house.app, True, by="ana")
    with pytest.raises(RefusedError, match="quiet mode is on and strand getinspired is light"):
        approve(house, number)
    assert queue(house) == ["Go on Alice"]
    verbs.quiet(house.app, False, by="ana")
    approve(house, number)
    assert len(live(house)) == 1


def test_of_a_story_that_is_told_no_copy_is_approved(house: House) -> None:
    first = held(house, LONG, author="did:plc:one")
    approve(house, first)
    keep(house, a_post(LONG, author="did:plc:two", created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()
    assert queue(house) == []
    with pytest.raises(RefusedError, match="not waiting: it is dropped"):
        approve(house, first + 1)


def test_the_queue_is_oldest_first_and_one_entry_for_each_story(house: House) -> None:
    for text, author in ((LONG, "one"), ("Go on Alice", "two"), (LONG, "three"), ("Rain at last", "four")):
        held(house, text, author=f"did:plc:{author}")
        house.clock.forward(seconds=1)
    items = queue_of.queue(house.app.database, a_desk(), limit=10, now=house.clock())
    assert [(item.post.text, item.others) for item in items] == [(LONG, 1), ("Go on Alice", 0), ("Rain at last", 0)]
    assert [item.post.text for item in look.queue(house.app, 2)] == [LONG, "Go on Alice"]
    assert look.queue_length(house.app) == 3, "stories, however many are asked for"
    assert house.clock() - timedelta(seconds=4) == items[0].post.seen_at
