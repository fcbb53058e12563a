"""What a source brings is stored once: posts, versions, tombstones, sightings."""

from datetime import datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.core.idents import ident
from bot.core.model import Author, Batch, Gone, Post, Verdict
from bot.store import authors, posts, taking, tombstones
from bot.store.database import Database
from bot.store.posts import Arrival, Decision, StoredPost
from bot.store.taking import Taken
from tests.builders import START, a_post


def take(
    database: Database,
    *brought: Post,
    source: str = "hashtag",
    gone: tuple[Gone, ...] = (),
    authors: tuple[Gone, ...] = (),
    tell_from: datetime | None = None,
    late_from: datetime | None = None,
) -> Taken:
    batch = Batch(brought, "1", gone, authors)
    with database.begin() as tx:
        taken = taking.take(
            tx, batch, source=source, platform="bluesky", tell_from=tell_from, late_from=late_from, now=START
        )
    with database.read() as tx:  # whoever is handed what was kept sees what a reader of the store sees
        assert posts.by_id(tx, taken.new) == list(taken.kept)
        handed = {one.id: one for one in taken.kept}
        assert posts.unjudged(tx, 10_000, handed) == posts.unjudged(tx, 10_000)
    return taken


def stored(database: Database) -> list[StoredPost]:
    with database.read() as tx:
        return posts.unjudged(tx, 10_000)


def stones(database: Database) -> list[tuple[int, str]]:
    with database.read() as tx:
        return [(key, reason) for key, _, reason in tombstones.to_handle(tx, 100)]


def test_a_post_comes_once_however_often_it_is_brought(database: Database) -> None:
    post = a_post("once")
    assert list(take(database, post, post).new) == [1]
    again = take(database, post)
    assert (list(again.new), again.again) == ([], 1)
    (found,) = stored(database)
    assert found.post == post
    with database.read() as tx:
        assert posts.sightings_of(tx, [1]) == []
        assert authors.histories(tx, [found.author_id])[found.author_id].seen == 1


def test_posts_keep_the_order_in_which_they_came(database: Database) -> None:
    brought = [a_post(f"post {number}", minutes=5 - number) for number in range(5)]
    take(database, *brought[:3])
    take(database, *brought)
    assert [one.post.text for one in stored(database)] == [f"post {number}" for number in range(5)]


def test_more_posts_than_a_statement_takes_parameters(database: Database) -> None:
    brought = [a_post(f"post {number}", author=f"did:plc:{number % 700}") for number in range(1300)]
    assert len(take(database, *brought).new) == 1300
    assert take(database, *brought).again == 1300
    assert [one.post.text for one in stored(database)] == [one.text for one in brought]


def test_an_edit_is_a_version_of_its_own(database: Database) -> None:
    take(database, a_post("first", native_id="p", version="1"))
    take(database, a_post("second", native_id="p", version="2"))
    first, second = stored(database)
    assert (first.post.is_edit, second.post.is_edit) == (False, True)
    with database.read() as tx:
        assert [one.post.text for one in posts.by_key(tx, "bluesky", "p")] == ["first", "second"]
        assert authors.histories(tx, [first.author_id])[first.author_id].seen == 1, "one post, however many versions"


def test_two_versions_in_one_batch_are_a_post_and_its_edit(database: Database) -> None:
    take(database, a_post("first", native_id="p", version="1"), a_post("second", native_id="p", version="2"))
    first, second = stored(database)
    assert (first.post.is_edit, second.post.is_edit) == (False, True)
    with database.read() as tx:
        assert authors.histories(tx, [first.author_id])[first.author_id].seen == 1


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_an_edit_of_a_baseline_is_a_baseline(database: Database, in_one_batch: bool) -> None:
    old = a_post("old", native_id="p", version="1", minutes=-60)
    edit = a_post("new words", native_id="p", version="2", minutes=5)
    if in_one_batch:
        take(database, old, edit, tell_from=START)
    else:
        take(database, old, tell_from=START)
        take(database, edit, tell_from=START)
    assert [one.arrival for one in stored(database)] == [Arrival.BASELINE, Arrival.BASELINE]


def test_the_borders_of_baseline_and_late(database: Database) -> None:
    tick = timedelta(microseconds=1)
    first, late = START, START + timedelta(minutes=30)
    made = {"baseline": first - tick, "first": first, "late": late - tick, "in time": late}
    take(database, *(a_post(name, created_at=at) for name, at in made.items()), tell_from=first, late_from=late)
    assert {one.post.text: one.arrival for one in stored(database)} == {
        "baseline": Arrival.BASELINE,
        "first": Arrival.LATE,
        "late": Arrival.LATE,
        "in time": Arrival.LIVE,
    }


def test_without_borders_everything_is_live(database: Database) -> None:
    take(database, a_post("ancient", minutes=-1_000_000))
    assert stored(database)[0].arrival is Arrival.LIVE


def test_a_post_that_a_second_source_brings_is_a_sighting(database: Database) -> None:
    post = a_post("seen twice")
    take(database, post)
    assert list(take(database, post, source="official").new) == []
    take(database, post, source="official")
    take(database, post, source="third")
    with database.read() as tx:
        assert sorted(posts.sightings_of(tx, [1])) == [("official", START), ("third", START)]
    assert stored(database)[0].post.source == "hashtag"


def test_a_deletion_after_the_post_waits_for_curate(database: Database) -> None:
    take(database, a_post("x", native_id="p"))
    assert take(database, gone=(Gone("p", START, "deleted"),)).gone == 1
    assert stones(database) == [(ident("bluesky", "p"), "deleted")]
    take(database, gone=(Gone("p", START, "deleted again"),))
    assert stones(database) == [(ident("bluesky", "p"), "deleted")]
    with database.begin() as tx:
        tombstones.handled(tx, ident("bluesky", "p"))
    take(database, gone=(Gone("p", START, "deleted again"),))
    assert stones(database) == []


