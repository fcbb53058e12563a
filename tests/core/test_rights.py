"""Nothing of what may not leave the page is in any feed, preview or account; on the page it stands whole, or not at all."""

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.core.compose import compose
from bot.core.model import Credit, LengthUnit, Limits, Media, Update, UpdateKind, UpdateState
from bot.core.rights import NAMES, RIGHTS, Rights, as_elsewhere, loosened, rights
from bot.core.snippets import fit
from bot.page.draw import draw, fragment
from bot.page.view import CoverageView
from tests.builders import START, a_desk, a_post

LINK = "https://x.com/ana/status/1"
PICTURE = Media("image", "https://pbs.example/secret.jpg", "a lighthouse on the bridge")


def an_update(text: str, platform: str = "x", **more: object) -> Update:
    made = Update(
        1,
        "abcdefgh",
        UpdateKind.POST,
        UpdateState.LIVE,
        START,
        text,
        credit=Credit("Ana", "ana", platform, "https://x.com/ana"),
        url=LINK,
        media=(PICTURE,),
        post_id=1,
        seq=1,
    )
    return replace(made, **more)  # type: ignore[arg-type] # fields by name


def files(update: Update) -> dict[str, str]:
    view = CoverageView("The day", "The day", "https://live.example", updates=(update,))
    return {name: body.decode() for name, body in draw(view).items()}


def previews(page: str) -> str:
    return "\n".join(part for part in page.split("<") if part.startswith(("meta ", "title", "h1")))


WORDS = st.text(st.sampled_from("zqxjvwk "), min_size=4, max_size=280).map(str.strip).filter(lambda text: len(text) > 3)


@given(WORDS)
def test_no_word_of_x_is_in_a_feed_a_preview_or_an_account(words: str) -> None:
    update = an_update(words)
    drawn = files(update)
    for text in (drawn["feed.atom"], drawn["feed.json"], previews(drawn["u/abcdefgh.html"])):
        assert words not in text
        assert "secret.jpg" not in text
        assert "lighthouse" not in text
    assert json.loads(drawn["feed.json"])["items"][0]["external_url"] == LINK
    said = fit(update, Limits(500, LengthUnit.CHARACTERS), created_at=START + timedelta(minutes=1))
    assert words not in said.text
    assert said.text == f"Ana, on X: {LINK}"


def test_on_the_page_it_stands_whole_with_credit_and_link() -> None:
    drawn = files(an_update("Tower Bridge is loud"))
    for name in ("index.html", "u/abcdefgh.html"):
        assert "Tower Bridge is loud" in drawn[name]
        assert LINK in drawn[name]
        assert "@ana" in drawn[name]


@pytest.mark.parametrize("platform", ["bluesky", "mastodon", "feeds", ""])
def test_what_has_no_such_rule_goes_everywhere(platform: str) -> None:
    update = an_update("Tower Bridge is loud", platform)
    assert as_elsewhere(update) is update
    drawn = files(update)
    assert "Tower Bridge is loud" in drawn["feed.atom"]
    assert "Tower Bridge is loud" in drawn["feed.json"]
    assert "Tower Bridge is loud" in previews(drawn["u/abcdefgh.html"])


def test_our_own_words_about_x_are_ours() -> None:
    own = an_update("Kipchoge wins", kind=UpdateKind.DESK)
    assert as_elsewhere(own) is own


