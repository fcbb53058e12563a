"""Readers see each thing once, and everything that is new: through the whole house, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from bot.app import look, verbs
from bot.app.opening import open_app
from bot.core.desk import Official
from bot.core.model import Author, Batch, Gone, Media, Post, Verdict
from bot.core.recording import encode_line
from bot.daemon import Daemon
from bot.store import feed, posts
from bot.store.database import Database
from tests.builders import OFFICIAL, START, a_desk, a_post
from tests.conftest import House
from tests.drawings import photo, saved
from tests.fakes import FakePublisher, FakeSource
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import keep
from tests.pipeline.sayings import LONG, PUBLISH, bring, says, whys

Build = Callable[..., House]
Restart = Callable[[House], House]


@pytest.fixture
def open_house(database: Database, build_house: Build) -> House:
    """A house that publishes what no rule is against."""
    return build_house(database, rules=PUBLISH)


@pytest.fixture
def restart() -> Iterator[Restart]:
    """Ends a house as a kill does, with nothing left but the store and the files, and opens it again."""
    opened: list[House] = []

    def again(house: House) -> House:
        found = reopened(house)
        house.app.close()
        opened.append(found)
        return found

    yield again
    for house in opened:
        house.app.close()
        house.app.database.close()


def told(house: House) -> list[str]:
    """What readers see, oldest first."""
    return [update.text or update.title for update in live(house)]


def queue(house: House) -> list[str]:
    return [item.post.text for item in look.queue(house.app)]


# -- one person on two networks -------------------------------------------------------------------------------------------

PEOPLE = """
[[person]]
id = "ana"
name = "Ana"
accounts = ["bluesky:did:plc:abcdefghijklmnopqrstuvwx", "feeds:{one}", "feeds:{two}"]
"""


def test_two_networks_one_author_three_copies_one_picture(
    database: Database, tmp_path: Path, httpserver: HTTPServer
) -> None:
    """One update, credited once, the others listed: the copies are cut, tagged, compressed again and scaled."""
    picture = photo(7, (900, 600))
    words = "The rhino is over Tower Bridge with the band behind it"
    copies = {"one": saved(picture.resize((450, 300)), quality=40), "two": saved(picture, quality=55)}
    for name, body in copies.items():
        httpserver.expect_request(f"/{name}.jpg").respond_with_data(body)
        item = (
            f"<item><guid>{name}</guid><title>{words}{' #LondonMarathon' if name == 'one' else ''}</title>"
            f"<link>{httpserver.url_for(f'/page/{name}')}</link><pubDate>{format_datetime(datetime.now(UTC))}</pubDate>"
            f'<enclosure url="{httpserver.url_for(f"/{name}.jpg")}" type="image/jpeg"/></item>'
        )
        httpserver.expect_request(f"/{name}").respond_with_data(
            f'<rss version="2.0"><channel><title>Ana</title>{item}</channel></rss>', content_type="application/rss+xml"
        )
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "rhino.jpg").write_bytes(saved(picture))
    now = datetime.now(UTC)
    ana = Author("did:plc:abcdefghijklmnopqrstuvwx", "ana.example", "Ana")
    first = Post(
        "bluesky", "at://1", "social", ana, now, now, words + "!", url="https://bsky.example/1",
        media=(Media("image", "rhino.jpg", "A rhino on a bridge", cid="bafy1"),),
    )  # fmt: skip
    (tmp_path / "day" / "day.jsonl").write_bytes(encode_line(now, "social", Batch((first,))) + b"\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "10.toml").write_text(PUBLISH)
    urls = {name: httpserver.url_for(f"/{name}") for name in ("one", "two")}
    (tmp_path / "rules" / "people.toml").write_text(PEOPLE.format(**urls))
    address = database.engine.url
    url = address._replace(password=None).render_as_string()
    secrets = {"MILEPOST_STORE_PASSWORD": str(address.password)} if address.password else {}
    (tmp_path / "config.toml").write_text(
        f'[event]\nname = "Race"\n[store]\nurl = "{url}"\n'
        '[[source]]\nname = "social"\nkind = "replay"\nfile = "day/day.jsonl"\n'
        + "".join(
            f'[[source]]\nname = "{name}"\nkind = "feeds"\nurl = "{urls[name]}"\nbackfill = "1d"\nlate_after = "1d"\n'
            for name in urls
        )
    )
    app = open_app(tmp_path / "config.toml", secrets)
    try:
        app.migrate()
        app.adopt(at_once=True)
        for source in ("social", "one", "two"):
            app.collect(source)
            Daemon(app).run_once()
        with app.database.read() as tx:
            (update,) = feed.live(tx)
            assert posts.counts(tx).get("unjudged", 0) == 0
        assert update.credit is not None
        assert update.credit.name == "Ana"
        assert update.also == 0, "the same person is no other one"
        assert [(copy.platform, copy.is_same) for copy in update.copies] == [("feeds", True), ("feeds", True)]
        assert [picture.alt for picture in update.media] == ["A rhino on a bridge"]
    finally:
        app.close()


def test_an_official_update_that_a_feed_and_an_account_both_carry(database: Database, build_house: Build) -> None:
    """The account links to the entry of the feed, which is the official's, too: told once, with the best copy's words."""
    feed_url = "https://organiser.example/feed"
    officials = {f"bluesky:{OFFICIAL}": Official("The organiser"), f"feeds:{feed_url}": Official("The organiser")}
    house = build_house(database, rules=PUBLISH, desk=a_desk(officials=officials))
    page = "https://organiser.example/news/start"
    words = (
        "The start of the mass race is ten minutes late because of a medical emergency near the pens, please stay calm"
    )
    entry = a_post(words, author=feed_url, platform="feeds", native_id="entry", url=page, links=(page,))
    account = a_post(f"{words[:80]}… {page}", author=OFFICIAL, native_id="account", links=(page,))
    bring(house, entry)
    bring(house, account)
    assert told(house) == [words]
    assert "story 1 is told already" in whys(house, 2)[-1]
    (update,) = live(house)
    assert update.is_official


# -- what we said ourselves -----------------------------------------------------------------------------------------------


def test_the_desks_own_words_are_not_told_again_when_an_official_says_them(house: House, restart: Restart) -> None:
    verbs.write(house.app, verbs.manuscript(LONG, strand="official"), by="ana")
    house.clock.forward(minutes=5)
    bring(house, a_post(LONG + "!", author=OFFICIAL, native_id="o1"))
    assert told(house) == [LONG]
    assert "is told already" in whys(house, 1)[-1]
    again = restart(house)
    bring(again, a_post(f"RT @organiser: {LONG}", author=OFFICIAL, native_id="o2"))
    assert told(again) == [LONG]


@dataclass
class OurAccount(FakePublisher):
    """An account that knows who it is."""

    def own_id(self) -> str:
        return "did:plc:us"


@pytest.mark.parametrize("author", ["did:plc:bob", OFFICIAL])
@pytest.mark.parametrize("restarted", [False, True])
def test_what_a_person_posted_by_hand_on_our_account_is_not_told_there_again(
    database: Database, build_house: Build, restart: Restart, *, author: str, restarted: bool
) -> None:
    """Whoever says it, also an official: a person decides. What only repeats our post is dropped."""
    house = build_house(database, rules=PUBLISH, publisher=OurAccount())
    bring(house, says(LONG, "us", platform="fake"))
    assert whys(house, 1) == ["our own words at account social"]
    if restarted:
        house = restart(house)
    bring(
        house, a_post(LONG.upper(), author=author, native_id="later"), says("", "fan", repost_of="us", platform="fake")
    )
    assert told(house) == []
    assert whys(house, 2)[-1].startswith("our own account says it already (post 1): a person decides")
    assert whys(house, 3)[-1].startswith("repeats what our own account says")
    assert queue(house) == [LONG.upper()]
    verbs.approve(house.app, "2", by="ana")
    assert told(house) == [LONG.upper()]


def test_other_words_than_our_accounts_go_out(database: Database, build_house: Build) -> None:
    house = build_house(database, rules=PUBLISH, publisher=OurAccount())
    bring(house, says("Through 10K in 31:00, and smiling at everybody", "us", platform="fake"))
    bring(
        house,
        says("Through 20K in 62:00, and smiling at everybody", "bob"),
        says("Hello to all of you from the finish", "cat"),
    )
    assert len(told(house)) == 2


# -- what was removed -----------------------------------------------------------------------------------------------------


def test_near_copies_of_a_removed_text_wait_whoever_posts_them(open_house: House, restart: Restart) -> None:
    house = open_house
    bring(house, says(LONG, "one"))
    keep(house, gone=(Gone("one", house.clock()),))
    house.app.curate()
    assert told(house) == []
    near = (f"RT @one: {LONG[:80]}…", LONG.replace("singing", "singign") + " #wow", LONG + " at mile 23")
    for number, text in enumerate(near):
        house = restart(house)
        bring(house, says(text, f"n{number}"))
    assert told(house) == []
    assert [whys(house, number)[-1].split(": waits")[0].split(" (")[0][:60] for number in (2, 3, 4)]
    assert all("was removed" in whys(house, number)[-1] for number in (2, 3, 4))


def test_copies_of_a_removed_picture_wait_whoever_posts_them(database: Database, build_house: Build) -> None:
    house = build_house(database, rules=PUBLISH)
    picture = (Media("image", "https://x.example/1.jpg", cid="bafyone"),)
    bring(house, says("Look at this, everybody in the tunnel", "one", media=picture))
    keep(house, gone=(Gone("one", house.clock()),))
    house.app.curate()
    bring(
        house, says("Completely other words for it, and a joke", "two", media=picture), says("", "three", media=picture)
    )
    assert told(house) == []
    assert all(Verdict.HOLD.value in _verdicts(house, number) for number in (2, 3))


def _verdicts(house: House, post_id: int) -> list[str]:
    return [line.verdict for line in house.log("judged") if line.post_id == post_id]


def test_removing_one_of_a_story_and_one_of_a_chorus_leaves_the_others(open_house: House) -> None:
    house = open_house
    bring(house, *(says(LONG, name) for name in ("a", "b", "c")))
    bring(house, *(says("Good luck everyone!", f"g{number}") for number in range(5)))
    keep(house, gone=(Gone("b", house.clock()), Gone("g3", house.clock())))
    house.app.curate()
    story, chorus = live(house)
    assert (story.text, story.also) == (LONG, 1)
    assert (chorus.text, chorus.chorus) == ("Good luck everyone!", 3)


# -- much alike, and new --------------------------------------------------------------------------------------------------

APART = (
    ("She is through the 10K split in 35:20 and looks strong", "She is through the 20K split in 1:10:41 and looks strong"),
    ("The 4:00 pacer has just gone past with a long tail of happy people behind", "The 4:30 pacer has just gone past with a long tail of happy people behind"),
    ("Good luck to my sister who runs a first marathon today in memory of our grandad", "Good luck to my brother who runs a first marathon today in memory of our grandad"),
    ("The road at Greenwich is closed until further notice, says the police", "The road at Greenwich is not closed until further notice, says the police"),
)  # fmt: skip


@pytest.mark.parametrize("author", ["bob", "cat"])
def test_much_alike_and_new_is_told(open_house: House, author: str) -> None:
    for number, (one, other) in enumerate(APART):
        bring(open_house, says(one, "bob", native_id=f"a{number}"))
        bring(open_house, says(other, author, native_id=f"b{number}"))
    assert told(open_house) == [text for pair in APART for text in pair]


def test_a_crowds_few_words_are_one_update_with_a_count_and_none_is_dropped(
    open_house: House, restart: Restart
) -> None:
    bring(open_house, *(says("Good luck everyone!", f"p{number}") for number in range(7)))
    again = restart(open_house)
    bring(again, *(says("good luck EVERYONE 🎉", f"p{number}") for number in range(7, 12)))
    (update,) = live(again)
    assert (update.text, update.chorus) == ("Good luck everyone!", 11)
    with again.app.database.read() as tx:
        assert posts.counts(tx).get("drop", 0) == 0


def test_an_update_that_adds_a_fact_is_told_and_linked(open_house: House, restart: Restart) -> None:
    house = open_house
    bring(house, says(LONG, "bob"))
    house.clock.forward(minutes=3)
    house = restart(house)
    bring(house, says(f"{LONG}, at mile 23", "bob", native_id="b2"))
    first, second = live(house)
    assert second.follows == first.slug
    assert first.followed == second.slug


# -- a restart, a first contact -------------------------------------------------------------------------------------------


def a_day() -> list[list[Post]]:
    return [
        [says(LONG, "a"), says("Good luck everyone!", "g1")],
        [says(f"RT @a.example: {LONG[:70]}…", "b"), says("Good luck everyone!", "g2")],
        [says(LONG.replace("dark", "drak"), "c"), says("10K split in 35:20", "d", native_id="s1")],
        [says("20K split in 70:41", "d", native_id="s2"), says(f"{LONG}, at mile 23", "a", native_id="a2")],
        [says("", "e", repost_of="a"), says("good luck everyone", "g3")],
    ]


@pytest.mark.parametrize("restarts", [(), (1,), (2, 3), (1, 2, 3, 4)])
def test_a_restart_at_any_time_leads_to_the_same_page(
    open_house: House, restart: Restart, restarts: tuple[int, ...]
) -> None:
    house = open_house
    for number, batch in enumerate(a_day()):
        if number in restarts:
            house = restart(house)
        bring(house, *batch)
        house.clock.forward(minutes=2)
    page = [(update.text, update.also, update.chorus, bool(update.follows)) for update in live(house)]
    assert page == [
        (LONG, 3, 0, False),
        ("Good luck everyone!", 0, 2, False),
        ("10K split in 35:20", 0, 0, False),
        ("20K split in 70:41", 0, 0, False),
        (f"{LONG}, at mile 23", 0, 0, True),
    ]


def test_a_first_contact_and_an_interruption_of_a_source_flood_nothing(
    database: Database, build_house: Build, restart: Restart
) -> None:
    old = [says(f"Number {number} of the old ones", f"p{number}", minutes=-600 + number) for number in range(500)]
    source = FakeSource(posts=old, page=1000)
    house = build_house(database, rules=PUBLISH, source=source)
    house.day()
    assert told(house) == []
    house.clock.forward(hours=1)
    source.posts.append(a_post("This one is new", native_id="new", created_at=house.clock(), seen_at=house.clock()))
    house.app.collect("hashtag")
    house.day()
    assert told(house) == ["This one is new"]
    # Enabled again after two days: what it missed is old by now, and the old ones come again.
    house.clock.forward(hours=50)
    missed = [
        says(f"Number {number} of the missed ones", f"m{number}", created_at=START, seen_at=house.clock())
        for number in range(300)
    ]
    source.posts += [*missed, *old]
    again = restart(house)
    again.app.collect("hashtag")
    again.day()
    assert told(again) == ["This one is new"]
