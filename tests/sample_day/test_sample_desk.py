import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image

from bot.config.load import Models, load
from bot.core.milestones.due import due, due_at, words
from bot.core.milestones.facts import Facts
from bot.core.milestones.reading import load as load_plan
from bot.core.model import EventClock, Gone, Post, Verdict
from bot.core.recording import Recorded, decode_line
from bot.core.rules import ruleset
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.judge import judge
from bot.core.stories.index import StoryIndex
from bot.platforms.file import FileAccount
from bot.platforms.replay import ReplaySource
from tests.core.stories.arriving import match_one

ROOT = Path(__file__).resolve().parents[2]
DAY = ROOT / "bot" / "sample_day"
SEED = ROOT.parent / "shared" / "design" / "seed.txt"
HASHTAG = ("hashtag-bluesky", "hashtag-mastodon", "hashtag-x")
OFFICIAL = ("organiser", "reporters", "station")
KEYS_OF_ACTION = {
    "approve": {"at", "by", "action", "post", "reason"},
    "reject": {"at", "by", "action", "post", "reason"},
    "withdraw": {"at", "by", "action", "post", "reason"},
    "post": {"at", "by", "action", "text", "strand", "byline", "role", "media"},
}


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the scripted editor."""

    at: datetime
    action: str
    post: str
    line: dict[str, object]


def recorded(*names: str) -> list[Recorded]:
    return [decode_line(line) for name in names for line in (DAY / f"{name}.jsonl").read_bytes().splitlines()]


def posts(*names: str) -> list[Post]:
    return [post for found in recorded(*names) for post in found.batch.posts]


def acts() -> list[Act]:
    found = []
    for text in (DAY / "editor.jsonl").read_text(encoding="utf-8").splitlines():
        line = json.loads(text)
        found.append(Act(datetime.fromisoformat(line["at"]), line["action"], line.get("post", ""), line))
    return found


def said() -> Iterator[str]:
    for post in posts(*HASHTAG, *OFFICIAL):
        yield post.text
        yield post.title
        yield from (media.alt for media in post.media)
    for act in acts():
        yield str(act.line.get("text", ""))
        yield str(act.line.get("reason", ""))
    for name in ("config.toml", "milestones.toml"):
        yield (DAY / name).read_text(encoding="utf-8")


def first_versions() -> list[Post]:
    return [post for post in posts(*HASHTAG) if not post.is_edit]


def test_the_editor_acts_on_posts_that_have_come() -> None:
    seen: dict[str, datetime] = {}
    for post in posts(*HASHTAG, *OFFICIAL):
        seen[post.key] = min(post.seen_at, seen.get(post.key, post.seen_at))
    script = acts()
    assert [act.at for act in script] == sorted(act.at for act in script)
    approved: dict[str, datetime] = {}
    for act in script:
        assert set(act.line) <= KEYS_OF_ACTION[act.action]
        assert act.at.tzinfo is not None
        assert act.line["by"] == "ana"
        if act.action == "post":
            continue
        assert seen[act.post] < act.at, act
        if act.action == "withdraw":
            assert approved[act.post] < act.at
        if act.action == "approve":
            approved[act.post] = act.at
        else:
            assert act.line["reason"]
    counts = Counter(act.action for act in script)
    assert counts["approve"] >= 40
    assert counts["reject"] >= 20
    assert 3 <= counts["post"] <= 5
    assert counts["withdraw"] == 1
    strands = {strand["id"] for strand in tomllib.loads((DAY / "config.toml").read_text(encoding="utf-8"))["strand"]}
    assert {act.line["strand"] for act in script if act.action == "post"} <= strands


def test_authors_take_back_what_was_told_and_what_was_not() -> None:
    seen = {post.native_id: post for post in posts(*HASHTAG)}
    approved = {act.post: act.at for act in acts() if act.action == "approve"}
    stones: list[Gone] = [stone for one in recorded(*HASHTAG) for stone in one.batch.gone]
    assert all(seen[stone.id].seen_at < stone.at for stone in stones)
    assert any(approved.get(seen[stone.id].key, stone.at) < stone.at for stone in stones)
    assert any(seen[stone.id].key not in approved for stone in stones)
    accounts = [stone for one in recorded(*HASHTAG) for stone in one.batch.gone_authors]
    assert len(accounts) >= 2
    for account in accounts:
        theirs = [post for post in seen.values() if post.author.id == account.id]
        assert theirs
        assert all(post.seen_at < account.at for post in theirs)


def test_pictures_are_small_and_as_they_are_described() -> None:
    files = sorted((DAY / "media").iterdir())
    assert len(files) >= 8
    hashes = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert len(set(hashes.values())) == len(files)
    for file in files:
        assert file.stat().st_size <= 20_000
    used = set()
    for post in posts(*HASHTAG, *OFFICIAL):
        for media in post.media:
            if media.url.startswith("media/"):
                used.add(media.url.removeprefix("media/"))
                with Image.open(DAY / media.url) as image:
                    assert image.size == (media.width, media.height)
    for act in acts():
        for picture in act.line.get("media") or ():  # type: ignore[attr-defined]  # the line is JSON
            assert picture["alt"]
            used.add(str(picture["file"]).removeprefix("media/"))
    assert used == set(hashes)


def test_the_officials_are_on_the_desks_list() -> None:
    listed = {
        name: row["name"]
        for row in tomllib.loads((DAY / "config.toml").read_text(encoding="utf-8"))["official"]
        for name in row["ids"]
    }
    found = posts(*OFFICIAL)
    assert 25 <= len([post for post in found if not post.is_edit]) <= 35
    assert {f"{post.platform}:{post.author.id}" for post in found} == set(listed)
    assert not {f"{post.platform}:{post.author.id}" for post in posts(*HASHTAG)} & set(listed)


def test_the_facts_are_there_and_said_by_officials_after_they_happened() -> None:
    facts = {
        "39,698 runners": (8, 30),
        "Marcel Hug of Switzerland wins the men's wheelchair race in 1:35:19": (9, 30),
        "Tatyana McFadden of the United States wins the women's wheelchair race in 1:44:14": (9, 39),
        "Sumgong of Kenya recovers from a fall to win the elite women's race in 2:22:58": (10, 37),
        "Eliud Kipchoge of Kenya wins the elite men's race for the second year running": (11, 3),
        "official time is 2:03:05": (11, 3),
        "Stanley Biwott of Kenya is second": (11, 3),
        "has started his marathon on the treadmill of the International Space Station": (9, 0),
        "has finished his marathon on board the International Space Station in 3:35.21": (12, 35),
        "number one million crossed the line today": (9, 0),
    }
    for fact, (hour, minute) in facts.items():
        telling = [post for post in posts(*OFFICIAL) if fact in post.text]
        assert telling, fact
        assert all(post.created_at >= datetime(2016, 4, 24, hour, minute, tzinfo=UTC) for post in telling)
    assert any("give way to ambulances" in post.text for post in posts("organiser"))


def test_the_configuration_is_valid_and_names_every_recording() -> None:
    models = Models(
        sources={"replay": ReplaySource.Settings},
        accounts={"file": FileAccount.Settings},
        source_secrets={},
        account_secrets={},
    )
    settings = load(DAY / "config.toml", models=models, environ={}).settings
    assert settings.event.zone == "Europe/London"
    files = {source.name: source.own.file for source in settings.source}
    assert files == {name: DAY / f"{name}.jsonl" for name in (*HASHTAG, *OFFICIAL, "timing")}
    assert not any(source.own.shift for source in settings.source)
    strands = {strand.id for strand in settings.strand}
    assert {source.strand for source in settings.source} <= strands
    assert {
        "getinspired",
        "official",
        "mens-race",
        "womens-race",
        "wheelchairs",
        "masses",
        "space",
        "costume",
    } <= strands


def starter_rules() -> ruleset.RuleSet:
    folder = ROOT / "rules"
    paths = [*folder.glob("*.toml"), *folder.glob("lists/*.txt")]
    return ruleset.load({path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths})


def test_under_the_starter_rules_officials_are_published_and_the_editor_finds_what_she_decides_held() -> None:
    rules = starter_rules()
    verdicts = {post.key: judge(rules, post, Circumstances(now=post.seen_at)).verdict for post in posts(*HASHTAG)}
    assert {verdicts[act.post] for act in acts() if act.post} == {Verdict.HOLD}
    assert sum(verdict is Verdict.DROP for verdict in verdicts.values()) >= 20
    for post in posts(*OFFICIAL):
        assert judge(rules, post, Circumstances(now=post.seen_at, is_official=True)).verdict is Verdict.PUBLISH


def test_a_queue_is_left_for_whoever_comes_next() -> None:
    rules = starter_rules()
    decided = {act.post for act in acts()}
    gone = {stone.id for one in recorded(*HASHTAG) for stone in (*one.batch.gone, *one.batch.gone_authors)}
    index = StoryIndex(window=timedelta(hours=48), max_posts=1000)
    stories: dict[int, list[Post]] = {}
    for number, post in enumerate(sorted(posts(*HASHTAG), key=lambda post: post.seen_at)):
        stories.setdefault(match_one(index, number, post).story_id, []).append(post)
    left = [
        story[0]
        for story in stories.values()
        if not {post.key for post in story} & decided
        and not {story[0].native_id, story[0].author.id} & gone
        and judge(rules, story[0], Circumstances(now=story[0].seen_at)).verdict is Verdict.HOLD
    ]
    assert 30 <= len(left) <= 60
    assert any(re.search(r"020 7946", post.text) for post in left), "somebody's phone number"
    assert len({post.lang for post in left}) >= 5


def test_the_plan_announces_the_four_hour_mark_at_two() -> None:
    config = tomllib.loads((DAY / "config.toml").read_text(encoding="utf-8"))
    clocks = {
        clock["id"]: EventClock(clock["id"], clock["name"], clock["start"].astimezone(UTC), config["event"]["zone"])
        for clock in config["clock"]
    }
    plan = load_plan(
        (DAY / "milestones.toml").read_text(encoding="utf-8"),
        clocks=clocks,
        strands=[strand["id"] for strand in config["strand"]],
        accounts=[account["name"] for account in config["account"]],
    )
    times = {one.id: due_at(one, clocks) for one in plan.milestones}
    assert times["mass-start"] == datetime(2016, 4, 24, 9, 0, tzinfo=UTC)
    assert times["four-hour-mark"] == datetime(2016, 4, 24, 13, 0, tzinfo=UTC)
    end = Facts(datetime(2016, 4, 24, 14, 0, tzinfo=UTC), clocks, config["event"]["name"])
    assert len(plan.milestones) == 15
    for one in due(plan.milestones, end, set()):
        said = words(one.milestone, end, one.values)
        assert "{{" not in said.title + said.text
    four = next(one for one in plan.milestones if one.id == "four-hour-mark")
    assert "four-hour mark in the masses race" in words(four, end).text


def test_nothing_is_said_in_the_words_of_the_page_that_it_is_modelled_on() -> None:
    if not SEED.is_file():
        pytest.skip("the text ../shared/design/seed.txt is absent")

    def shingles(text: str) -> set[tuple[str, ...]]:
        words = re.findall(r"\w+", text.casefold())
        return {tuple(words[at : at + 8]) for at in range(len(words) - 7)}

    theirs = shingles(SEED.read_text(encoding="utf-8"))
    assert theirs
    for text in said():
        assert not shingles(text) & theirs, text
