"""A recorded day comes once more: each line once, at its time, whatever lies between."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import Unavailable
from bot.core.model import Author, Batch, Entity, Gone, Media, Post
from bot.core.ports import PictureSource
from bot.core.recording import encode_line
from bot.core.stories.pictures import MOST_BYTES
from bot.platforms.replay import ReplaySource
from tests.conftest import ROOT
from tests.platforms.contract import NOON, Clock, Kept, check_source, context_of

DAY = datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
Make = Callable[..., ReplaySource]


def post(name: str, minute: float, age_s: float = 0, platform: str = "bluesky") -> Post:
    at = DAY + timedelta(minutes=minute)
    return Post(
        platform=platform,
        native_id=f"at://{name}",
        source="recorded",
        author=Author("did:plc:a", created_at=DAY - timedelta(days=400)),
        created_at=at - timedelta(seconds=age_s),
        seen_at=at,
        text=name,
    )


def line(minute: float, *posts: Post, gone: tuple[str, ...] = ()) -> bytes:
    at = DAY + timedelta(minutes=minute)
    return encode_line(at, "tags", Batch(posts, cursor="x", gone=tuple(Gone(name, at) for name in gone)))


def record(folder: Path, *lines: bytes, end: bytes = b"\n") -> Path:
    path = folder / "day.jsonl"
    path.write_bytes(b"\n".join(lines) + end)
    return path


@pytest.fixture
def clock() -> Clock:
    return Clock(DAY)


@pytest.fixture
def make(clock: Clock) -> Make:
    memory = Kept()

    def build(path: Path, **settings: object) -> ReplaySource:
        given_settings = ReplaySource.Settings.model_validate({"file": str(path), **settings})
        return ReplaySource(given_settings, context_of(clock, memory))

    return build


def names(batch: Batch) -> list[str]:
    return [found.text for found in batch.posts]


def test_the_recording_of_the_document_is_one(make: Make, clock: Clock, tmp_path: Path) -> None:
    sample = (
        (ROOT / "docs" / "platforms" / "replay.md").read_text(encoding="utf-8").split("```json\n")[1].split("```")[0]
    )
    (tmp_path / "day.jsonl").write_text(sample, encoding="utf-8")
    source = make(tmp_path / "day.jsonl", shift=False)
    clock.move(minutes=20)
    batch = source.fetch("")
    (told,) = batch.posts
    assert (told.author.handle, told.text) == ("maya.example", "Toast eaten. Pins checked four times. #GetInspired")
    assert (told.tags, batch.gone, batch.note) == (("getinspired",), (), "")
    clock.move(minutes=5)
    assert [gone.id for gone in source.fetch(batch.cursor).gone] == [told.native_id]


def test_the_document_names_every_field_and_which_are_needed() -> None:
    document = (ROOT / "docs" / "platforms" / "replay.md").read_text(encoding="utf-8").partition("# File account")[0]
    for model in (Post, Author, Gone, Media, Entity):
        for field in msgspec.structs.fields(model):
            row = next(
                (line for line in document.splitlines() if line.startswith("|") and f"`{field.name}`" in line), ""
            )
            assert row, field.name
            assert "needed" in row or not field.required, field.name


def test_rehearsed_clock_lines_are_due_by_event_time(make: Make, clock: Clock, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), line(10, post("b", 10, age_s=30)), line(20, post("c", 20)))
    source = make(path, shift=False)
    first = source.fetch("")
    assert names(first) == ["a"]
    clock.move(minutes=10)
    second = make(path, shift=False).fetch(first.cursor)
    assert names(second) == ["b"]
    (found,) = second.posts
    assert found.source == "it"
    assert found.platform == "bluesky"
    assert found.created_at == DAY + timedelta(minutes=9, seconds=30)
    assert found.seen_at == DAY + timedelta(minutes=10)
    clock.move(minutes=9, seconds=59)
    assert names(source.fetch(second.cursor)) == []


def test_real_clock_the_day_is_moved_to_now_and_keeps_its_lateness(make: Make, clock: Clock, tmp_path: Path) -> None:
    clock.now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
    path = record(tmp_path, line(0, post("a", 0)), line(60, post("b", 60, age_s=1200)))
    source = make(path, speed=60)
    first = source.fetch("")
    assert names(first) == ["a"]
    assert first.posts[0].created_at == clock.now
    clock.move(seconds=59)
    between = source.fetch(first.cursor)
    assert names(between) == []
    clock.move(seconds=11)
    (found,) = source.fetch(between.cursor or first.cursor).posts
    due = datetime(2026, 11, 24, 12, 1, tzinfo=UTC)
    assert found.seen_at == due
    assert found.created_at == due - timedelta(minutes=20)
    assert found.author.created_at == due - timedelta(days=400, hours=1)


def test_speed_0_brings_everything_at_once(make: Make, clock: Clock, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), line(600, post("b", 600)))
    for shift in (True, False):
        batch = make(path, speed=0, shift=shift).fetch("")
        assert names(batch) == ["a", "b"]
        assert all(found.created_at <= found.seen_at <= clock.now for found in batch.posts)


def test_many_lines_come_in_parts_that_end(make: Make, tmp_path: Path) -> None:
    path = record(tmp_path, *(line(0, *(post(f"{n}-{k}", 0) for k in range(30))) for n in range(50)))
    first = make(path, shift=False).fetch("")
    assert 500 <= len(first.posts) < 530
    assert first.more
    posts = check_source(lambda: make(path, shift=False), "it", DAY)
    assert [found.text for found in posts] == [f"{n}-{k}" for n in range(50) for k in range(30)]


def test_more_is_false_where_the_next_line_is_not_due(make: Make, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, *(post(str(n), 0) for n in range(500))), line(1, post("later", 1)))
    batch = make(path, shift=False).fetch("")
    assert len(batch.posts) == 500
    assert not batch.more


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"not json",
        b'{"at": "2016-04-24T09:00:00Z"}',
        b'{"at": "yesterday", "source": "x", "batch": {}}',
        b'{"at": "2016-04-24T09:00:00", "source": "x", "batch": {}}',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"null",
    ],
)
def test_a_broken_line_is_named_and_passed_over(make: Make, tmp_path: Path, broken: bytes) -> None:
    path = record(tmp_path, line(0, post("a", 0)), b"", broken, line(0, post("b", 0)))
    batch = make(path, shift=False).fetch("")
    assert names(batch) == ["a", "b"]
    assert batch.note.startswith(f"{path}:3: ")
    assert len(batch.note) < 1000


def test_many_broken_lines_make_a_short_note(make: Make, tmp_path: Path) -> None:
    batch = make(record(tmp_path, *([b"x"] * 20)), shift=False).fetch("")
    assert batch.note.endswith("; and 17 more")
    assert not batch.posts


def test_line_numbers_go_on_over_fetches(make: Make, clock: Clock, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), line(5, post("b", 5)), b"x")
    source = make(path, shift=False)
    first = source.fetch("")
    clock.move(minutes=5)
    assert f"{path}:3: " in source.fetch(first.cursor).note


def test_a_line_that_is_still_being_written_is_waited_for(make: Make, tmp_path: Path) -> None:
    last = line(0, post("b", 0))
    path = record(tmp_path, line(0, post("a", 0)), last[:40], end=b"")
    source = make(path, shift=False)
    first = source.fetch("")
    assert (names(first), first.note) == (["a"], "")
    record(tmp_path, line(0, post("a", 0)), last)
    assert names(source.fetch(first.cursor)) == ["b"]


def test_a_whole_last_line_needs_no_end(make: Make, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), end=b"")
    assert len(check_source(lambda: make(path, shift=False), "it", DAY)) == 1


def test_tombstones_pass_with_their_platform(make: Make, clock: Clock, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), line(5, gone=("at://a",)))
    source = make(path, shift=False)
    first = source.fetch("")
    assert source.missing(["at://a", "at://b"]) == frozenset()
    clock.move(minutes=5)
    batch = source.fetch(first.cursor)
    assert batch.gone == (Gone("at://a", DAY + timedelta(minutes=5), platform="bluesky"),)
    assert source.missing(["at://a", "at://b"]) == {"at://a"}
    assert make(path, shift=False).missing(["at://a"]) == {"at://a"}, "also after a restart"


def test_a_missing_file_says_what_to_do(make: Make, tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="run --record FILE"):
        make(tmp_path / "nowhere.jsonl").fetch("")
    with pytest.raises(Unavailable):
        make(tmp_path).fetch("")


def test_a_replaced_file_is_noticed(make: Make, tmp_path: Path) -> None:
    path = record(tmp_path, line(0, post("a", 0)), line(0, post("b", 0)))
    source = make(path, shift=False)
    cursor = source.fetch("").cursor
    record(tmp_path, line(0, post("c", 0)))
    with pytest.raises(Unavailable, match="it was replaced"):
        source.fetch(cursor)


@pytest.mark.parametrize("cursor", ["x", "{}", "5", '{"base": 1}', '{"base": "2016-04-24T09:00:00Z", "offset": "a"}'])
def test_a_cursor_that_is_not_ours_never_starts_the_day_again(make: Make, tmp_path: Path, cursor: str) -> None:
    with pytest.raises(Unavailable, match="none of ours"):
        make(record(tmp_path, line(0, post("a", 0)))).fetch(cursor)


def test_a_file_without_a_good_line(make: Make, tmp_path: Path) -> None:
    path = record(tmp_path, end=b"")
    assert make(path).fetch("").posts == ()
    assert make(path).missing(["a"]) == frozenset()


@pytest.mark.parametrize(
    "settings", [{"shift": False, "speed": 2}, {"speed": -1}, {"speed": "inf"}, {"file": 5}, {"x": 1}]
)
def test_settings_that_mean_nothing_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ReplaySource.Settings.model_validate({"file": "day.jsonl", **settings})


def test_times_at_the_edge_of_the_calendar(make: Make, clock: Clock, tmp_path: Path) -> None:
    clock.now = NOON
    lines = [
        {"at": at, "source": "x", "batch": {"gone": [{"id": "a", "at": "9999-12-31T23:59:59Z"}]}}
        for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    ]
    path = record(tmp_path, *(json.dumps(each).encode() for each in lines))
    for settings in ({"speed": 0.001}, {"speed": 0}, {"shift": False}):
        batch = make(path, **settings).fetch("")
        assert all(gone.at <= NOON for gone in batch.gone) or settings == {"shift": False}


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4)), max_size=12),
    st.lists(st.integers(1, 900), max_size=12),
)
def test_every_post_comes_once_in_order_however_often_it_is_asked(
    tmp_path_factory: pytest.TempPathFactory, day: list[tuple[int, int]], moves: list[int]
) -> None:
    minutes = sorted(minute for minute, _ in day)
    lines = [
        line(minute, *(post(f"{n}-{k}", minute) for k in range(count)))
        for n, (minute, (_, count)) in enumerate(zip(minutes, day, strict=True))
    ]
    path = record(tmp_path_factory.mktemp("day"), *lines)
    clock, cursor, came = Clock(DAY), "", []
    for move in [*moves, 3600]:
        source = ReplaySource(ReplaySource.Settings(file=path, shift=False), context_of(clock))
        batch = source.fetch(cursor)
        cursor = batch.cursor
        came += [found.text for found in batch.posts]
        assert all(found.seen_at <= clock.now for found in batch.posts)
        clock.move(seconds=move)
    came += names(ReplaySource(ReplaySource.Settings(file=path, shift=False), context_of(clock)).fetch(cursor))
    assert came == [f"{n}-{k}" for n, (_, count) in enumerate(day) for k in range(count)]


def test_a_recording_has_no_baseline_and_no_platform_of_its_own() -> None:
    assert ReplaySource.has_baseline is False
    assert ReplaySource.platform == ""


def test_pictures_lie_beside_the_recording(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "day"
    (folder / "media").mkdir(parents=True)
    (folder / "media" / "a.png").write_bytes(b"a picture")
    (tmp_path / "secret.png").write_bytes(b"a secret")
    (folder / "media" / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "media" / "large.png").write_bytes(bytes(MOST_BYTES + 1))
    source: PictureSource = make(record(folder, line(0, post("a", 0))))
    assert isinstance(source, PictureSource)
    assert source.shows(Media("image", "media/a.png"))
    assert source.picture(Media("image", "media/a.png")) == b"a picture"
    with pytest.raises(Unavailable, match="more than"):
        source.picture(Media("image", "media/large.png"))
    for url in (
        "",
        "https://pictures.example/a.png",  # a replay needs no network
        "../secret.png",
        "media/link.png",
        str(tmp_path / "secret.png"),
        f"file://{tmp_path}/secret.png",
        "media",
        "media/none.png",
        "media/\0.png",
        "a" * 5000,
    ):
        assert not source.shows(Media("image", url)), url
        with pytest.raises(Unavailable):
            source.picture(Media("image", url))
