"""What stands above the rules: told, rejected, taken back, edited, gone, official. Each on both databases."""

import pytest

from bot.app import look, verbs
from bot.core.errors import RefusedError, Unavailable
from bot.core.model import Author, Batch, Gone, Media, Post
from bot.pipeline import collect
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.pipeline.houses import deliveries, live

LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"


def bring(house: House, *posts: Post, **more: object) -> None:
    """Let a batch come in and do what follows from it."""
    batch = Batch(posts, **more)  # type: ignore[arg-type] # fields of Batch by name
    unit = house.app.sources["hashtag"]
    collect.store(house.app.database, batch, unit.terms, lane="stream", now=house.clock(), machine_now=house.machine())
    house.day()


@pytest.fixture(autouse=True)
def five_past(house: House) -> None:
    house.clock.forward(minutes=5)


def official(text: str, native_id: str = "o1", version: str = "1") -> Post:
    return a_post(text, author=OFFICIAL, native_id=native_id, version=version, minutes=4)


def queue(house: House) -> list[str]:
    return [item.post.text for item in look.queue(house.app)]


def test_a_full_stop_more_does_not_bring_a_withdrawn_post_back(house: House) -> None:
    bring(house, official(LONG))
    verbs.take_back(house.app, live(house)[0].slug, by="ana", why="wrong runner")
    bring(house, official(LONG + ".", version="2"))
    assert live(house) == []
    assert queue(house) == [LONG + "."]
    assert house.publisher.standing() == []


def test_a_copy_of_what_was_withdrawn_waits_for_a_person(house: House) -> None:
    bring(house, official(LONG))
    verbs.take_back(house.app, live(house)[0].slug, by="ana")
    bring(house, official(LONG, "o2"))
    assert live(house) == []
    assert queue(house) == [LONG]


def test_an_edit_follows_and_an_edit_back_too(house: House) -> None:
    bring(house, official("Race is on"))
    bring(house, official("Race is stopped", version="2"))
    assert [update.text for update in live(house)] == ["Race is stopped"]
    bring(house, official("Race is on", version="1"))
    assert [update.text for update in live(house)] == ["Race is on"]
    assert len(house.publisher.standing()) == 1


def test_a_stranger_who_said_it_first_does_not_silence_an_official(house: House) -> None:
    bring(house, a_post(LONG, author="did:plc:troll", minutes=4))
    verbs.reject(house.app, str(look.queue(house.app)[0].id), by="ana", why="rumour")
    bring(house, official(LONG))
    assert [update.is_official for update in live(house)] == [True]
    bring(house, official(LONG, "o2"))
    assert len(live(house)) == 1, "once in an official's own words is enough"


def test_a_copy_of_a_rejected_story_is_dropped(house: House) -> None:
    bring(house, a_post(LONG, author="did:plc:one", minutes=4))
    verbs.reject(house.app, str(look.queue(house.app)[0].id), by="ana")
    bring(house, a_post(LONG, author="did:plc:two", minutes=4))
    assert queue(house) == []


def test_an_account_that_went_before_its_first_post_came_is_heard_again_when_it_is_back(house: House) -> None:
    gone = Gone(OFFICIAL, house.clock(), "account deactivated")
    bring(house, gone_authors=(gone,))
    bring(house, official("Said too late"))
    assert live(house) == []
    bring(house, back_authors=(OFFICIAL,))
    bring(house, official("Said when it was back", "o2"))
    assert [update.text for update in live(house)] == ["Said when it was back"]


def test_a_tombstone_wins_over_a_late_create_unless_the_post_only_left_our_view(house: House) -> None:
    bring(house, gone=(Gone("o1", house.clock()),))
    bring(house, official("Deleted before it came"))
    assert live(house) == []
    bring(house, official("Here to stay", "o2"))
    bring(house, gone=(Gone("o2", house.clock(), "the hashtag was taken away", final=False),))
    assert live(house) == []
    bring(house, official("Here to stay #GetInspired", "o2", "2"))
    assert queue(house) == ["Here to stay #GetInspired"], "it was taken back once: a person brings it back"
    bring(house, gone=(Gone("o3", house.clock(), "never ours", final=False),))
    bring(house, official("First seen with its tag", "o3", "2"))
    assert [update.text for update in live(house)] == ["First seen with its tag"]


