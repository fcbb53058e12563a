"""What a source's posts may be used for, from the source to the page, the feeds and the account: on both databases."""

from collections.abc import Callable

import pytest

from bot.app import look, verbs
from bot.core.model import Media, Post, Verdict
from bot.core.rights import Rights
from bot.pipeline.collect import Terms
from bot.store import posts
from bot.store.database import Database
from tests.builders import OFFICIAL, a_desk, a_post
from tests.conftest import House
from tests.pipeline.houses import live, states
from tests.pipeline.incoming import keep
from tests.pipeline.sayings import PUBLISH, bring, whys
from tests.pipeline.test_refreshing import drawn

LOUD = "Tower Bridge is so loud that nobody hears the band, and the band plays on as if it were alone in London"
PICTURE = Media("image", "https://cdn.example/secret.jpg", "a lighthouse on the bridge")
BRIDGE = "https://social.example/bridge"

Build = Callable[..., House]


@pytest.fixture
def ruled(database: Database, build_house: Build) -> Callable[..., House]:
    """A house whose rules publish everybody, with what is allowed of "hashtag" and of "wire"."""

    def build(*, wire: Rights | None = None, platform: str = "bluesky", **own: bool) -> House:
        allowed = {"hashtag": Rights(**own)} | ({"wire": wire} if wire else {})
        desk = a_desk(source_rights=allowed, pictures=False)
        return build_house(database, desk=desk, rules=PUBLISH, terms=Terms("hashtag", platform=platform))

    return build


def loud(who: str = "ana", text: str = LOUD, **more: object) -> Post:
    values: dict[str, object] = {"media": (PICTURE,), "url": BRIDGE, "author": f"did:plc:{who}", "native_id": who}
    return a_post(text, **(values | more))  # type: ignore[arg-type] # fields of Post by name


def sent(house: House) -> list[str]:
    house.app.publish("social")
    return [snippet.text for snippet in house.publisher.sent.values()]


def elsewhere(house: House) -> str:
    """Feeds and previews, as readers get them."""
    files = {name: body.decode() for name, body in drawn(house).items() if name.endswith((".atom", ".json", ".html"))}
    heads = [text.partition("<body>")[0] for name, text in files.items() if name.startswith("u/")]
    return "\n".join([files["feed.atom"], files["feed.json"], *heads])


def verdict(house: House, number: int) -> Verdict | None:
    with house.app.database.read() as tx:
        return posts.by_id(tx, [number])[0].verdict


def test_without_a_word_of_the_desk_everything_goes_everywhere(ruled: Callable[..., House]) -> None:
    house = ruled()
    bring(house, loud())
    assert LOUD in elsewhere(house)
    assert LOUD in drawn(house)["index.html"].decode()
    (text,) = sent(house)
    assert LOUD in text


def test_what_a_person_must_approve_waits_whatever_rules_say(ruled: Callable[..., House]) -> None:
    house = ruled(approve=True)
    bring(house, loud(), loud("organiser", author=OFFICIAL, text="The start is delayed by ten minutes"))
    assert live(house) == []
    assert [verdict(house, number) for number in (1, 2)] == [Verdict.HOLD, Verdict.HOLD]
    for number in (1, 2):
        assert whys(house, number)[-1].startswith('the rights of source "hashtag" want a person\'s approval; ')
        assert whys(house, number)[-1] == look.explain(house.app, f"{number}").journal[-1].why
    assert {item.why for item in look.queue(house.app)} == {whys(house, 1)[-1], whys(house, 2)[-1]}
    house.app.adopt(at_once=True)
    house.app.curate()
    assert live(house) == []
    verbs.approve(house.app, "1", by="ana")
    (text,) = sent(house)
    assert LOUD in text


def test_what_rules_drop_does_not_wait_for_a_person(ruled: Callable[..., House]) -> None:
    house = ruled(approve=True)
    bring(house, loud("bad"))
    assert verdict(house, 1) is Verdict.DROP


def test_an_edit_of_what_a_person_approved_is_taken_off_until_one_looks(ruled: Callable[..., House]) -> None:
    house = ruled(approve=True)
    bring(house, loud())
    verbs.approve(house.app, "1", by="ana")
    bring(house, loud(text="Tower Bridge is silent", version="2", is_edit=True))
    assert live(house) == []
    assert verdict(house, 2) is Verdict.HOLD
    verbs.approve(house.app, "2", by="ana")
    assert [update.text for update in live(house)] == ["Tower Bridge is silent"]


