"""Embargoes: what waits is decided again at its time, and an approval never breaks one. Each on both databases."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.errors import RefusedError
from bot.core.model import Batch, Gone, Verdict
from bot.pipeline import collect
from bot.store.database import Database
from tests.builders import OFFICIAL, a_desk, a_post
from tests.conftest import House
from tests.pipeline.houses import deliveries, live
from tests.pipeline.incoming import held, keep, official
from tests.pipeline.ruled import rule, save, verdicts

OPEN = rule("open", 'any_in(tags, ["getinspired"])', action="publish")
WAIT = rule(
    "results",
    'has(text, "result")',
    action="wait",
    until="2016-04-24T15:00:00+01:00",
    redact='["phone"]',
    tag='["news"]',
)
HOLD = rule("claims", 'has(text, "hearing")', action="hold")
LONG = "The result of the masses race is a great many people with a medal and a banana each, and no two of them alike"


@pytest.fixture(autouse=True)
def five_past(house: House) -> None:
    house.clock.forward(minutes=5)
    save(house, OPEN + WAIT + HOLD)


def told(house: House) -> list[str]:
    return [update.text for update in live(house)]


def until_three(house: House) -> None:
    """Go on to 15:00 BST, an hour at a time."""
    for hours, minutes in ((0, 55), (1, 0), (1, 0), (1, 0), (1, 0)):
        house.clock.forward(hours=hours, minutes=minutes)
        house.app.curate()


def test_what_waits_is_decided_by_the_rules_of_its_time(house: House) -> None:
    held(house, "A result")
    assert verdicts(house) == {"A result": "wait"}
    until_three(house)
    assert told(house) == ["A result"]
    assert deliveries(house)[0].update.tags == (), "the embargo's tag goes with the embargo"


@pytest.mark.parametrize("text", ["A result, call 020 7946 0958", "Hearing of a result, call 020 7946 0958"])
def test_an_approval_keeps_the_embargo_and_is_told_at_its_time_in_that_name(house: House, text: str) -> None:
    number = held(house, text)
    done = verbs.approve(house.app, str(number), by="ana", why="checked")
    assert (done.verdict, done.update) == (Verdict.WAIT, None)
    assert done.until is not None
    assert house.app.desk.local(done.until) == "2016-04-24 15:00 BST"
    assert told(house) == []
    (item,) = look.queue(house.app)
    assert (item.id, item.until, item.approved_by) == (number, done.until, "ana")
    with pytest.raises(RefusedError, match="approved already by ana: embargoed until 2016-04-24 15:00 BST, told then"):
        verbs.approve(house.app, str(number), by="bob")
    until_three(house)
    assert [words.partition(", call")[0] for words in told(house)] == [text.partition(", call")[0]]
    assert "7946" not in told(house)[0], "what rules black out stays black"
    (line,) = house.log("told")
    assert (line.by, line.why) == ("ana", "approved before its time, which has come")
    assert live(house)[0].tags == ("news",)
    assert look.queue(house.app) == []


def test_the_queue_shows_what_is_embargoed_after_what_is_held(house: House) -> None:
    held(house, "A result", author="did:plc:one")
    held(house, "Hearing of a result", author="did:plc:two")
    save(house, WAIT + HOLD)
    held(house, "Hearing", author="did:plc:three")
    items = look.queue(house.app)
    assert [(item.post.text, bool(item.until)) for item in items] == [
        ("Hearing of a result", True), ("Hearing", False), ("A result", True),
    ]  # fmt: skip
    assert look.queue_length(house.app) == 3
    house.clock.forward(hours=8)
    assert [bool(item.until) for item in look.queue(house.app)][:2] == [False, False], "an embargo that is over is none"


def test_what_is_embargoed_can_be_rejected_before_and_after_an_approval(house: House) -> None:
    first, second = held(house, "A result", author="did:plc:one"), held(house, "Result!", author="did:plc:two")
    verbs.reject(house.app, str(first), by="ana")
    verbs.approve(house.app, str(second), by="ana")
    verbs.reject(house.app, str(second), by="bob", why="wrong after all")
    until_three(house)
    assert told(house) == []
    assert set(verdicts(house).values()) == {"drop"}


def test_an_approval_settles_the_copies_of_the_story(house: House) -> None:
    first = held(house, LONG, author="did:plc:one")
    held(house, LONG, author="did:plc:two")
    assert verbs.approve(house.app, str(first), by="ana").others == 1
    until_three(house)
    assert len(told(house)) == 1


def test_what_its_author_deletes_or_edits_is_not_told(house: House) -> None:
    for name in ("n1", "n2"):
        verbs.approve(house.app, str(held(house, f"A result {name}", name, f"did:plc:{name}")), by="ana")
    unit = house.app.sources["hashtag"]
    gone = Batch((), gone=(Gone("n1", house.clock(), platform="bluesky"),))
    collect.store(house.app.database, gone, unit.terms, lane="stream", now=house.clock(), machine_now=house.machine())
    edit = a_post(
        "Hearing nothing",
        native_id="n2",
        version="2",
        author="did:plc:n2",
        is_edit=True,
        created_at=house.clock(),
        seen_at=house.clock(),
    )
    keep(house, edit)
    house.app.curate()
    until_three(house)
    assert told(house) == []
    assert [item.post.text for item in look.queue(house.app)] == ["Hearing nothing"]


def test_an_edit_of_the_rules_does_not_overrule_the_approval(house: House) -> None:
    verbs.approve(house.app, str(held(house, "A result")), by="ana")
    save(house, WAIT + rule("never", 'has(text, "result")', action="drop"))
    house.app.curate()
    until_three(house)
    assert told(house) == ["A result"]


def test_an_embargo_that_was_made_longer_holds_back_what_is_approved(house: House) -> None:
    verbs.approve(house.app, str(held(house, "A result")), by="ana")
    save(house, OPEN + WAIT.replace("T15:00", "T16:30"))
    until_three(house)
    assert told(house) == []
    (item,) = look.queue(house.app)
    assert item.approved_by == "ana"
    assert item.until is not None
    assert house.app.desk.local(item.until) == "2016-04-24 16:30 BST"
    house.clock.forward(hours=1, minutes=30)
    house.app.curate()
    assert [(line.by, line.text) for line in house.log("told")] == [("ana", "A result")]


def test_a_story_that_was_told_meanwhile_is_not_told_twice(house: House) -> None:
    verbs.approve(house.app, str(held(house, LONG, author="did:plc:one")), by="ana")
    save(house, OPEN)
    keep(house, a_post(LONG, author=OFFICIAL, created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()
    assert len(told(house)) == 1
    until_three(house)
    assert len(told(house)) == 1
    assert house.log("judged")[-1].why.startswith("approved by ana before its time; story 1 is told already")


@pytest.mark.parametrize("strand", ["getinspired", "official"])
def test_quiet_mode_asks_again_where_the_strand_is_light(
    database: Database, build_house: Callable[..., House], house: House, strand: str
) -> None:
    house.app.close()
    house = build_house(database, desk=a_desk(source_strands={"hashtag": strand}))
    house.clock.forward(minutes=5)
    save(house, OPEN + WAIT)
    verbs.approve(house.app, str(held(house, "A result")), by="ana")
    verbs.quiet(house.app, on=True, by="bob")
    until_three(house)
    assert told(house) == ([] if strand == "getinspired" else ["A result"])
    assert [item.post.text for item in look.queue(house.app)] == (["A result"] if strand == "getinspired" else [])


def test_an_official_under_embargo_is_held_back_as_well(house: House) -> None:
    save(house, rule("official-accounts", "is_official", action="publish") + WAIT)
    official(house, "The result")
    assert told(house) == []
    until_three(house)
    assert told(house) == ["The result"]
