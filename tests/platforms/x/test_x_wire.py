"""The wire to X: bounded in time and size, to our address alone; pictures from X's own host."""

import gzip
import threading
import time
from socket import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Rejected, Unanswered, Unavailable
from bot.core.model import Media, Update, UpdateKind, UpdateState
from bot.core.snippets import fit
from bot.core.text.lengths import weighted_length
from bot.platforms.x import wire
from bot.platforms.x.own import harmless, skeleton, skeleton_of
from bot.platforms.x.pictures import Pictures, _small
from tests.platforms.hosts import raw_host, say, trickle
from tests.platforms.x.x_world import NOON, World, snippet
from tests.servers.x_simulator import Account, XSimulator, new_key

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def base(url: str) -> str:
    return url.removesuffix("/feed")


def test_an_answer_that_never_ends_in_size(world: World) -> None:
    with (
        raw_host(trickle(HEAD + b"\r\n", b"x" * 1_000_000, every_s=0)) as url,
        pytest.raises(Unavailable, match="larger"),
    ):
        world.source(base(url)).fetch("")


def test_an_answer_that_unpacks_into_too_much(world: World) -> None:
    packed = gzip.compress(b"x" * (wire.LARGEST_ANSWER_BYTES + 1))
    answer = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed) + packed
    with raw_host(say(answer)) as url, pytest.raises(Unavailable, match="larger"):
        world.source(base(url)).fetch("")


@pytest.mark.parametrize("size", [0, 1, 200_000])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("chunked", [False, True])
def test_whole_answers_of_every_wrapping(world: World, size: int, packed: bool, chunked: bool) -> None:
    body = b'{"meta": {"result_count": 0}, "x": "' + b"x" * size + b'"}'
    head = HEAD
    if packed:
        body = gzip.compress(body)
        head += b"Content-Encoding: gzip\r\n"
    if chunked:
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        parts = [body[at : at + 50_000] for at in range(0, len(body), 50_000)]
        body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    else:
        head += b"Content-Length: %d\r\n\r\n" % len(body)
    with raw_host(say(head + body)) as url:
        assert world.source(base(url)).fetch("").cursor


def test_an_answer_that_never_ends_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_WHOLE_S", 0.2)
    with raw_host(trickle(HEAD + b"\r\n", b"x")) as url:
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no answer"):
            world.source(base(url)).fetch("")
    assert time.monotonic() - began < 5


def test_a_host_that_says_nothing(world: World, desk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_SILENCE_S", 0.2)

    def silent(connection: socket, over: threading.Event) -> None:
        del connection
        over.wait(10)

    with raw_host(silent) as url:
        with pytest.raises(Unavailable, match="no answer"):
            world.source(base(url)).fetch("")
        with pytest.raises(Unanswered):
            world.account(base(url), desk).publish(snippet(), new_key())


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        b"nonsense\r\n\r\n",
        HEAD + b"Content-Length: 100\r\n\r\n{",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnogz",
    ],
)
def test_a_host_that_breaks_off(world: World, desk: Account, answer: bytes) -> None:
    with raw_host(say(answer)) as url:
        with pytest.raises(Unavailable):
            world.source(base(url)).fetch("")
        with pytest.raises(Unanswered):
            world.account(base(url), desk).publish(snippet(), new_key())


@pytest.mark.parametrize("api", ["http://", "http://[::1", "http://a b", "http://exa\u2100mple"])
def test_an_address_that_is_none(world: World, api: str) -> None:
    try:
        source = world.source(api)
    except ValueError:
        return  # refused with the settings
    with pytest.raises(Unavailable):
        source.fetch("")


def test_a_proxy_or_a_netrc_of_the_machine_is_not_asked(
    x: XSimulator, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    world.source(x.url).fetch("")
    assert x.asked[-1].headers["User-Agent"] == "milepost-tests"


def test_tweepy_never_waits_by_itself(x: XSimulator, world: World) -> None:
    source = world.source(x.url)
    source.fetch("")
    assert source._door._client.wait_on_rate_limit is False


@pytest.mark.parametrize(
    ("url", "small"),
    [
        ("https://pbs.twimg.com/media/a.jpg", "https://pbs.twimg.com/media/a.jpg?name=small"),
        ("https://pbs.twimg.com/media/a?format=png&name=orig", "https://pbs.twimg.com/media/a?format=png&name=small"),
        ("http://pbs.twimg.com/media/a.jpg", ""),
        ("https://pbs.twimg.com.evil.example/media/a.jpg", ""),
        ("https://pbs.twimg.com:8443/media/a.jpg", ""),
        ("https://u@pbs.twimg.com/media/a.jpg", ""),
        ("https://127.0.0.1/media/a.jpg", ""),
        ("https://pbs.twimg.com:port/", ""),
        ("https://[", ""),
        ("", ""),
    ],
)
def test_pictures_are_fetched_from_xs_own_host_alone(world: World, url: str, small: str) -> None:
    assert _small(url) == small
    pictures = Pictures(world.context)
    assert pictures.shows(Media("image", url)) == bool(small)
    assert not pictures.shows(Media("video", url))
    if not small:
        with pytest.raises(Unavailable):
            pictures.picture(Media("image", url))


TEXTS = st.text(max_size=400) | st.lists(
    st.sampled_from(
        [
            "@ana",
            "＠ben",
            "$ACME",
            "#tag",
            "https://example.org/a",
            "example.com",
            "🏃‍♀️",
            "走",
            "e\u0301",
            "\n",
            "RT @x",
            ".",
            "a@b.co",
            "\u202e",
            "👩‍👩‍👧‍👦",
        ]
    ),
    max_size=120,
).map(" ".join)


@given(TEXTS, TEXTS, st.booleans())
def test_no_text_makes_a_snippet_that_x_refuses_for_its_length(text: str, title: str, post: bool) -> None:
    from bot.platforms.x.account import XAccount  # noqa: PLC0415

    limits = XAccount(XAccount.Settings(link=post), World(lambda: NOON).context).limits()  # type: ignore[arg-type]
    update = Update(
        1,
        "a" * 8,
        UpdateKind.POST if post else UpdateKind.DESK,
        UpdateState.LIVE,
        NOON,
        text,
        title=title,
        url="https://example.org/x",
    )
    made = fit(update, limits, created_at=NOON, strand_name="#GetInspired", page_url="https://live.example/u/1").text
    sent = harmless(made)
    assert weighted_length(sent) <= 280
    assert harmless(sent) == sent


@given(st.text(max_size=300))
def test_any_text_is_harmless_or_refused(text: str) -> None:
    try:
        sent = harmless(text)
    except Rejected:
        return
    assert skeleton(sent) == skeleton(harmless(sent))


@given(st.text(alphabet="ab &<>;#$🏃走\n\u0301é", max_size=100))
def test_own_words_are_known_again_after_x_escaped_them(text: str) -> None:
    sent = harmless(text)
    given_back = sent.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert skeleton_of({"text": given_back}) == skeleton(sent)
