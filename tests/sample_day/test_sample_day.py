import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.core.model import Author, Post
from bot.core.recording import Recorded, decode_line, encode_line
from bot.core.stories.index import StoryIndex
from tests.core.stories.arriving import match_one

ROOT = Path(__file__).resolve().parents[2]
DAY = ROOT / "bot" / "sample_day"
HASHTAG = ("hashtag-bluesky", "hashtag-mastodon", "hashtag-x")
OFFICIAL = ("organiser", "reporters", "station")
TAGS = {"getinspired", "londonmarathon"}


def recorded(*names: str) -> list[Recorded]:
    return [decode_line(line) for name in names for line in (DAY / f"{name}.jsonl").read_bytes().splitlines()]


def posts(*names: str) -> list[Post]:
    return [post for found in recorded(*names) for post in found.batch.posts]


def first_versions() -> list[Post]:
    return [post for post in posts(*HASHTAG) if not post.is_edit]


def stripped(text: str) -> str:
    """The words alone: without links, tags and who is repeated."""
    return " ".join(re.sub(r"https?://\S+|#\w+|^RT @\S+", "", text).split())


@pytest.mark.parametrize("name", [*HASHTAG, *OFFICIAL])
def test_a_recording_is_read_written_and_read_the_same_in_order_of_time(name: str) -> None:
    found = recorded(name)
    assert [decode_line(encode_line(one.at, one.source, one.batch)) for one in found] == found
    assert {one.source for one in found} == {name}
    times = [one.at for one in found]
    assert all(earlier < later for earlier, later in pairwise(times))
    assert all(one.batch.posts or one.batch.gone or one.batch.gone_authors for one in found)
    for one in found:
        assert all(post.created_at <= post.seen_at <= one.at for post in one.batch.posts)
        assert all(post.source == name for post in one.batch.posts)
        assert all(stone.at <= one.at for stone in (*one.batch.gone, *one.batch.gone_authors))


@pytest.mark.parametrize("name", HASHTAG)
def test_a_hashtag_recording_is_of_one_platform_and_its_tombstones_say_so(name: str) -> None:
    platforms = {post.platform for post in posts(name)}
    for one in recorded(name):
        platforms |= {stone.platform for stone in (*one.batch.gone, *one.batch.gone_authors)}
    assert platforms == {name.removeprefix("hashtag-")}


def test_every_version_of_a_post_is_there_once() -> None:
    keys = Counter((post.key, post.version) for post in posts(*HASHTAG, *OFFICIAL))
    assert keys.most_common(1)[0][1] == 1


def test_there_is_a_whole_day_of_hashtag_posts() -> None:
    found = first_versions()
    assert 400 <= len(found) <= 650
    assert all(TAGS & set(post.tags) for post in found)
    assert len({post.author.id for post in found}) >= 200
    spelled = {match for post in found for match in re.findall(r"#londonmarathon\b", post.text, re.IGNORECASE)}
    assert len(spelled) > 1, "the tag in mixed case"
    first, last = min(post.created_at for post in found), max(post.created_at for post in found)
    assert datetime(2016, 4, 24, 8, 30, tzinfo=UTC) <= first
    assert last <= datetime(2016, 4, 24, 13, 20, tzinfo=UTC)