def test_a_deletion_wins_over_a_post_that_comes_late(database: Database) -> None:
    assert take(database, gone=(Gone("p", START, "deleted"),)).gone == 0
    assert stones(database) == []
    take(database, a_post("too late", native_id="p"))
    with database.read() as tx:
        assert tombstones.among_posts(tx, [ident("bluesky", "p")]) == {ident("bluesky", "p"): "deleted"}


def test_a_deletion_in_the_batch_of_its_post_counts(database: Database) -> None:
    assert take(database, a_post("x", native_id="p"), gone=(Gone("p", START),)).gone == 1
    assert len(stones(database)) == 1


def test_a_tombstone_is_of_one_platform(database: Database) -> None:
    take(database, a_post("x", native_id="p"), gone=(Gone("p", START, platform="elsewhere"),))
    assert stones(database) == []


def test_tombstones_of_what_never_came_are_forgotten_in_time(database: Database) -> None:
    take(database, a_post("x", native_id="known"))
    take(database, gone=(Gone("known", START), Gone("never", START), Gone("new", START + timedelta(hours=1))))
    with database.begin() as tx:
        tombstones.handled(tx, ident("bluesky", "known"))
        assert tombstones.forget(tx, START + timedelta(seconds=1)) == 1
        left = tombstones.among_posts(tx, [ident("bluesky", name) for name in ("known", "never", "new")])
    assert set(left) == {ident("bluesky", "known"), ident("bluesky", "new")}


def test_an_author_who_is_gone_is_marked_once(database: Database) -> None:
    take(database, a_post("x", author="did:plc:eve"))
    assert take(database, authors=(Gone("did:plc:nobody", START),)).gone == 0
    assert take(database, authors=(Gone("did:plc:eve", START, "deactivated"),)).gone == 1
    assert take(database, authors=(Gone("did:plc:eve", START, "taken down"),)).gone == 0
    eve = ident("bluesky", "did:plc:eve")
    with database.begin() as tx:
        assert [(key, reason) for key, _, reason in authors.to_handle(tx, 9)] == [(eve, "deactivated")]
        authors.handled(tx, eve)
        assert authors.to_handle(tx, 9) == []
    take(database, a_post("y", author="did:plc:eve"))
    with database.read() as tx:
        assert authors.histories(tx, [eve])[eve].is_gone


def test_a_handle_that_changed_finds_the_same_account(database: Database) -> None:
    take(database, a_post("x", author="did:plc:ana"))
    take(database, replace(a_post("y"), author=Author("did:plc:ana", "new.example", "Ana B")))
    with database.read() as tx:
        (ana,) = authors.find(tx, "@NEW.example")
        assert authors.find(tx, "ana b") == authors.find(tx, "did:plc:ana") == (ana,)
        assert authors.find(tx, "ana.example") == ()
        assert authors.histories(tx, [ana])[ana].seen == 2


def test_hostile_text_comes_back_as_it_was(database: Database) -> None:
    text = "'; DROP TABLE posts; -- \u202e \x01 😀 \U0010ffff %s ? :x \\ \" \n\r\t"
    post = a_post(text, native_id=text.replace("\x00", ""), version=text, url='https://x.example/"%_')
    take(database, post)
    assert stored(database)[0].post == post
    with database.read() as tx:
        assert [one.post.text for one in posts.by_url(tx, post.url)] == [text]
        assert posts.by_url(tx, "https://x.example/") == []


def test_only_one_of_two_takes_the_place_of_a_judgement(database: Database) -> None:
    take(database, a_post("x"))
    with database.begin() as tx:
        posts.decide(tx, [Decision(1, 1, Verdict.HOLD, 7, 1)])
    with database.begin() as tx:
        assert not posts.decide_if(tx, Decision(1, 1, Verdict.DROP, 8, None), judgement_id=6)
        assert posts.decide_if(tx, Decision(1, 1, Verdict.PUBLISH, 9, None), judgement_id=7)
        assert not posts.decide_if(tx, Decision(1, 1, Verdict.DROP, 10, None), judgement_id=7)
        assert posts.by_id(tx, [1, 2])[0].verdict is Verdict.PUBLISH


_names = st.sampled_from("abcd")
_brought = st.lists(
    st.one_of(
        st.tuples(st.just("post"), _names, st.sampled_from(["", "1", "2"])),
        st.tuples(st.just("gone"), _names, st.just("")),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_brought, max_size=5))
def test_any_cut_into_batches_stores_the_same(
    sqlite_template: object, tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, str, str]]]
) -> None:
    """However a stream is cut into batches, and whatever is brought again: each edit once, each post first once."""
    del sqlite_template
    from bot.store.migrate import migrate  # noqa: PLC0415 - only here

    database = Database(f"sqlite:///{tmp_path_factory.mktemp('cuts')}/x.db")
    migrate(database)
    for batch in batches:
        brought = [a_post(name, native_id=name, version=version) for what, name, version in batch if what == "post"]
        take(database, *brought, gone=tuple(Gone(name, START) for what, name, _ in batch if what == "gone"))
    found = stored(database)
    database.close()
    keys = [(one.post.native_id, one.post.version) for one in found]
    for asked in "abcd":
        versions = [version for batch in batches for what, name, version in batch if what == "post" and name == asked]
        told = [
            version for version, _ in groupby(versions)
        ]  # what is brought again is nothing; an edit back is an edit
        assert [version for name, version in keys if name == asked] == told
    first = {name: next(one for one in found if one.post.native_id == name).id for name, _ in keys}
    assert all(one.post.is_edit == (first[one.post.native_id] != one.id) for one in found)
