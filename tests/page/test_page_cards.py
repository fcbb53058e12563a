"""A post from X stands on the page as X wants it shown: whole, with name, handle, logo, time and the way there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.core.compose import compose
from bot.core.desk import Official
from bot.core.model import Author, Entity, Media, Post, Update
from bot.core.rights import Rights
from bot.page.draw import draw, fragment
from bot.page.view import CoverageView
from tests.builders import START, a_desk, a_post
from tests.page.html_reader import read

LINK = "https://x.com/ana/status/1"
ANA = Author("1", handle="ana", name="Ana Reyes", url="https://x.com/ana")
PICTURE = Media("image", "https://pbs.example/a.jpg", "a lighthouse on the bridge")


def on_x(text: str = "Tower Bridge is loud", **more: object) -> Post:
    values: dict[str, object] = {"platform": "x", "url": LINK, "author": ANA}
    made = structs.replace(a_post(text), **(values | more))
    return structs.replace(made, created_at=START - timedelta(minutes=20))


def told(post: Post, **desk: object) -> Update:
    made = compose(post, a_desk(**desk), "", START, post_id=1)
    return replace(made, slug="abcdefgh", seq=1)


def html(update: Update) -> str:
    return fragment(update, CoverageView("The day", "The day", "https://live.example", zone="Europe/London"))


def test_it_has_name_handle_logo_time_and_the_way_there() -> None:
    found = html(told(on_x()))
    assert '<bdi class="name">Ana Reyes</bdi>' in found
    assert '<a class="handle" href="https://x.com/ana" rel="nofollow ugc noopener"><bdi>@ana</bdi></a>' in found
    assert f'<a class="logo" href="{LINK}" rel="nofollow ugc noopener" aria-label="X"><svg' in found
    assert '<time datetime="2016-04-24T08:40:00Z"' in found
    assert ">09:40 BST, Sunday 24 April 2016</time></a>" in found
    assert f'<a href="{LINK}" rel="nofollow ugc noopener">View on X</a>' in found
    assert found.count("Ana Reyes") == 2  # once for those who hear the page
    assert 'class="credit"' not in found


def test_links_of_the_text_are_live() -> None:
    text = "Here: https://t.co/abc"
    entity = Entity("link", 6, len(text), "https://t.co/abc")
    assert 'href="https://t.co/abc"' in html(told(on_x(text, entities=(entity,))))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=280))
def test_every_sign_of_it_is_there(text: str) -> None:
    assert text in read(html(told(on_x(text)))).text


def test_an_official_keeps_their_own_name_on_the_card_and_the_desk_s_above_it() -> None:
    found = html(told(on_x(), officials={"x:1": Official("Race office", "Organiser")}))
    assert '<p class="byline"><bdi class="name">Race office</bdi>' in found
    assert '<p class="cardhead"><bdi class="name">Ana Reyes</bdi>' in found


def test_a_picture_stands_in_the_card_without_words() -> None:
    found = html(told(on_x("", media=(PICTURE,))))
    assert 'class="card"' in found
    assert "https://pbs.example/a.jpg" in found


@pytest.mark.parametrize("desk", [{"source_rights": {"hashtag": Rights(full_text=False)}}])
def test_what_is_not_shown_has_no_card_but_a_credit_and_the_link(desk: dict[str, object]) -> None:
    found = html(told(on_x(), **desk))
    assert 'class="card"' not in found
    assert "loud" not in found
    assert f'<p class="credit"><a href="{LINK}"' in found


def test_other_platforms_have_none() -> None:
    assert 'class="card"' not in html(told(on_x(platform="bluesky")))
    assert 'class="card"' not in html(replace(told(on_x()), url=""))


def test_an_update_of_an_older_version_is_drawn_without_a_time() -> None:
    found = html(replace(told(on_x()), posted_at=None))
    assert "View on X" in found
    assert "<time" not in found.partition('class="cardfoot"')[2]


def test_feeds_have_no_card() -> None:
    view = CoverageView("The day", "The day", "https://live.example", updates=(told(on_x()),))
    for name, body in draw(view).items():
        assert name not in ("feed.atom", "feed.json") or b"View on X" not in body
