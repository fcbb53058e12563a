"""Recordings: what is written is read back as it was, and a broken line says where it is broken."""

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.model import Author, Batch, Entity, Gone, Media, Post
from bot.core.recording import Recorded, decode_line, encode_line
from tests.builders import START, a_post

_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_times = st.datetimes(
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-9))])
)
_media = st.builds(Media, st.sampled_from(["image", "video"]), _texts, _texts)
_entities = st.builds(
    Entity, st.sampled_from(["tag", "link", "mention"]), st.integers(0, 99), st.integers(0, 99), _texts
)
_posts = st.builds(
    Post,
    platform=_texts,
    native_id=_texts,
    source=_texts,
    author=st.builds(Author, _texts, handle=_texts, name=_texts),
    created_at=_times,
    seen_at=_times,
    text=_texts,
    version=_texts,
    tags=st.lists(_texts, max_size=3).map(tuple),
    sensitive=st.booleans(),
    is_edit=st.booleans(),
    media=st.lists(_media, max_size=2).map(tuple),
    entities=st.lists(_entities, max_size=2).map(tuple),
    likes=st.integers(0, 2**53),
)
_stones = st.lists(st.builds(Gone, _texts, _times, _texts, _texts, final=st.booleans()), max_size=2).map(tuple)
_batches = st.builds(
    Batch,
    st.lists(_posts, max_size=3).map(tuple),
    _texts,
    _stones,
    _stones,
    st.lists(_texts, max_size=2).map(tuple),
    st.booleans(),
    _texts,
)


@given(_times, _texts, _batches)
def test_what_is_written_is_read_back_as_it_was(at: datetime, source: str, batch: Batch) -> None:
    line = encode_line(at, source, batch)
    assert decode_line(line) == Recorded(at, source, batch)


@given(_times, _texts, _batches)
def test_a_line_is_one_line_of_utf_8_whatever_people_write(at: datetime, source: str, batch: Batch) -> None:
    line = encode_line(at, source, batch)
    assert b"\n" not in line
    assert b"\r" not in line
    assert line.decode("utf-8").encode("utf-8") == line
    assert b"".join(line.splitlines()) == line


@given(_times, _texts, _batches)
def test_reading_and_writing_again_changes_nothing(at: datetime, source: str, batch: Batch) -> None:
    line = encode_line(at, source, batch)
    found = decode_line(line)
    assert encode_line(found.at, found.source, found.batch) == line


def test_a_line_says_when_where_from_and_what() -> None:
    found = msgspec.json.decode(encode_line(START, "hashtag", Batch(cursor="7")))
    assert list(found) == ["at", "source", "batch"]
    assert (found["at"], found["source"], found["batch"]["cursor"]) == ("2016-04-24T09:00:00Z", "hashtag", "7")


def test_fields_that_hold_their_default_may_be_missing() -> None:
    line = (
        b'{"at":"2016-04-24T10:00:00+01:00","source":"hashtag","batch":{"posts":[{"platform":"bluesky","native_id":"1",'
        b'"source":"hashtag","author":{"id":"did:plc:ana"},"created_at":"2016-04-24T09:00:00Z","seen_at":"2016-04-24T09:00:01Z"}]}}'
    )
    found = decode_line(line)
    assert found.at == START
    (post,) = found.batch.posts
    assert (post.key, post.text, post.tags, post.created_at) == ("bluesky:1", "", (), START)
    assert found.batch.cursor == ""


def test_what_a_later_program_adds_is_passed_over() -> None:
    line = b'{"at":"2016-04-24T09:00:00Z","source":"hashtag","batch":{"cursor":"7","weather":"fine"},"version":2}'
    assert decode_line(line) == Recorded(START, "hashtag", Batch(cursor="7"))


@pytest.mark.parametrize(
    ("line", "where"),
    [
        (b"", "truncated"),
        (b"hello", "malformed"),
        (b'{"at":"2016-04-24T09:00:00Z","source":"a"', "truncated"),
        (b"[]", "object"),
        (b"{}", "at"),
        (b'{"at":"2016-04-24T09:00:00Z","source":"a"}', "batch"),
        (b'{"at":"yesterday","source":"a","batch":{}}', r"\$\.at"),
        (b'{"at":"2016-04-24T09:00:00Z","source":7,"batch":{}}', r"\$\.source"),
        (b'{"at":"2016-04-24T09:00:00Z","source":"a","batch":{"posts":[{"platform":"x"}]}}', r"\$\.batch\.posts\[0\]"),
        (b'{"at":"2016-04-24T09:00:00Z","source":"a","batch":{"gone":[{"id":"1","at":5e9999}]}}', r"."),
        (b'{"at":"2016-04-24T09:00:00Z","source":"\xff","batch":{}}', "utf-?8"),
    ],
)
def test_a_broken_line_says_where_and_why(line: bytes, where: str) -> None:
    with pytest.raises(ValueError, match=f"(?i){where}"):
        decode_line(line)


@given(st.binary(max_size=40))
def test_any_bytes_are_a_line_or_refused_and_nothing_else(line: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode_line(line)


@given(st.integers(0, 400))
def test_a_line_that_was_cut_off_is_refused(cut: int) -> None:
    line = encode_line(START, "hashtag", Batch((a_post("Here we go"),), "1"))
    with pytest.raises(ValueError, match=r"\w"):
        decode_line(line[: min(cut, len(line) - 1)])


def test_the_error_of_the_library_is_one_that_callers_catch() -> None:
    assert issubclass(msgspec.DecodeError, ValueError)
