"""The curation log: each filter alone, all together, and following."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.core.idents import ident
from bot.core.model import Batch, Update, UpdateKind, UpdateState
from bot.core.reports import LogFilter
from bot.store import coverage, feed, journal, rulesets, taking
from bot.store.database import Database
from bot.store.journal import Line
from tests.builders import START, a_post

MINUTE = timedelta(minutes=1)


@pytest.fixture
def log(database: Database) -> Callable[..., list[str]]:
    """A journal of ten lines; gives the `why` of the lines that fit."""
    with database.begin() as tx:
        for number, (author, source) in enumerate([("did:plc:ana", "hashtag"), ("did:plc:bob", "official")], 1):
            batch = Batch((a_post(f"post {number}", author=author, native_id=f"p{number}"),))
            taking.take(tx, batch, source=source, platform="bluesky", tell_from=None, late_from=None, now=START)
        rules = rulesets.adopt(tx, rulesets.RULES, "9f02", {"a.toml": ""}, START)
        told = feed.add(tx, Update(0, "slug2345", UpdateKind.DESK, UpdateState.LIVE, START, "our words"))
        # fmt: off
        journal.write(tx, [
            Line(START, "met", "milepost", "0", place="hashtag"),
            Line(START + MINUTE, "judged", "rules", "1", post_id=1, story_id=1, verdict="hold", rule="r1", rule_set_id=rules),
            Line(START + 2 * MINUTE, "judged", "ana", "2", post_id=1, story_id=1, verdict="publish"),
            Line(START + 3 * MINUTE, "judged", "rules", "3", post_id=2, story_id=1, verdict="drop", rule="r2", rule_set_id=rules),
            Line(START + 4 * MINUTE, "told", "ana", "4", post_id=1, story_id=1, update_id=told.id, details={"accounts": ["social"]}),
            Line(START + 5 * MINUTE, "sent", "milepost", "5", post_id=1, update_id=told.id, place="social"),
            Line(START + 6 * MINUTE, "told", "clock", "6", update_id=told.id),
        ])
        # fmt: on

    def read(**wanted: object) -> list[str]:
        with database.read() as tx:
            return [line.why for line in journal.read(tx, LogFilter(**wanted))]  # type: ignore[arg-type]

    return read


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, "0123456"),
        ({"post_ids": (2,)}, "3"),
        ({"post_ids": (1, 2)}, "12345"),
        ({"update_ids": (1,)}, "456"),
        ({"story_ids": (1,)}, "1234"),
        ({"author_ids": (ident("bluesky", "did:plc:bob"),)}, "3"),
        ({"source": "hashtag"}, "01245"),
        ({"source": "official"}, "3"),
        ({"account": "social"}, "5"),
        ({"verdict": "drop"}, "3"),
        ({"rule": "r1"}, "1"),
        ({"what": "told"}, "46"),
        ({"by": "ana"}, "24"),
        ({"since": START + 5 * MINUTE}, "56"),
        ({"until": START + 5 * MINUTE}, "01234"),
        ({"since": START + MINUTE, "until": START + 2 * MINUTE}, "1"),
        ({"limit": 2}, "56"),
        ({"limit": 1, "what": "judged"}, "3"),
        ({"after_id": 0, "limit": 3}, "012"),
        ({"after_id": 3, "limit": 2}, "34"),
        ({"after_id": 7}, ""),
        ({"post_ids": (1,), "by": "ana", "what": "told", "story_ids": (1,)}, "4"),
        ({"post_ids": (9,)}, ""),
        ({"by": "ana' OR 1=1 --"}, ""),
    ],
    ids=str,
)
def test_each_filter(log: Callable[..., list[str]], wanted: dict[str, object], found: str) -> None:
    assert "".join(log(**wanted)) == found


def test_names_are_joined_on_reading(database: Database, log: Callable[..., list[str]]) -> None:
    del log
    with database.read() as tx:
        lines = journal.read(tx, LogFilter())
        assert journal.last_id(tx) == lines[-1].id == 7
        assert journal.who(tx, 3) == "ana"
        assert journal.who(tx, 99) == ""
        assert journal.details(tx, 5) == {"accounts": ["social"]}
        assert journal.details(tx, 99) is None
        assert [line.why for line in journal.of_posts(tx, [1], [1])] == ["1", "2", "4", "5", "6"]
    judged, told, ours = lines[1], lines[4], lines[6]
    assert (judged.post, judged.author, judged.rule_set, judged.text) == ("bluesky:p1", "ana.example", "9f02", "post 1")
    assert (told.update, told.source, told.platform) == ("slug2345", "hashtag", "bluesky")
    assert (ours.text, ours.post, ours.author) == ("our words", "", "")


def test_an_empty_journal(database: Database) -> None:
    with database.begin() as tx:
        assert journal.read(tx, LogFilter()) == []
        assert journal.last_id(tx) == 0
        assert journal.write(tx, []) == ()


def test_a_revision_is_told_to_the_log(database: Database) -> None:
    with database.begin() as tx:
        told = coverage.tell(
            tx, Update(0, "", UpdateKind.DESK, UpdateState.LIVE, START, "a"), (), at=START, by="ana", why="w"
        )
        coverage.revise(tx, told, at=START + MINUTE, by="bob", why="typo")
        assert [(line.what, line.by, line.why) for line in journal.read(tx, LogFilter())] == [
            ("told", "ana", "w"),
            ("edited", "bob", "typo"),
        ]
        assert feed.live(tx)[0].changed_at == START + MINUTE
