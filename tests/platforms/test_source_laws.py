"""What every registered kind of source does, whatever stands behind it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.core.errors import OutsideError, RateLimited, Rejected, Unavailable
from bot.core.model import Batch
from bot.core.ports import Receiving
from bot.platforms import registry
from tests.platforms.answers import ANSWERS, FAULT, WAIT, Answer, keeps_secrets
from tests.platforms.bluesky.bluesky_world import listening
from tests.platforms.contract import check_batch, check_source
from tests.platforms.stands.stand import BroughtStand, Ground, SourceStand, read_on, speaks_http, stand_of

_BROUGHT = tuple(kind for kind in registry.source_kinds() if issubclass(registry.source_class(kind), Receiving))
_ASKED = tuple(kind for kind in registry.source_kinds() if kind not in _BROUGHT)
_STREAMING = tuple(
    kind
    for kind in _ASKED
    for made in [registry.source_class(kind)]
    if hasattr(made, "stream") or "stream" in made.__annotations__
)
_HTTP = tuple(kind for kind in _ASKED if speaks_http(kind))


def asked(kind: str, ground: Ground) -> tuple[SourceStand, str]:
    """A stand, and the cursor behind what was there before."""
    stand: SourceStand = stand_of("source", kind, ground)
    cursor = ""
    for batch in read_on(stand.make):
        cursor = batch.cursor or cursor
    return stand, cursor


def ids_of(batch: Batch) -> list[str]:
    """The native ids of its posts and the keys of its results, in the order of coming."""
    return [*(post.native_id for post in batch.posts), *(result.key for result in batch.results)]


def ids_from(stand: SourceStand, cursor: str) -> list[str]:
    """The ids of what comes after a cursor, in the order of coming."""
    return [one for batch in read_on(stand.make, cursor) for one in ids_of(batch)]


def stays(fetch: Callable[[], Batch], cursor: str) -> OutsideError | None:
    """Hold that a look which could not be made says so and leaves the cursor where it was; gives its error, if it had one."""
    try:
        batch = fetch()
    except OutsideError as error:
        return error
    assert not ids_of(batch)
    assert batch.note, "it says what could not be read"
    assert batch.cursor in {"", cursor}
    return None


def is_missing(stand: SourceStand, native_id: str) -> bool | OutsideError:
    """Whether a post is called gone, or why that cannot be told."""
    try:
        return native_id in stand.make().missing([native_id])
    except OutsideError as error:
        return error


@pytest.mark.parametrize("kind", _ASKED)
def test_what_was_there_at_first_contact_is_in_order_and_comes_to_an_end(kind: str, ground: Ground) -> None:
    stand: SourceStand = stand_of("source", kind, ground)
    for _ in range(3):
        stand.say()
    check_source(stand.make, "it", stand.now())


@pytest.mark.parametrize("kind", _ASKED)
def test_what_is_said_comes_oldest_first_and_again_where_it_was_not_stored(kind: str, ground: Ground) -> None:
    stand, cursor = asked(kind, ground)
    said = [stand.say() for _ in range(3)]
    for _ in range(2):  # a crash between reading and storing
        found = ids_from(stand, cursor)
        assert [native_id for native_id in found if native_id in said] == said
    for batch in read_on(stand.make, cursor):
        check_batch(batch, "it", stand.now())
        cursor = batch.cursor or cursor
    last = stand.say()
    assert last in ids_from(stand, cursor)


@pytest.mark.parametrize("kind", _ASKED)
def test_an_outage_moves_no_cursor_and_loses_nothing(kind: str, ground: Ground) -> None:
    stand, _ = asked(kind, ground)
    first = stand.say()
    cursor = ""
    for batch in read_on(stand.make):
        cursor = batch.cursor or cursor
    source = stand.make()
    source.fetch(cursor)
    stand.breaks()
    with pytest.raises(OutsideError):
        source.fetch(cursor)
    with pytest.raises(OutsideError):
        stand.make().fetch(cursor)
    assert is_missing(stand, first) is not True, "what cannot be asked about is not gone"
    second = stand.say()
    stand.mends()
    stand.later()
    assert second in ids_of(source.fetch(cursor)), "the same source goes on"
    assert second in ids_from(stand, cursor)


@pytest.mark.parametrize("kind", _ASKED)
def test_what_its_author_takes_back_is_seen(kind: str, ground: Ground) -> None:
    stand, cursor = asked(kind, ground)
    first, second = stand.say(), stand.say()
    for batch in read_on(stand.make, cursor):
        cursor = batch.cursor or cursor
    assert stand.make().missing([first, second]) == frozenset()
    if stand.take_back is None:
        return
    stand.take_back(first)
    stand.later()
    gone = {one.id for batch in read_on(stand.make, cursor) for one in batch.gone}
    gone |= stand.make().missing([first, second])
    assert gone == {first}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", _HTTP)
def test_each_answer_has_its_name_and_loses_nothing(kind: str, answer: Answer, ground: Ground) -> None:
    stand, _ = asked(kind, ground)
    first = stand.say()
    cursor = ""
    for batch in read_on(stand.make):
        cursor = batch.cursor or cursor
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    proxy = stand.wire.proxy
    proxy.answer(answer.on_the_wire(stand.now()), stand.wire.to)
    before = stand.now()
    error = stays(lambda: stand.make().fetch(cursor), cursor)
    assert error is None or type(error) in answer.reading, repr(error)
    assert error is None or keeps_secrets(error)
    if isinstance(error, RateLimited):
        assert before < error.until <= stand.now() + timedelta(days=1)
        if answer.says_until:
            assert abs(error.until - before - WAIT) <= timedelta(seconds=5)
    if answer.status not in {404, 410}:
        found = is_missing(stand, first)
        assert found is not True, "what cannot be asked about is not gone"
        # Where nobody signs in to look, nobody can sign in anew: it is asked again later.
        assert found is False or isinstance(found, (Unavailable, *answer.reading)), repr(found)
    second = stand.say()
    proxy.mend()
    stand.later()
    assert second in ids_from(stand, cursor)


@pytest.mark.parametrize("kind", _HTTP)
def test_wherever_a_look_breaks_off_nothing_is_lost(kind: str, ground: Ground) -> None:
    """A look of many requests: those after the first, the second … fail, and what it brings until then is stored."""
    stand, cursor = asked(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    proxy = stand.wire.proxy
    for carried in range(12):
        said = [stand.say() for _ in range(4)]
        proxy.answer(FAULT.on_the_wire(stand.now()), stand.wire.to, after=carried)
        found: list[str] = []
        with suppress(OutsideError):
            for batch in read_on(stand.make, cursor):
                found += ids_of(batch)
                cursor = batch.cursor or cursor
        was_whole = proxy.given == 0
        proxy.mend()
        stand.later()
        for batch in read_on(stand.make, cursor):
            found += ids_of(batch)
            cursor = batch.cursor or cursor
        assert set(said) <= set(found)
        if was_whole:
            return
    raise AssertionError("a look never ends")


@pytest.mark.parametrize("kind", _HTTP)
def test_a_host_that_never_answers_is_left_and_loses_nothing(
    kind: str, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand, cursor = asked(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    with monkeypatch.context() as patched:
        patched.setattr(*stand.wire.patience)
        stand.wire.proxy.keep_silent(stand.wire.to)
        with pytest.raises(Unavailable):
            stand.make().fetch(cursor)
    said = stand.say()
    stand.wire.proxy.mend()
    stand.later()
    assert said in ids_from(stand, cursor)


@pytest.mark.parametrize("kind", _STREAMING)
def test_what_happens_is_streamed_and_comes_again_where_it_was_not_stored(kind: str, ground: Ground) -> None:
    stand, cursor = asked(kind, ground)
    assert stand.stream is not None, "its class offers a stream: its stand makes one"
    with listening(stand.stream()) as stream:
        stream.until(lambda s: bool(s.batches))
        at_first = stream.cursor
        first = stand.say()
        stream.until(lambda s: [post.native_id for post in s.posts] == [first])
        stand.cut()
        second = stand.say()
        if not at_first:  # what a connection that broke did not bring comes by `fetch`
            assert ids_from(stand, cursor) == [first, second]
        else:
            stream.until(lambda s: second in [post.native_id for post in s.posts])
    assert stand.take_back is not None
    with listening(stand.stream(), at_first) as stream:  # nothing of it was stored
        if at_first:
            stream.until(lambda s: {first, second} <= {post.native_id for post in s.posts})
        stream.until(lambda s: bool(s.batches))
        stand.take_back(second)
        if at_first:
            stream.until(lambda s: second in [one.id for one in s.gone])
    stand.later()
    assert stand.make().missing([first, second]) == {second}


@pytest.mark.parametrize("kind", _BROUGHT)
def test_what_is_brought_is_one_post_however_often_and_is_taken_back(kind: str, ground: Ground) -> None:
    stand: BroughtStand = stand_of("source", kind, ground)
    headers, body = stand.bring("1", "I ran it in a banana suit")
    source = stand.make()
    assert source.is_from(headers, body)
    assert not source.is_from(headers, body + b" ")
    assert not source.is_from({**headers, "webhook-id": "other"}, body)
    batch = source.receive(headers, body)
    check_batch(batch, "it", stand.now())
    (post,) = batch.posts
    (again,) = stand.make().receive(headers, body).posts
    assert (again.native_id, again.version, again.text) == (post.native_id, post.version, post.text)
    (edited,) = source.receive(*stand.bring("1", "In two banana suits")).posts
    assert edited.native_id == post.native_id
    assert edited.version != post.version
    assert [one.id for one in source.receive(*stand.bring("1", "")).gone] == [post.native_id]
    assert source.fetch("c").posts == ()
    assert source.fetch("c").cursor in {"", "c"}
    assert source.missing([post.native_id]) == frozenset()
    for broken in (b"", b"\xff", b"[]", b"{", b"[" * 9_999):
        with pytest.raises(Rejected):
            source.receive(headers, broken)