def test_what_no_database_takes_is_cleaned_and_the_rest_goes_on(house: House) -> None:
    strange = a_post("half a \ud83d pair and a \x00", author=OFFICIAL, native_id="s1", minutes=4)
    bring(house, strange, official("The next one", "o2"))
    assert {update.text for update in live(house)} >= {"The next one"}
    assert len(live(house)) == 2
    named = Post(
        "bluesky",
        "s2",
        "hashtag",
        Author("did:plc:nul", "nul\x00.example", "N\x00ul"),
        house.clock(),
        house.clock(),
        "hello",
    )
    bring(house, named)
    assert "hello" in queue(house)


def test_corrected_words_are_the_ones_that_are_sent(house: House) -> None:
    house.publisher.fail = [Unavailable("connection refused")]
    written = verbs.write(house.app, verbs.manuscript("Road closed at mile nine", strand="official"), by="ana")
    house.app.publish("social")
    verbs.edit(house.app, written.update.slug, changes={"text": "Road OPEN at mile nine"}, by="ana")
    house.machine.forward(minutes=5)
    house.app.publish("social")
    (text,) = house.publisher.standing()
    assert "OPEN" in text


def test_approving_what_its_author_has_deleted_is_refused(house: House) -> None:
    bring(house, a_post("Please do not", native_id="n1", minutes=4))
    (item,) = look.queue(house.app)
    unit = house.app.sources["hashtag"]
    batch = Batch(gone=(Gone("n1", house.clock()),))
    collect.store(house.app.database, batch, unit.terms, lane="stream", now=house.clock(), machine_now=house.machine())
    with pytest.raises(RefusedError, match="taken it down"):
        verbs.approve(house.app, str(item.id), by="ana")
    assert live(house) == []


def test_in_quiet_mode_an_officials_correction_goes_through_and_nothing_light_does(house: House) -> None:
    bring(house, official("Start at ten"))
    verbs.quiet(house.app, True, by="ana")
    bring(house, official("Start at eleven", version="2"), official("A new thing", "o2"))
    assert [update.text for update in live(house)] == ["Start at eleven"]
    assert queue(house) == ["A new thing"]
    bring(house, a_post("Go on Alice", minutes=4))
    light = next(item for item in look.queue(house.app) if item.post.text == "Go on Alice")
    with pytest.raises(RefusedError, match="quiet mode"):
        verbs.approve(house.app, str(light.id), by="ana")
    verbs.approve(house.app, str(look.queue(house.app)[0].id), by="ana")
    assert len(live(house)) == 2


def test_accounts_of_a_live_update_can_be_taken_away_and_given_back(house: House) -> None:
    written = verbs.write(house.app, verbs.manuscript("Everywhere", strand="official"), by="ana")
    house.day()
    assert len(house.publisher.standing()) == 1
    verbs.edit(house.app, written.update.slug, changes={"accounts": ()}, by="ana")
    house.day()
    assert house.publisher.standing() == []
    assert deliveries(house)[0].state.value == "retracted"


def test_what_is_blacked_out_hides_nowhere(house: House) -> None:
    (house.rules / "20-contact.toml").write_text(
        '[[rule]]\nid = "contact"\nabout = "Numbers are nobody\'s business."\nredact = ["phone"]\nwhen = [\'has_phone(text)\']\n'
        'catches = ["call 020 7946 0000 now"]\nspares = ["4:03:12"]\n',
    )
    house.day()
    post = a_post(
        "call 020 7946 0000 now",
        author=OFFICIAL,
        minutes=4,
        media=(Media("image", "https://x.example/1.jpg", "tel 020 7946 0000"),),
    )
    bring(house, post)
    (update,) = live(house)
    assert "7946" not in f"{update.text} {update.media}"
    assert "7946" in look.explain(house.app, "1").versions[0].text, "what was said is kept as it was said"
