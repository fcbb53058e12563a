"""One page, one address: whatever people, platforms and trackers make of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.text.addresses import MAX_ADDRESS_CHARS, canonical, is_short
from bot.core.text.shorteners import SHORT_HOSTS
from bot.core.text.tracking import TRACKING
from tests.core.text.hostile import texts

PAGE = "https://organiser.example/news/2016-start?id=7"


@pytest.mark.parametrize(
    "other",
    [
        "http://organiser.example/news/2016-start?id=7",
        "HTTPS://Organiser.EXAMPLE:443/news/2016-start?id=7",
        "http://organiser.example:80/news/2016-start/?id=7",
        "https://www.organiser.example/news/2016-start?id=7",
        "https://m.organiser.example/news/2016-start?id=7",
        "https://mobile.organiser.example/news/2016-start?id=7",
        "https://amp.organiser.example/news/2016-start?id=7",
        "https://organiser.example./news/2016-start?id=7",
        "https://organiser.example/sport/../news/./2016%2Dstart?id=%37",
        "https://organiser.example/news/2016-start?id=7#comments",
        "https://organiser.example/news/2016-start?utm_source=x&id=7&UTM_Medium=y&fbclid=z",
        "https://organiser.example/news/2016-start?mc_cid=1&id=7&mkt_tok=2&xtor=CS1&ns_mchannel=social&cmpid=3&gclid=4",
        "https://organiser.example/news/2016-start?at_medium=social&at_campaign=z&id=7",
        "https://organiser.example/news/2016-start/amp/?id=7",
        "https://organiser.example/news/2016-start.amp?id=7",
        "https://organiser.example/news/2016-start?id=7&outputType=amp",
        "https://organiser-example.cdn.ampproject.org/c/s/organiser.example/news/2016-start?id=7",
        "https://www.google.co.uk/amp/s/www.organiser.example/news/2016-start?id=7",
        "https://l.facebook.com/l.php?u=http%3A%2F%2Forganiser.example%2Fnews%2F2016-start%3Fid%3D7&h=AT0",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Forganiser.example%2Fnews%2F2016-start%3Fid%3D7",
        "  https://somebody:word@organiser.example/news/2016-start?id=7 ",
    ],
)
def test_the_same_page(other: str) -> None:
    assert canonical(other) == PAGE


@pytest.mark.parametrize(
    "other",
    [
        "https://organiser.example/news/2016-start?id=8",
        "https://organiser.example/news/2016-Start?id=7",
        "https://organiser.example/news/2016-start",
        "https://organiser.example/news/2016-start?id=7&page=2",
        "https://organiser.example/news/2016-start?id=7&s=20",
        "https://organiser.example/news/2016-start?id=7&t=20",
        "https://organiser.example/news/2016-start?id=7&si=20",
        "https://organiser.example/news/2016-start?id=7#!/finish",
        "https://organiser.example/news/2016-start?id=7#/finish",
        "https://organiser.example:8080/news/2016-start?id=7",
        "https://results.organiser.example/news/2016-start?id=7",
        "https://organiser.example/news/2016%2Fstart?id=7",
        "https://organiser.example@evil.example/news/2016-start?id=7",
    ],
)
def test_another_page(other: str) -> None:
    assert canonical(other) not in {"", PAGE}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://youtu.be/dQw4w9WgXcQ?si=abc&t=10", "https://m.youtube.com/watch?v=dQw4w9WgXcQ&feature=share&list=x"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"),
        (
            "https://x.com/ana/status/724150000000000000?s=20&t=abc",
            "http://twitter.com/Ana/statuses/724150000000000000",
        ),
        ("https://mobile.twitter.com/ana/status/72415/photo/1", "https://x.com/i/web/status/72415"),
        ("https://fxtwitter.com/ana?s=20", "https://x.com/ana"),
        (
            "https://www.bbc.com/sport/live/athletics/36117456",
            "http://www.bbc.co.uk/sport/live/athletics/36117456?ocid=x",
        ),
        ("https://en.m.wikipedia.org/wiki/London_Marathon", "https://en.wikipedia.org/wiki/London_Marathon"),
        ("https://bücher.example/läufe", "https://XN--BCHER-KVA.example/l%C3%A4ufe"),
        ("https://a.example/?b=2&a=1", "https://a.example?a=1&b=2"),
        ("https://old.reddit.com/r/running/comments/abc/", "https://www.reddit.com/r/running/comments/abc?share_id=1"),
    ],
)
def test_two_ways_to_one_place(one: str, other: str) -> None:
    assert canonical(one) == canonical(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://x.com/ana/status/724150000000000000", "https://x.com/ana/status/724150000000000001"),
        ("https://youtu.be/dQw4w9WgXcQ", "https://youtu.be/dQw4w9WgXcR"),
        ("https://youtube.com/@ana", "https://youtube.com/@bob"),
        ("https://github.com/somebody/amp", "https://github.com/somebody"),
        ("https://x.com/amp", "https://x.com/"),
        ("https://mobile.de/", "https://de/"),
        ("https://m.me/ana", "https://me/ana"),
        ("http://10.0.0.1/", "http://m.10.0.0.1/"),
    ],
)
def test_what_only_looks_like_another_way(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "organiser.example/news",
        "mailto:ana@organiser.example",
        "javascript:alert(1)",
        "https://",
        "https:///news",
        "https://a.example:99999/",
        "https://[::1/",
        "https://h\\e.example/",
        "https://a.example/\x00",
        "https://a.example/\ud800",
        "https://\ud800.example/",
        f"https://a.example/{'a' * MAX_ADDRESS_CHARS}",
    ],
)
def test_what_is_no_address_is_evidence_of_nothing(text: str) -> None:
    assert canonical(text) == ""


_PIECES = (
    "/ // . .. % %2f %zz ? & = ; # #! #/ : @ [ ] www. m. amp. amp/ .amp .amp.html /amp t.co x.com youtu.be youtube.com "
    "www.google.com /amp/s/ /url?url= https:// http:// cdn.ampproject.org /c/s/ watch?v= dQw4w9WgXcQ /status/ 123 utm_a=1 "
    "ü xn--bcher-kva 10.0.0.1 :443 + a A"
)
_parts = st.one_of(
    st.sampled_from(_PIECES.split()),
    st.text(max_size=4),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(_parts, max_size=12).map("".join), st.sampled_from(["https://", "http://", "HTTPS://www.", ""]))
@example("x.example/%25FF?a=%FF", "https://")
@example("x.example/a/amp/amp/", "https://")
@example("x.example//a//", "https://")
def test_twice_is_once_and_nothing_raises(rest: str, scheme: str) -> None:
    found = canonical(scheme + rest)
    assert canonical(found) == found
    is_short(scheme + rest)
    found.encode("ascii")
    assert found == "" or found.startswith("https://")


@settings(max_examples=200, deadline=None)
@given(texts)
def test_hostile_text(text: str) -> None:
    for address in (text, f"https://{text}", f"https://a.example/{text}", f"https://a.example/?{text}#{text}"):
        assert canonical(canonical(address)) == canonical(address)
        is_short(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://t.co/abc",
        "http://WWW.bit.ly/x?y",
        "https://bbc.in/1T",
        "https://race.app.link/abc",
        "https://vm.tiktok.com/x/",
        "https://www.facebook.com/share/p/1",
        "https://somebody@t.co:443/abc",
    ],
)
def test_short_links(url: str) -> None:
    assert is_short(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "t.co/abc",
        "https://xt.co/a",
        "https://youtu.be/x",
        "https://facebook.com/organiser",
        "https://evil.example/t.co/",
    ],
)
def test_links_that_say_where_they_lead(url: str) -> None:
    assert not is_short(url)


def test_the_lists_are_written_as_they_are_compared() -> None:
    for tracking in TRACKING:
        for word in (*tracking.prefixes, *tracking.names, *tracking.hosts):
            assert word
            assert word == word.casefold().strip()
        assert tracking.prefixes or tracking.names
    for host in SHORT_HOSTS:
        assert host == host.casefold()
        assert not host.startswith("www.")
        assert "." in host


@pytest.mark.parametrize("word", ["id", "p", "page", "q", "v", "s", "t", "story", "article", "section", "lang", "date"])
def test_what_may_choose_the_page_is_dropped_nowhere_at_large(word: str) -> None:
    assert canonical(f"https://a.example/?{word}=1") == f"https://a.example/?{word}=1"
