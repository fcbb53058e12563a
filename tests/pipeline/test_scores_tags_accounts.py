"""What rules do beside the verdict: the order of the queue, tags, where updates go. Each on both databases."""

import json
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest

from bot.app import look, verbs
from bot.core.desk import Strand
from bot.core.model import Tone
from bot.store.database import Database
from tests.builders import a_desk, a_post
from tests.conftest import House
from tests.pipeline.houses import deliveries, live
from tests.pipeline.incoming import held, keep, official
from tests.pipeline.ruled import rule, save

OFFICIALS = rule("official-accounts", "is_official", action="publish")


@pytest.fixture
def house(database: Database, build_house: Callable[..., House]) -> House:
    return at_five_past(build_house(database))


def at_five_past(house: House) -> House:
    house.clock.forward(minutes=5)
    return house


def queue(house: House, limit: int = 50) -> list[tuple[str, int]]:
    return [(item.post.text, item.score) for item in look.queue(house.app, limit)]


def test_the_queue_begins_with_the_highest_score_and_then_the_oldest(house: House) -> None:
    save(house, rule("rhinos", 'has(text, "rhino")', score="2") + rule("doubt", 'has(text, "maybe")', score="-1"))
    for text in ("first", "maybe", "a rhino", "last", "maybe a rhino", "another rhino"):
        held(house, text, author=f"did:plc:{text[:1]}{len(text)}")
        house.clock.forward(seconds=1)
    order = [("a rhino", 2), ("another rhino", 2), ("maybe a rhino", 1), ("first", 0), ("last", 0), ("maybe", -1)]
    assert queue(house) == order
    assert queue(house, 2) == order[:2]


def test_the_queue_is_read_in_pages_and_skips_nothing(house: House) -> None:
    save(house, rule("even", 'has(text, "even")', score="1"))
    keep(house, *(a_post(f"{'even' if n % 2 else 'odd'} {n}", author=f"did:plc:{n}", minutes=4) for n in range(1_100)))
    house.app.curate()
    found = queue(house, 2_000)
    assert len(found) == 1_100
    assert found == sorted(found, key=lambda one: (-one[1], int(one[0].rpartition(" ")[2])))


def test_an_edit_moves_what_waits(house: House) -> None:
    held(house, "first", author="did:plc:one")
    held(house, "a rhino", author="did:plc:two")
    save(house, rule("rhinos", 'has(text, "rhino")', score="2"))
    house.app.curate()
    assert queue(house) == [("a rhino", 2), ("first", 0)]


def test_a_score_publishes_where_the_desk_wants_it_and_no_action_speaks(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = at_five_past(build_house(database, desk=a_desk(publish_at=3)))
    save(
        house,
        rule("known-reporter", 'has(text, "reporter")', score="3")
        + rule("doubt", 'has(text, "maybe")', score="-1")
        + rule("claims", 'has(text, "breaking")', action="hold"),
    )
    for text in ("reporter here", "maybe a reporter", "breaking reporter"):
        held(house, text, author=f"did:plc:{len(text)}")
    assert [update.text for update in live(house)] == ["reporter here"]
    (line,) = house.log("told")
    assert line.why == "score 3 ≥ 3 (known-reporter +3)"
    assert "PUBLISH   because score 3 ≥ 3 (known-reporter +3)" in look.explain(house.app, "1").explanation
    assert {item.post.text: item.why for item in look.queue(house.app)} == {
        "maybe a reporter": "no rule decided: default hold",
        "breaking reporter": "rule claims (rules/10-rules.toml:11)",
    }


def test_tags_go_with_the_update_into_log_explanation_and_feeds(house: House) -> None:
    save(house, OFFICIALS + rule("pictures", 'has(text, "photo")', tag='["Picture", "#Rhino"]'))
    official(house, "A photo of the start")
    held(house, "A photo of the finish")
    verbs.approve(house.app, "2", by="ana")
    assert [update.tags for update in live(house)] == [("picture", "rhino"), ("picture", "rhino")]
    assert "tags picture, rhino" in look.explain(house.app, "1").explanation
    assert [line.details["tags"] for line in house.log("judged") if isinstance(line.details, dict)] == [
        ["picture", "rhino"],
        ["picture", "rhino"],
    ]
    house.app.refresh()
    atom = ET.fromstring((house.app.page_folder / "feed.atom").read_bytes())  # noqa: S314 - our own page
    terms = [one.get("term") for one in atom.iter("{http://www.w3.org/2005/Atom}category")]
    assert terms.count("rhino") == 2
    feed = json.loads((house.app.page_folder / "feed.json").read_text(encoding="utf-8"))
    assert all(item["tags"][-2:] == ["picture", "rhino"] for item in feed["items"])


def test_accounts_of_several_rules_add_up_and_stand_for_those_of_the_strand(
    database: Database, build_house: Callable[..., House]
) -> None:
    strands = {"getinspired": Strand("getinspired", "#GetInspired", Tone.LIGHT, ("social",))}
    desk = a_desk(accounts=("social", "photos", "wire"), idle=("resting",), strands=strands)
    house = at_five_past(build_house(database, desk=desk))
    save(
        house,
        OFFICIALS
        + rule("pictures", 'has(text, "photo")', accounts='["photos"]')
        + rule("news", 'has(text, "news")', accounts='["wire", "photos"]')
        + rule("nobody", 'has(text, "quiet")', accounts='["resting"]'),
    )
    for text in ("hello", "a photo", "news photo", "quiet"):
        official(house, text, native_id=text)
    held(house, "photo by somebody")
    verbs.approve(house.app, "5", by="ana")
    carried: dict[str, list[str]] = {update.text: [] for update in live(house)}
    for delivery in deliveries(house):
        carried[delivery.update.text].append(delivery.account)
    assert {text: sorted(names) for text, names in carried.items()} == {
        "hello": ["social"],
        "a photo": ["photos"],
        "news photo": ["photos", "wire"],
        "quiet": [],
        "photo by somebody": ["photos"],
    }