def test_the_start_the_winners_and_the_four_hour_mark_make_bursts() -> None:
    minutes = Counter(post.created_at.replace(second=0) for post in first_versions())
    usual = sorted(minutes.values())[len(minutes) // 2]
    for hour, minute in ((9, 0), (10, 38), (11, 3), (13, 0)):
        assert minutes[datetime(2016, 4, 24, hour, minute, tzinfo=UTC)] >= 2 * usual


def test_ids_have_the_form_of_their_platform() -> None:
    for post in posts(*HASHTAG):
        match post.platform:
            case "bluesky":
                assert re.fullmatch(r"did:plc:[a-z2-7]{24}", post.author.id)
                assert re.fullmatch(rf"at://{post.author.id}/app\.bsky\.feed\.post/[2-7a-z]{{13}}", post.native_id)
            case "mastodon":
                assert re.fullmatch(rf"{re.escape(post.author.id)}/statuses/\d+", post.native_id)
            case _:
                assert post.native_id.isdigit()
                assert post.author.id.isdigit()


def test_there_are_many_languages() -> None:
    counts = Counter(post.lang for post in first_versions())
    assert all(counts[lang] >= 10 for lang in ("en", "de", "fr", "es"))
    assert {"pl", "ja", "ar", "he", "cy", "it", "nl", "sv"} <= set(counts)
    assert any("\u0590" <= sign <= "\u06ff" for post in first_versions() for sign in post.text), "right-to-left text"


def test_reposts_point_to_posts_that_were_seen_before() -> None:
    seen: dict[str, datetime] = {}
    native = old_style = 0
    for post in sorted(posts(*HASHTAG), key=lambda post: post.seen_at):
        if post.repost_of:
            native += 1
            assert seen[f"{post.platform}:{post.repost_of}"] <= post.created_at + timedelta(minutes=1)
        elif post.text.startswith("RT @"):
            old_style += 1
        seen.setdefault(post.key, post.seen_at)
    assert native >= 10
    assert old_style >= 5


def test_what_repeats_and_what_only_looks_alike() -> None:
    by_words: dict[str, list[Post]] = defaultdict(list)
    for post in first_versions():
        if not post.repost_of and not post.text.startswith("RT @"):
            by_words[stripped(post.text)].append(post)
    cross = [
        group
        for group in by_words.values()
        if len({post.platform for post in group}) > 1 and len({post.author.name for post in group}) == 1
    ]
    copies = [
        group
        for group in by_words.values()
        if len({post.author.name for post in group}) > 1 and len({post.links for post in group}) > 1
    ]
    assert len(cross) >= 5
    assert len(copies) >= 3
    for start in ("Good luck to my sister", "Good luck to my brother", "10K split", "5K split", "Half marathon split"):
        alike = [post for post in first_versions() if post.text.startswith(start)]
        assert len(alike) >= 2
        index = StoryIndex(window=timedelta(hours=48), max_posts=1000)
        assert {match_one(index, number, post).story_id for number, post in enumerate(alike)} == set(range(len(alike)))
    for group in cross:
        index = StoryIndex(window=timedelta(hours=48), max_posts=1000)
        assert {match_one(index, number, post).story_id for number, post in enumerate(group)} == {0}


@pytest.mark.parametrize(
    ("pattern", "least"),
    [
        (r"bit\.ly/", 5),
        (r"(?i)giveaway|free phone", 3),
        (r"(?i)crypto|this coin|gains", 3),
        (r"(?i)follow back|f4f", 3),
        (r"(?i)idiot|moron|loser|pathetic|clowns", 4),
        (r"07700 900\d{3}|020 7946 \d{4}", 3),
        (r"\w@[\w-]+\.example", 2),
        (r"BREAKING|EXCLUSIVE|RUMOUR|UNCONFIRMED", 6),
        (r"(?i)appendix|chemo|collapsed|new hip", 5),
        (r"(?i)mini marathon|under.?1\d|\b(?:9|10|11) years old|\(9\)", 4),
        (r"(?i)video below|pics above", 2),
        (r"[\U0001F1E6-\U0001F1FF]{2}", 2),
        ("\u200d", 2),
        (r"#Tusk\b", 6),
        (r"Batman", 6),
        (r"(?i)phone box|telephone box", 4),
        (r"Dinosaur", 4),
        (r"(?i)fire engine", 4),
    ],
)
def test_what_a_desk_meets_on_such_a_day(pattern: str, least: int) -> None:
    assert sum(bool(re.search(pattern, post.text)) for post in first_versions()) >= least


def test_labels_long_posts_and_posts_without_words() -> None:
    found = first_versions()
    assert any("!no-unauthenticated" in post.author.labels for post in found)
    assert any("nudity" in post.labels for post in found)
    assert any(len(post.text) > 400 for post in found)
    assert sum(not re.search(r"\w", re.sub(r"#\w+", "", post.text)) for post in found) >= 4, "emoji alone"
    with_media = [media for post in found for media in post.media]
    assert any(media.alt for media in with_media)
    assert any(not media.alt for media in with_media)


def test_an_edit_is_a_new_version_of_a_post_that_was_seen() -> None:
    edits = [post for post in posts(*HASHTAG, *OFFICIAL) if post.is_edit]
    assert len(edits) >= 4
    for edit in edits:
        before = [post for post in posts(*HASHTAG, *OFFICIAL) if post.key == edit.key and not post.is_edit]
        assert len(before) == 1
        assert before[0].seen_at < edit.seen_at
        assert before[0].text != edit.text
        assert before[0].author == edit.author


def test_nobody_real_is_addressed() -> None:
    authors: set[Author] = {post.author for post in posts(*HASHTAG, *OFFICIAL)}
    for author in authors:
        assert not author.handle or author.handle.endswith(".example"), author.handle
        assert re.match(r"https://[\w.-]+\.example/", author.url)
    for path in (*sorted(DAY.glob("*.jsonl")), *sorted(DAY.glob("*.toml"))):
        text = path.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://([^/\s\"\\]+)", text))
        assert all(host.endswith(".example") or host == "bit.ly" for host in hosts), (path.name, hosts)
        short = re.findall(r"bit\.ly/([\w-]+)", text)
        assert all(name.startswith("sample-day-") for name in short)


def test_entities_say_what_stands_in_the_text() -> None:
    for post in posts(*HASHTAG, *OFFICIAL):
        for entity in post.entities:
            piece = post.text[entity.start : entity.end]
            match entity.kind:
                case "tag":
                    assert piece == f"#{entity.target}"
                    assert entity.target.casefold() in post.tags
                case "link":
                    assert piece == entity.target
                    assert piece in post.links
                case _:
                    assert piece.startswith("@")
                    assert piece[1:].casefold() in post.mentions
