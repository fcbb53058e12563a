"""A person's word on stories: what leaves, what is one, what is judged again, and that it holds after a restart."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from bot.app import look, stories, verbs
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Gone, Post
from bot.core.reports import LogFilter
from bot.core.story_reports import OneStory, Split
from bot.store.database import Database
from tests.builders import OFFICIAL, a_post
from tests.conftest import House
from tests.pipeline.houses import live, reopened
from tests.pipeline.incoming import held, keep
from tests.pipeline.ruled import LOVELY, save

LONG = "A lovely day at Blackfriars: two hundred people sing in the underpass, and every one of them is out of tune"
OTHER = (
    "A lovely sight at Tower Bridge: a rhino overtakes a lighthouse, and both of them stop for a picture with a child"
)


def come(house: House, *posts: Post) -> None:
    keep(house, *posts)
    house.app.curate()


def said(house: House, text: str, author: str, native_id: str = "") -> Post:
    now = house.clock()
    return a_post(text, author=f"did:plc:{author}", native_id=native_id, created_at=now, seen_at=now)


def split(house: House, *posts: int, by: str = "ana", why: str = "two bridges") -> Split:
    found = stories.split(house.app, [str(number) for number in posts], by=by, why=why)
    house.app.curate()
    return found


def join(house: House, *numbers: int, by: str = "ana", why: str = "one bridge") -> OneStory:
    found = stories.join(house.app, [str(number) for number in numbers], by=by, why=why)
    house.app.curate()
    return found


def standing(house: House) -> dict[int, tuple[int, str]]:
    """Story and verdict of each post."""
    with house.app.database.read() as tx:
        rows = tx.raw("SELECT id, story_id, verdict FROM posts ORDER BY id")
        return {int(row[0]): (int(row[1] or 0), str(row[2])) for row in rows}


def restarted(house: House) -> House:
    """The house after a restart: the index is built anew, and no lease of the old one is in the way."""
    house.app._turns.give_back()
    return reopened(house)


def quiet_run(house: House) -> None:
    """Running the curator again changes nothing, with this index and with one built anew."""
    before, lines = standing(house), house.log()
    house.app.curate()
    again = restarted(house)
    again.app.curate()
    again.app.close()
    assert standing(house) == before
    assert house.log() == lines


def three(house: House) -> None:
    """Three posts in one story, the first of them told: 1, 2 and 3."""
    save(house, LOVELY)
    come(house, said(house, LONG, "ana"))
    come(house, said(house, LONG, "bob"), said(house, f"RT @ana: {LONG[:70]}…", "cat"))
    assert standing(house) == {1: (1, "publish"), 2: (1, "drop"), 3: (1, "drop")}
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 2)]


def test_a_post_that_leaves_is_judged_again_and_told_and_readers_see_a_true_count(house: House) -> None:
    three(house)
    found = split(house, 3)
    assert (found.story_id, found.rest_id, found.posts, found.again, found.held) == (3, 1, (3,), (3,), ())
    assert standing(house) == {1: (1, "publish"), 2: (1, "drop"), 3: (3, "publish")}
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 1), (3, 0)]
    (line,) = house.log("split")
    assert (line.post_id, line.story_id, line.by, line.why) == (3, 3, "ana", "is not story 1: two bridges")
    quiet_run(house)


def test_who_left_is_not_listed_any_more_and_the_same_author_never_counts(house: House) -> None:
    three(house)
    come(house, said(house, LONG, "ana", "ana2"), said(house, LONG, "dan", "dan"))
    assert [copy.post_id for copy in live(house)[0].copies] == [2, 4, 5]
    split(house, 2)
    first = live(house)[0]
    assert (first.also, [copy.post_id for copy in first.copies]) == (2, [4, 5])
    keep(house, gone=(Gone("dan", house.clock()),))
    house.app.curate()
    split(house, 4)
    first = live(house)[0]
    assert (first.also, first.copies) == (1, ())


def test_who_is_joined_is_listed(house: House) -> None:
    three(house)
    split(house, 2)
    verbs.take_back(house.app, live(house)[1].slug, by="ana")
    join(house, 1, 2)
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 2)]


def test_a_copy_of_what_was_split_off_goes_with_it_also_after_a_restart(house: House) -> None:
    three(house)
    split(house, 3)
    come(house, said(house, f"RT @ana: {LONG[:70]}…", "dan"))
    assert standing(house)[4] == (3, "drop")
    again = restarted(house)
    come(again, said(house, f"RT @ana: {LONG[:70]}…", "eve"), said(house, LONG, "fay"))
    again.app.close()
    assert (standing(house)[5], standing(house)[6]) == ((3, "drop"), (1, "drop"))
    assert [update.also for update in live(house)] == [2, 2]


def test_where_the_told_post_leaves_the_rest_is_judged_again_under_the_number_of_its_first(house: House) -> None:
    three(house)
    found = split(house, 1)
    assert (found.story_id, found.rest_id, found.was_id, found.again) == (1, 2, 1, (2, 3))
    assert standing(house) == {1: (1, "publish"), 2: (2, "publish"), 3: (2, "drop")}
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 0), (2, 1)]
    assert [(line.post_id, line.why) for line in house.log("split")] == [
        (1, "is not the rest of story 1, which is story 2 now: two bridges"),
        (2, "was story 1, whose first post has left: two bridges"),
    ]
    quiet_run(house)


def test_what_is_old_waits_for_a_person_who_can_approve_it(house: House) -> None:
    three(house)
    house.clock.forward(hours=3)
    found = split(house, 3)
    assert (found.again, found.held) == ((), (3,))
    assert standing(house)[3] == (3, "hold")
    (item,) = look.queue(house.app)
    assert (item.id, item.story_id, item.why) == (
        3,
        3,
        "split from story 1 by ana: too old to be told by itself, waits for a look",
    )
    verbs.approve(house.app, "3", by="ana")
    assert [update.post_id for update in live(house)] == [1, 3]


def test_what_a_person_settled_with_another_post_waits_again_once_they_are_two(house: House) -> None:
    first, second = held(house, OTHER, author="did:plc:ana"), held(house, OTHER, author="did:plc:bob")
    verbs.reject(house.app, str(first), by="ana", why="not ours")
    assert standing(house) == {1: (1, "drop"), 2: (1, "drop")}
    assert split(house, second).again == (2,)
    assert standing(house) == {1: (1, "drop"), 2: (2, "hold")}
    quiet_run(house)


def test_what_a_person_rejected_itself_stays_rejected_and_so_do_its_copies(house: House) -> None:
    first = held(house, LONG)
    verbs.reject(house.app, str(first), by="ana", why="not ours")
    save(house, LOVELY)
    come(house, said(house, LONG, "bob"), said(house, LONG, "cat"))
    assert {verdict for _, verdict in standing(house).values()} == {"drop"}
    assert split(house, 1, 2).again == (3,), "2 is a copy of what was rejected; 3 is not any more"
    assert standing(house) == {1: (1, "drop"), 2: (1, "drop"), 3: (3, "publish")}


def test_spam_stays_spam_whatever_its_story(house: House) -> None:
    come(house, a_post("a giveaway for all", author="did:plc:ana"), a_post("a giveaway for all", author="did:plc:ana"))
    assert split(house, 2).again == ()
    assert standing(house) == {1: (1, "drop"), 2: (2, "drop")}


def test_all_versions_of_a_post_leave_and_only_the_last_is_judged(house: House) -> None:
    three(house)
    text = f"RT @ana: {LONG[:70]}…"
    come(house, said(house, text, "dan", native_id="d"))
    come(house, structs.replace(said(house, f"{text} ", "dan", native_id="d"), version="2"))
    assert [standing(house)[number][0] for number in (4, 5)] == [1, 1]
    found = split(house, 4)
    assert (found.posts, found.again) == ((5,), (5,))
    assert [standing(house)[number][0] for number in (4, 5)] == [4, 4]
    assert [update.post_id for update in live(house)] == [1, 5]


def test_what_its_author_took_down_is_not_told_by_a_split(house: House) -> None:
    three(house)
    with house.app.database.read() as tx:
        native = str(tx.raw("SELECT native_id FROM posts WHERE id = 3").scalar_one())
    keep(house, gone=(Gone(native, house.clock(), "deleted"),))
    house.app.curate()
    assert split(house, 3).again == ()
    assert standing(house)[3] == (3, "drop")


def test_two_told_stories_that_are_joined_stay_as_they_are_for_readers(house: House) -> None:
    save(house, LOVELY)
    come(house, said(house, LONG, "ana"), said(house, OTHER, "bob"))
    before = live(house)
    found = join(house, 2, 1)
    assert (found.story_id, found.others, found.again, found.overruled) == (1, (2,), (), ())
    assert [update.post_id for update in found.told] == [1, 2]
    assert live(house) == before
    (line,) = house.log("joined")
    assert (line.post_id, line.story_id, line.by) == (2, 1, "ana")
    assert line.why == "story 2 is part of story 1: one bridge"
    come(house, said(house, OTHER, "cat"), said(house, LONG, "dan"))
    assert {story for story, _ in standing(house).values()} == {1}
    assert len(live(house)) == 2
    quiet_run(house)
    lines = house.log()
    assert join(house, 1, 2).others == (), "twice is once"
    assert house.log() == lines


def test_what_waits_is_told_already_once_it_is_joined_with_what_is_told(house: House) -> None:
    save(house, LOVELY)
    come(house, said(house, LONG, "ana"))
    number = held(
        house,
        "The same scene at Blackfriars, from the other side of the road, and just as loud as the first one",
        author="did:plc:bob",
    )
    found = join(house, number, 1)
    assert (found.story_id, found.again) == (1, (2,))
    assert standing(house) == {1: (1, "publish"), 2: (1, "drop")}
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 1)]
    assert look.queue(house.app) == []
    assert split(house, 2).again == (2,), "and back"
    assert standing(house) == {1: (1, "publish"), 2: (2, "hold")}
    quiet_run(house)


def test_what_waits_on_both_sides_is_one_entry_of_the_queue_and_settled_at_once(house: House) -> None:
    one, two = held(house, "first words of it all"), held(house, "other words of it all", author="did:plc:bob")
    assert join(house, one, two).again == ()
    (item,) = look.queue(house.app)
    assert (item.id, item.others) == (1, 1)
    assert verbs.approve(house.app, "1", by="ana").others == 1
    assert [(update.post_id, update.also) for update in live(house)] == [(1, 1)]


def test_the_later_word_counts_and_the_earlier_one_is_said(house: House) -> None:
    three(house)
    split(house, 3, by="bob", why="two bridges")
    found = join(house, 3, 1)
    (one,) = found.overruled
    assert (one.story_id, one.by, one.why) == (3, "bob", "two bridges")
    assert "story 3 is part of story 1 (before, bob kept them apart): one bridge" in [
        line.why for line in house.log("joined")
    ]
    come(house, said(house, f"RT @ana: {LONG[:70]}…", "dan"))
    assert {story for story, _ in standing(house).values()} == {1}


def test_our_own_words_can_be_joined_and_keep_what_waits_from_being_told(house: House) -> None:
    own = verbs.write(house.app, verbs.manuscript("They sing at Blackfriars.", strand="official"), by="ana").update
    number = held(house, "The underpass is full of song")
    found = stories.join(house.app, [own.slug, str(number)], by="ana")
    house.app.curate()
    assert (found.story_id, found.others) == (1, (-own.id,))
    assert standing(house) == {1: (1, "drop")}
    life = stories.show(house.app, own.slug)
    assert (life.id, life.lead, life.why_leads) == (1, 0, "our own words stand for it")
    split(house, 1)
    assert standing(house) == {1: (1, "hold")}
    assert stories.find(house.app, own.slug) == -own.id
    assert stories.find(house.app, f"{-own.id}") == -own.id


@pytest.mark.parametrize(
    ("posts", "why"),
    [
        (["1", "2", "3"], "these are all posts of story 1: leave at least one where it is"),
        (["4"], "post 4 is the only one of its story: there is nothing to split"),
        (["2", "4"], r"not of one story \(post 2 in story 1, post 4 in story 4\): split one story at a time"),
        (["5"], "post 5 has no story yet: it is not judged"),
    ],
)
def test_a_split_that_cannot_be_changes_nothing(house: House, posts: list[str], why: str) -> None:
    three(house)
    come(house, said(house, "alone", "zoe"))
    keep(house, said(house, "not yet judged", "zoe"))
    before = standing(house), house.log()
    with pytest.raises(RefusedError, match=why):
        stories.split(house.app, posts, by="ana")
    assert (standing(house), house.log()) == before


def test_names_that_are_none_are_said(house: House) -> None:
    three(house)
    for act in (stories.split, stories.join):
        with pytest.raises(NotFoundError, match="'99' is unknown"):
            act(house.app, ["1", "99"], by="ana")
    with pytest.raises(NotFoundError, match="story -7 is unknown"):
        stories.join(house.app, ["1", "-7"], by="ana")
    with pytest.raises(RefusedError, match="cannot be joined with itself"):
        stories.join(house.app, ["1", "1"], by="ana")
    with pytest.raises(RefusedError, match="split off the posts"):
        stories.split(house.app, [verbs.write(house.app, verbs.manuscript("Ours."), by="ana").update.slug], by="ana")
    assert stories.join(house.app, ["1", "2"], by="ana").others == (), "two posts of one story are one already"


def test_the_log_of_a_story_has_what_became_part_of_it(house: House) -> None:
    save(house, LOVELY)
    come(house, said(house, LONG, "ana"), said(house, OTHER, "bob"))
    join(house, 1, 2)
    both = look.find_story(house.app, 2)
    assert both == look.find_story(house.app, 1) == (1, 2)
    judged = [line.post_id for line in look.log(house.app, LogFilter(story_ids=both)) if line.what == "judged"]
    assert judged == [1, 2]


def test_an_official_post_that_waits_is_still_the_officials_own(house: House) -> None:
    save(house, LOVELY)
    come(house, said(house, LONG, "ana"))
    come(house, a_post("We open the bridge again.", author=OFFICIAL, seen_at=house.clock()))
    assert standing(house)[2] == (2, "hold")
    join(house, 1, 2)
    assert standing(house) == {1: (1, "publish"), 2: (1, "hold")}, "a stranger's words do not silence them"


def test_a_split_and_the_curator_in_one_moment_come_one_after_the_other(house: House) -> None:
    three(house)
    others = [restarted(house) for _ in range(3)]
    keep(house, *(said(house, f"RT @ana: {LONG[:70]}…", f"fan{number}") for number in range(20)))
    together = Barrier(len(others))

    def act(number: int) -> str:
        together.wait(30)
        try:
            if number:
                stories.split(others[number].app, ["3" if number == 1 else "2"], by="ana")
            else:
                others[0].app.curate()
        except RefusedError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(len(others)) as pool:
        said_by = list(pool.map(act, range(len(others))))
    house.app.curate()
    found = standing(house)
    assert (said_by, found[1], found[2], found[3]) == (["", "", ""], (1, "publish"), (2, "publish"), (3, "publish"))
    assert {story for number, (story, _) in found.items() if number > 3} <= {1, 3}
    assert {verdict for number, (_, verdict) in found.items() if number > 3} == {"drop"}
    assert sorted(update.post_id for update in live(house)) == [1, 2, 3]
    for other in others:
        other.app.close()
    quiet_run(house)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=st.lists(st.tuples(st.booleans(), st.lists(st.integers(1, 6), min_size=1, max_size=3)), max_size=6))
def test_any_splits_and_joins_leave_each_post_in_one_story_and_the_curator_nothing_to_do(
    moves: list[tuple[bool, list[int]]],
    build_house: Callable[..., House],
    sqlite_template: object,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    import shutil  # noqa: PLC0415 - a database for each example

    path = tmp_path_factory.mktemp("moved") / "milepost.db"
    shutil.copyfile(str(sqlite_template), path)
    house = build_house(Database(f"sqlite:///{path}"))
    three(house)
    come(house, said(house, OTHER, "dan"), said(house, OTHER, "eve"), said(house, "alone", "fay"))
    for is_join, numbers in moves:
        try:
            (join if is_join else split)(house, *numbers)
        except RefusedError:
            continue
        found = standing(house)
        assert list(found) == [1, 2, 3, 4, 5, 6]
        assert all(found[story][0] == story for story, _ in found.values()), "a story is named by one of its posts"
    quiet_run(house)
    house.app.close()
