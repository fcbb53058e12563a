"""Several who take posts at once, beside one who judges them: chains of authors stay whole, and nobody is in anybody's way."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from random import Random

from bot.core.model import Batch, Post
from bot.core.rules.ruleset import load
from bot.pipeline.collect import Terms, store
from bot.pipeline.curate.curator import Curator
from bot.store import authors, feed, posts, rulesets
from bot.store.database import Database
from tests.builders import START, a_desk, a_post
from tests.pipeline.houses import same_store

OPEN = '[[rule]]\nid = "all"\nabout = "All."\naction = "publish"\nwhen = [\'has(text, "run")\']\ncatches = ["a run"]\nspares = ["x"]\n'


def together(*work: Callable[[], object]) -> None:
    """Run all of it at the same time; what one raises is raised."""
    with ThreadPoolExecutor(len(work)) as pool:
        for future in [pool.submit(one) for one in work]:
            future.result()


def bring(database: Database, batch: list[Post], source: str, at: int) -> None:
    terms = Terms(source, platform="bluesky")
    store(database, Batch(tuple(batch), cursor=str(at)), terms, lane="fetch", now=START, machine_now=START)


def chains(database: Database) -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """The posts of each author as their rows say, and as the chain from the newest one finds them."""
    by_rows: dict[int, list[int]] = {}
    with database.read() as tx:
        for post_id, author in tx.raw("SELECT id, author_id FROM posts ORDER BY id"):
            by_rows.setdefault(author, []).append(post_id)
        by_chain = {author: sorted(row[0] for row in tx.run(authors.post_ids([author]))) for author in by_rows}
    return by_rows, by_chain


def test_the_chain_of_an_author_holds_every_post_whoever_takes_them_at_the_same_time(database: Database) -> None:
    def taker(number: int) -> None:
        chance = Random(number)
        mine = same_store(database)
        for at in range(25):
            few = chance.randrange(1, 12)
            batch = [
                a_post(
                    f"word {chance.randrange(4)}",
                    native_id=f"n{chance.randrange(400)}",
                    version=f"v{chance.randrange(3)}",
                    author=f"author {chance.randrange(3)}",
                )
                for _ in range(few)
            ]
            bring(mine, batch, f"source {number}", at)
        mine.close()

    together(*(lambda number=number: taker(number) for number in range(4)))
    by_rows, by_chain = chains(database)
    assert by_chain == by_rows
    assert sum(map(len, by_rows.values())) > 100


def test_posts_of_one_batch_are_links_of_one_chain(database: Database) -> None:
    for at in range(2):
        batch = [a_post(f"number {at} {number}", author="ana" if number % 3 else "bob") for number in range(7)]
        bring(database, batch, "s", at)
    by_rows, by_chain = chains(database)
    assert by_chain == by_rows
    assert sorted(map(len, by_rows.values())) == [6, 8]
    with database.read() as tx:
        for author, ids in by_rows.items():
            assert [found.id for found in posts.of_author(tx, author)] == ids


def test_who_takes_and_who_judges_do_not_lock_each_other_out(database: Database) -> None:
    """Each batch updates the rows of many authors, in both transactions: one order for all, or the database gives one up."""
    with database.begin() as tx:
        rulesets.adopt(tx, rulesets.RULES, "x", {"10.toml": OPEN}, START)
    other = same_store(database)
    curator = Curator(other, a_desk(), holder="h", load=lambda kept: load(kept.files, trusted=True))
    rounds, size = 12, 60

    def taker() -> None:
        chance = Random(3)
        mine = same_store(database)
        for at in range(rounds):
            numbers = range(at * size, (at + 1) * size)
            batch = [
                a_post(
                    f"my run number {number} goes well at mile {number}, says {chance.random()}",
                    native_id=f"n{number}",
                    author=f"author {chance.randrange(80)}",
                    minutes=5,
                )
                for number in numbers
            ]
            bring(mine, batch, "s", at)
        mine.close()

    def judge() -> None:
        judged = 0
        while judged < rounds * size:
            judged += curator.run(START + timedelta(minutes=6)).judged

    together(taker, judge)
    other.close()
    with database.read() as tx:
        assert tx.raw("SELECT sum(published) FROM authors").scalar_one() == rounds * size
        assert len(feed.live(tx)) == rounds * size


def test_what_is_committed_is_in_the_file_after_a_checkpoint(tmp_path: Path, database: Database) -> None:
    if database.file is None:
        database.checkpoint()  # PostgreSQL looks after its own log
        return
    bring(database, [a_post("kept")], "s", 1)
    assert Path(f"{database.file}-wal").stat().st_size > 0
    database.checkpoint()
    alone = tmp_path / "alone.db"
    alone.write_bytes(database.file.read_bytes())  # without the log beside it
    copy = Database(f"sqlite:///{alone}")
    with copy.read() as tx:
        assert [found.post.text for found in posts.unjudged(tx, 10)] == ["kept"]
    copy.close()
