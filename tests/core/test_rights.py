"""Nothing of what may not leave the page is in any feed, preview or account; on the page it stands whole, or not at all."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.core.compose import compose
from bot.core.model import Credit, LengthUnit, Limits, Media, Update, UpdateKind, UpdateState
from bot.core.rights import RIGHTS, as_elsewhere, rights
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
    assert all(not (one.elsewhere and one.altered) for one in RIGHTS.values())
    assert rights("nowhere").elsewhere