def test_what_may_not_be_altered_is_linked_where_a_rule_blacks_something_out() -> None:
    text = "Lost my keys, ring 020 7946 0123"
    post = structs.replace(a_post(text), platform="x", url=LINK, media=(PICTURE,))
    whole = compose(post, a_desk(), "", START, post_id=1)
    assert (whole.text, whole.media) == (text, (PICTURE,))
    untouched = compose(
        structs.replace(post, text="Nothing to hide"), a_desk(), "", START, post_id=1, redact=("phone",)
    )
    assert untouched.text == "Nothing to hide"
    linked = compose(post, a_desk(), "", START, post_id=1, redact=("phone",))
    assert (linked.text, linked.title, linked.media, linked.entities, linked.url) == ("", "", (), (), LINK)
    view = CoverageView("The day", "The day", "https://live.example", updates=(replace(linked, slug="abcdefgh"),))
    drawn = fragment(view.updates[0], view)
    assert "keys" not in drawn
    assert LINK in drawn
    elsewhere = compose(structs.replace(post, platform="bluesky"), a_desk(), "", START, post_id=1, redact=("phone",))
    assert elsewhere.text.startswith("Lost my keys, ring ")
    assert "7946" not in elsewhere.text


def test_only_what_has_a_rule_stands_in_the_table() -> None:
    assert all(one != Rights() for one in RIGHTS.values())
    assert rights("nowhere") == Rights()


def test_no_picture_of_x_is_sent_to_an_account() -> None:
    said = fit(an_update("Tower Bridge is loud"), Limits(500, media=4), created_at=START)
    assert (said.text, said.media) == (f"Ana, on X: {LINK}", ())
    assert fit(an_update("", "bluesky"), Limits(500, media=4), created_at=START).media == (PICTURE,)


@given(st.builds(Rights), st.builds(Rights))
def test_what_two_say_is_never_more_than_one_of_them(one: Rights, other: Rights) -> None:
    both = one.within(other)
    assert both == other.within(one)
    for name in NAMES:
        of_both, of_one = getattr(both, name), getattr(one, name)
        assert of_both or not of_one if name == "approve" else of_one or not of_both
    assert one.within(one) == one
    assert one.within(Rights()) == one


@pytest.mark.parametrize("platform", ["x", "mail", "bluesky", "nowhere"])
def test_less_than_a_platform_allows_can_be_wanted_and_more_is_named(platform: str) -> None:
    strict = Rights(full_text=False, feeds=False, cross_post=False, quote=False, approve=True)
    assert not list(loosened(platform, asdict(strict)))
    assert not list(loosened(platform, asdict(rights(platform))))
    for name, why, allowed in loosened(platform, asdict(Rights())):
        assert why
        assert getattr(rights(platform), name) is (allowed == f"{name} = true")
    assert not list(loosened(platform, {"feeds": "yes", "quote": None}))


def test_of_x_only_the_link_leaves_the_page_and_of_letters_each_waits() -> None:
    assert [name for name, _, _ in loosened("x", asdict(Rights()))] == ["feeds", "quote"]
    assert [name for name, _, _ in loosened("mail", asdict(Rights()))] == ["approve"]
    assert rights("x").said == (
        "on the page whole or not at all",
        "in feeds the link alone",
        "at accounts the link alone",
    )
    assert Rights().said == ()


@pytest.mark.parametrize("platform", ["bluesky", "x"])
def test_a_source_s_own_rights_keep_words_from_feeds_accounts_and_the_page(platform: str) -> None:
    post = structs.replace(a_post("Tower Bridge is loud"), platform=platform, url=LINK, media=(PICTURE,))
    rest = Limits(500, media=4)

    def made(**own: bool) -> Update:
        desk = a_desk(source_rights={"hashtag": Rights(**own)})
        return replace(compose(post, desk, "", START, post_id=1), slug="abcdefgh", seq=1)

    drawn = files(made(feeds=False))
    assert "is loud" in drawn["index.html"]
    for text in (drawn["feed.atom"], drawn["feed.json"], previews(drawn["u/abcdefgh.html"])):
        assert "loud" not in text
        assert "secret.jpg" not in text
    linked = fit(made(quote=False), rest, created_at=START)
    assert "loud" not in linked.text
    assert LINK in linked.text
    assert linked.media == ()
    nowhere = made(full_text=False)
    assert (nowhere.text, nowhere.title, nowhere.media, nowhere.entities) == ("", "", (), ())
    assert not any("loud" in text for text in files(nowhere).values())
    assert LINK in files(nowhere)["index.html"]
