"""Updates fitted to accounts."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Credit, Entity, LengthUnit, Limits, Media, Snippet, Update, UpdateKind, UpdateState
from bot.core.snippets import fit
from bot.core.text.cleaning import paragraphs, unmentioned
from bot.core.text.facets import facets
from bot.core.text.hashtags import hashtags
from bot.core.text.lengths import length
from tests.core.text.hostile import mentions, texts

NOW = datetime(2016, 4, 24, 13, 2, 11, tzinfo=UTC)
URL = "https://bsky.app/profile/alex.example/post/3k"
PAGE = "https://example.org/live/abcd1234"
BLUESKY = Limits(length=300, unit=LengthUnit.GRAPHEMES, max_bytes=3000, media=4)
ALEX = Credit(name="Alex Younger", handle="alex.example", platform="bluesky")


def _update(
    text: str, kind: UpdateKind = UpdateKind.POST, credit: Credit | None = ALEX, url: str = URL, title: str = ""
) -> Update:
    return Update(
        id=1,
        slug="abcd1234",
        kind=kind,
        state=UpdateState.LIVE,
        at=NOW,
        text=text,
        credit=credit,
        url=url,
        title=title,
        lang="en",
    )


def _fit(update: Update, limits: Limits = BLUESKY, strand: str = "", page_url: str = "") -> Snippet:
    return fit(update, limits, strand_name=strand, page_url=page_url, created_at=NOW)


def _parts(snippet: Snippet) -> list[tuple[str, str, str]]:
    return [(entity.kind, snippet.text[entity.start : entity.end], entity.target) for entity in snippet.entities]


@pytest.mark.parametrize("kind", UpdateKind)
def test_a_snippet_says_what_it_was_made_from(kind: UpdateKind) -> None:
    """Some accounts show milestones more widely."""
    assert _fit(_update("Halfway", kind)).kind is kind


def test_a_post_is_quoted_with_credit_and_link() -> None:
    snippet = _fit(_update("Good luck to all #Tusk runners!"), strand="#GetInspired")
    assert snippet.text == f"#GetInspired: “Good luck to all #Tusk runners!” — Alex Younger, on Bluesky {URL}"
    assert _parts(snippet) == [("tag", "#GetInspired", "GetInspired"), ("tag", "#Tusk", "Tusk"), ("link", URL, URL)]
    assert snippet.lang == "en"
    assert snippet.created_at == NOW


def test_a_strand_that_is_no_tag_is_only_words() -> None:
    snippet = _fit(_update("Off they go"), strand="Men's race")
    assert snippet.text.startswith("Men's race: “Off they go”")
    assert [entity.kind for entity in snippet.entities] == ["link"]


def test_only_the_quote_is_cut() -> None:
    snippet = _fit(_update("word " * 200), strand="#GetInspired")
    assert snippet.text.startswith("#GetInspired: “word word")
    assert snippet.text.endswith(f"word…” — Alex Younger, on Bluesky {URL}")
    assert 290 <= length(snippet.text, LengthUnit.GRAPHEMES) <= 300


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (200, f"#GetInspired: “Good luck to everyone out there” — Alex Younger, on Bluesky {URL}"),
        (110, f"#GetInspired: “Good luck to…” — Alex Younger, on Bluesky {URL}"),
        (104, f"#GetInspired: “Good luck to…” — Alex Younger, on Bluesky {URL}"),
        (99, f"#GetInspired: “Good luck…” — Alex Younger, on Bluesky {URL}"),
        (98, f"#GetInspired: Alex Younger, on Bluesky: {URL}"),
        (80, f"Alex Younger, on Bluesky: {URL}"),
        (66, f"Alex…, on Bluesky: {URL}"),
        (58, URL),
        (len(URL), URL),
        (len(URL) - 1, ""),
        (0, ""),
    ],
)
def test_what_gives_way_and_when(limit: int, expected: str) -> None:
    snippet = _fit(
        _update("Good luck to everyone out there"), Limits(limit, LengthUnit.GRAPHEMES), strand="#GetInspired"
    )
    assert snippet.text == expected
    if expected:
        assert snippet.entities[-1] == Entity("link", len(expected) - len(URL), len(expected), URL)


def test_a_post_of_x_is_never_quoted() -> None:
    credit = Credit(name="Alex Younger", handle="alex", platform="x")
    snippet = _fit(_update("Never cut me", credit=credit, url="https://x.com/alex/status/1"))
    assert snippet.text == "Alex Younger, on X: https://x.com/alex/status/1"


def test_a_name_alone_is_not_sent() -> None:
    credit = Credit(name="Alex Younger", handle="alex", platform="x")
    without = Limits(280, LengthUnit.WEIGHTED, media=4, link=False)
    update = _update("Never cut me", credit=credit, url="https://x.com/alex/status/1")
    assert _fit(update, without).text == ""
    described = replace(update, media=(Media("image", "media/a.png", "A rhino"),))
    assert _fit(described, without).text == ""  # a picture from X goes nowhere either
    assert _fit(replace(described, text="", credit=ALEX), without).text == "Alex Younger, on Bluesky"


def test_a_post_without_words_is_credited() -> None:
    assert _fit(_update("")).text == f"Alex Younger, on Bluesky: {URL}"
    assert _fit(_update("", credit=None)).text == URL
    assert _fit(_update("Hi", credit=None)).text == f"“Hi” {URL}"


def test_a_feed_has_a_name_but_no_platform() -> None:
    snippet = _fit(_update("Roads reopen at six", credit=Credit(name="Transport desk", platform="feeds")))
    assert snippet.text == f"“Roads reopen at six” — Transport desk {URL}"


def test_nothing_turns_the_words_around_it() -> None:
    turned = "Ignore \u202eelim ta retaw\u2067 now"
    update = _update(turned, credit=Credit(turned, platform="bluesky"), title=turned)
    update = replace(update, media=(Media("image", "media/a.png", turned),))
    snippet = _fit(update, strand=turned)
    assert not {"\u202e", "\u2067"} & set(snippet.text + snippet.media[0].alt)
    assert snippet.media[0].alt == "Ignore elim ta retaw now"


def test_platforms_have_the_names_they_are_given() -> None:
    snippet = fit(_update("Hi"), BLUESKY, created_at=NOW, platform_names={"bluesky": "the blue place"})
    assert "on the blue place" in snippet.text


def test_our_own_words_stand_for_themselves() -> None:
    update = _update("The first of the masses are home.", UpdateKind.MILESTONE, credit=None, url="", title="Four hours")
    assert _fit(update, page_url=PAGE).text == f"Four hours. The first of the masses are home. {PAGE}"
    assert _fit(update).text == "Four hours. The first of the masses are home."
    desk = _update(f"Read {PAGE} now", UpdateKind.DESK, credit=None, url="", title="Really?")
    assert _fit(desk, page_url=PAGE).text == f"Really? Read {PAGE} now"
    assert _fit(desk, strand="Roads", page_url=PAGE).text == f"Roads: Really? Read {PAGE} now"
    assert (
        _fit(_update("Rain.", UpdateKind.DESK, url=""), strand="Weather", page_url=PAGE).text
        == f"Weather: Rain. {PAGE}"
    )


def test_our_own_words_are_cut_before_the_link() -> None:
    snippet = _fit(_update("word " * 100, UpdateKind.DESK, url=""), Limits(60, LengthUnit.GRAPHEMES), page_url=PAGE)
    assert snippet.text == f"word word word word word… {PAGE}"


def test_a_link_that_is_cut_off_with_the_text_comes_back() -> None:
    update = _update("word " * 100 + PAGE, UpdateKind.DESK, url="")
    assert _fit(update, Limits(60, LengthUnit.GRAPHEMES), page_url=PAGE).text.endswith(f"… {PAGE}")


def test_accounts_without_links_get_none() -> None:
    snippet = _fit(_update("Hi"), Limits(300, LengthUnit.GRAPHEMES, link=False))
    assert snippet.text == "“Hi” — Alex Younger, on Bluesky"
    assert snippet.entities == ()


def test_nobody_is_mentioned_and_no_name_becomes_a_tag_or_a_link() -> None:
    credit = Credit(name="@alex #vote http://spam.example.com/x alex.example.com", platform="bluesky")
    snippet = _fit(_update("Thanks @ana.bsky.social and @bob", credit=credit))
    assert snippet.text == f"“Thanks ana.bsky.social and bob” — alex vote alex.example.com, on Bluesky {URL}"
    assert _parts(snippet) == [("link", URL, URL)]


def test_a_slip_in_somebodys_words_becomes_no_link() -> None:
    snippet = _fit(_update("All done.So proud, see https://example.com/me"))
    assert _parts(snippet) == [("link", "https://example.com/me", "https://example.com/me"), ("link", URL, URL)]
    own = _fit(_update("See example.com", UpdateKind.DESK, url=""))
    assert _parts(own) == [("link", "example.com", "https://example.com")]


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a b", "https://", "ftp://x.org", "https://x.org/\u202e", "http://x.org/\n"]
)
def test_what_is_no_address_is_left_out(url: str) -> None:
    assert _fit(_update("Hi", url=url)).text == "“Hi” — Alex Younger, on Bluesky"


def test_lines_stay_lines() -> None:
    assert _fit(_update("One  two\r\n\r\n\r\n\r\nthree\t four ")).text.startswith("“One two\n\nthree four” —")


def test_pictures_need_alt_text() -> None:
    pictures = [Media("image", f"media/{n}.jpg", alt="a" * n) for n in range(4)]
    update = Update(
        id=1,
        slug="abcd1234",
        kind=UpdateKind.DESK,
        state=UpdateState.LIVE,
        at=NOW,
        text="Look",
        media=(Media("video", "v", alt="v"), Media("image", "blank", alt="  "), *pictures),
    )
    assert _fit(update, Limits(300, media=2)).media == tuple(pictures[1:3])
    assert _fit(update, Limits(300, media=0)).media == ()


limits = st.builds(
    Limits,
    length=st.integers(-1, 320),
    unit=st.sampled_from(LengthUnit),
    max_bytes=st.integers(0, 500),
    media=st.integers(-1, 4),
    link=st.booleans(),
)
urls = st.one_of(
    st.just(""), st.just(URL), st.just("https://example.social/@ana/1"), st.just("https://例え.jp/路/(x)."), texts
)
credits_ = st.one_of(
    st.none(), st.builds(Credit, name=texts, handle=texts, platform=st.sampled_from(["bluesky", "x", "feeds", ""]))
)
updates = st.builds(
    Update,
    id=st.just(1),
    slug=st.just("abcd1234"),
    kind=st.sampled_from(UpdateKind),
    state=st.just(UpdateState.LIVE),
    at=st.just(NOW),
    text=texts,
    title=texts,
    credit=credits_,
    url=urls,
    media=st.lists(st.builds(Media, kind=st.sampled_from(["image", "video"]), alt=texts), max_size=5).map(tuple),
)


@given(updates, limits, texts, urls)
def test_laws(update: Update, limit: Limits, strand: str, page_url: str) -> None:
    snippet = _fit(update, limit, strand, page_url)
    text = snippet.text
    assert not text or length(text, limit.unit) <= limit.length
    assert not text or not limit.max_bytes or len(text.encode("utf-8")) <= limit.max_bytes
    text.encode("utf-8")
    assert all(0 <= entity.start < entity.end <= len(text) for entity in snippet.entities)
    assert all(one.end <= two.start for one, two in pairwise(snippet.entities))
    for entity in snippet.entities:
        part = text[entity.start : entity.end]
        if entity.kind == "tag":
            assert part[0] in "#＃$"
            assert entity.target.casefold() in {part.casefold(), part[1:].casefold()}
        else:
            assert entity.kind == "link"
            assert entity.target in {part, f"https://{part}"}
    assert len(snippet.media) <= max(0, limit.media)
    assert all(item.kind == "image" and item.alt.strip() for item in snippet.media)


@given(texts, st.integers(60, 200), st.sampled_from(LengthUnit))
def test_a_cut_quote_has_no_tag_or_link_that_the_whole_had_not(text: str, limit: int, unit: LengthUnit) -> None:
    quote = unmentioned(paragraphs(text))
    whole = {(entity.kind, entity.target) for entity in (*facets(quote), *hashtags(quote))}
    snippet = _fit(_update(text), Limits(limit, unit))
    assert {(entity.kind, entity.target) for entity in snippet.entities} <= whole | {("link", URL)}


@given(texts, texts, st.sampled_from(LengthUnit))
def test_nobody_is_notified(text: str, name: str, unit: LengthUnit) -> None:
    snippet = _fit(_update(text, credit=Credit(name=name, platform="bluesky")), Limits(200, unit), strand=name)
    assert mentions(snippet.text) == []


@given(texts, st.integers(60, 320), st.sampled_from(LengthUnit))
def test_credit_and_link_are_whole_where_they_fit(text: str, limit: int, unit: LengthUnit) -> None:
    credited = f"Alex Younger, on Bluesky: {URL}"
    snippet = _fit(_update(text), Limits(limit, unit))
    if length(credited, unit) <= limit:
        assert "Alex Younger, on Bluesky" in snippet.text
        assert snippet.text.endswith(f" {URL}")
        assert snippet.entities[-1] == Entity("link", len(snippet.text) - len(URL), len(snippet.text), URL)


def _real_texts(shared_data: Path) -> list[str]:
    naughty: list[str] = json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8"))
    with (shared_data / "bluesky" / "postviews.jsonl").open(encoding="utf-8") as lines:
        posts = [json.loads(line) for line in lines]
    return naughty + [str(post["record"]["text"]) for post in posts]


@pytest.mark.parametrize("unit", LengthUnit)
def test_real_and_naughty_texts(shared_data: Path, unit: LengthUnit) -> None:
    found = _real_texts(shared_data)
    assert len(found) > 500
    make: tuple[Callable[[str], Update], ...] = (_update, lambda text: _update(text, UpdateKind.DESK, title=text))
    for text in found:
        for update in (made(text) for made in make):
            snippet = _fit(update, Limits(280, unit, max_bytes=1000), page_url=PAGE)
            assert snippet.text
            assert length(snippet.text, unit) <= 280
            assert len(snippet.text.encode()) <= 1000