def test_what_is_not_cross_posted_stands_on_the_page_alone_and_the_log_says_why(ruled: Callable[..., House]) -> None:
    house = ruled(cross_post=False)
    bring(house, loud())
    assert LOUD in drawn(house)["index.html"].decode()
    assert LOUD in elsewhere(house)
    assert states(house) == []
    assert sent(house) == []
    (line,) = house.log("told")
    assert line.why.endswith('; not cross-posted: the rights of source "hashtag" keep it to the page')
    assert line in look.explain(house.app, "1").journal


def test_a_person_s_approval_does_not_send_what_is_not_cross_posted(ruled: Callable[..., House]) -> None:
    house = ruled(cross_post=False, approve=True)
    bring(house, loud())
    verbs.approve(house.app, "1", by="ana")
    assert len(live(house)) == 1
    assert states(house) == []
    (line,) = house.log("told")
    assert line.why == 'approved; not cross-posted: the rights of source "hashtag" keep it to the page'


def test_what_is_not_quoted_is_named_and_linked_at_accounts(ruled: Callable[..., House]) -> None:
    house = ruled(quote=False)
    bring(house, loud())
    assert LOUD in elsewhere(house)
    (text,) = sent(house)
    assert text == f"#GetInspired: Ana, on Bluesky: {BRIDGE}"
    (snippet,) = house.publisher.sent.values()
    assert snippet.media == ()


def test_what_may_not_stand_in_feeds_is_linked_there_and_stands_on_the_page(ruled: Callable[..., House]) -> None:
    house = ruled(feeds=False)
    bring(house, loud())
    assert LOUD in drawn(house)["index.html"].decode()
    found = elsewhere(house)
    assert not any(word in found for word in ("nobody hears", "secret.jpg", "lighthouse"))
    assert BRIDGE in found
    (text,) = sent(house)
    assert LOUD in text


def test_what_may_not_be_shown_in_full_is_a_link_everywhere(ruled: Callable[..., House]) -> None:
    house = ruled(full_text=False)
    bring(house, loud())
    found = elsewhere(house) + "".join(sent(house)) + drawn(house)["index.html"].decode()
    assert not any(word in found for word in ("nobody hears", "secret.jpg", "lighthouse"))
    assert found.count(BRIDGE) >= 4


def test_of_x_the_page_has_the_whole_post_and_all_else_a_link_without_any_setting(ruled: Callable[..., House]) -> None:
    house = ruled(platform="x")
    bring(house, loud("7", author="7", platform="x"))
    assert LOUD in drawn(house)["index.html"].decode()
    found = elsewhere(house) + "".join(sent(house))
    assert not any(word in found for word in ("nobody hears", "secret.jpg", "lighthouse"))
    assert found.count(BRIDGE) >= 3


def test_of_a_story_the_rights_of_the_post_that_is_shown_count(ruled: Callable[..., House]) -> None:
    house = ruled(quote=False, wire=Rights(cross_post=False))
    bring(house, loud())
    bring(house, loud("bo", source="wire"))
    (update,) = live(house)
    assert (update.also, update.is_quotable) == (1, False)
    assert sent(house) == [f"#GetInspired: Ana, on Bluesky: {BRIDGE}"]


def test_of_a_story_the_wire_s_rights_count_where_its_post_is_shown(ruled: Callable[..., House]) -> None:
    house = ruled(quote=False, wire=Rights(cross_post=False))
    bring(house, loud("bo", source="wire"))
    bring(house, loud())
    (update,) = live(house)
    assert (update.also, update.is_quotable) == (1, True)
    assert sent(house) == []


def test_a_chorus_that_passes_on_goes_by_the_rights_of_who_speaks_now(ruled: Callable[..., House]) -> None:
    house = ruled(cross_post=False, wire=Rights())
    cheer = "Go on, you can do it"
    bring(house, loud("bo", source="wire", text=cheer, media=(), url="https://social.example/1"))
    bring(house, loud("cy", text=cheer, media=(), url="https://social.example/2"))
    (first,) = live(house)
    assert first.chorus == 1
    keep(house, loud("bo", source="wire", text="The band has stopped at mile 12", version="2", is_edit=True))
    house.app.curate()
    stands = [update for update in live(house) if update.text == cheer]
    assert [update.accounts for update in stands] == [()]
    assert any("not cross-posted" in line.why for line in house.log("told"))
