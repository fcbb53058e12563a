"""Same story? What joins, what stays apart, and that the index can always be built again."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.model import Post
from bot.core.stories.index import StoryIndex
from tests.builders import a_post
from tests.core.stories.arriving import arrived, load, match_one

LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"


def an_index(max_posts: int = 1000) -> StoryIndex:
    return StoryIndex(window=timedelta(hours=48), max_posts=max_posts)


def stories(*posts: Post) -> list[int]:
    """The stories of posts, which are the same whether they come together or one by one."""
    together = [match.story_id for match in an_index().match(arrived(posts))]
    index = an_index()
    assert [match_one(index, number, post).story_id for number, post in enumerate(posts, 1)] == together
    return together


def test_a_repost_joins_by_its_relation_and_a_quote_or_a_reply_does_not() -> None:
    first = a_post("Hello", native_id="a")
    assert stories(first, a_post("", native_id="b", author="did:plc:bob", repost_of="a")) == [1, 1]
    assert stories(first, a_post("So true", native_id="c", author="did:plc:bob", quote_of="a")) == [1, 2]
    assert stories(first, a_post("Yes!", native_id="d", author="did:plc:bob", reply_to="a")) == [1, 2]


def test_a_repost_that_came_before_what_it_repeats_is_joined_by_it() -> None:
    first, repost = a_post("Hello", native_id="a"), a_post("", native_id="b", author="did:plc:bob", repost_of="a")
    assert stories(repost, first, repost, first) == [1, 1, 1, 1]


def test_an_old_style_retweet_joins_also_where_it_was_cut() -> None:
    cut = f"RT @ana.example: {LONG[:70]}…"
    assert stories(a_post(LONG), a_post(f"RT @ana.example: {LONG}", author="did:plc:bob")) == [1, 1]
    assert stories(a_post(LONG), a_post(cut, author="did:plc:bob")) == [1, 1]


def test_short_words_by_different_people_stay_apart_and_by_one_author_join() -> None:
    assert stories(a_post("Good luck everyone!"), a_post("Good luck everyone!", author="did:plc:bob")) == [1, 2]
    assert stories(a_post("Good luck everyone!"), a_post("good luck, EVERYONE")) == [1, 1]


def test_long_words_by_different_people_join_unless_their_links_differ() -> None:
    one, two = ("https://a.example/1",), ("https://b.example/2",)
    assert stories(a_post(LONG), a_post(LONG, author="did:plc:bob")) == [1, 1]
    assert stories(a_post(LONG, links=one), a_post(LONG, author="did:plc:bob", links=two)) == [1, 2]
    assert stories(a_post(LONG, links=one), a_post(LONG, author="did:plc:bob", links=one)) == [1, 1]


def test_another_fact_is_another_story() -> None:
    assert stories(a_post("She is through 10K"), a_post("She is through 20K")) == [1, 2]
    assert stories(a_post("Good luck to my sister Alice"), a_post("Good luck to my brother Alan")) == [1, 2]


def test_what_left_the_window_is_not_joined_and_memory_is_bounded() -> None:
    index = an_index(max_posts=3)
    for number in range(1, 50):
        match_one(index, number, a_post(f"{LONG} {number}", native_id=str(number)))
    assert len(index) == 3
    assert match_one(index, 60, a_post(f"{LONG} 1")).story_id == 60
    old, young = a_post(LONG, minutes=0), a_post(LONG, minutes=60 * 49)
    index = an_index()
    assert match_one(index, 1, old).story_id == 1
    match_one(index, 2, a_post("between", minutes=60 * 49))
    assert match_one(index, 3, young).story_id == 3


_texts = st.sampled_from([LONG, LONG + "!", "RT @a.example: " + LONG, "Go Alice", "go alice!", "10K", "20K", ""])
# One id is one post: always by the same author, and a repost in every version or in none. It may come before what it repeats.
_reposts = {6: "1", 7: "2", 8: "2"}
_posts = st.builds(
    lambda text, number, minutes: a_post(
        text,
        author="did:plc:ana" if number % 2 else "did:plc:bob",
        native_id=str(number),
        minutes=minutes,
        repost_of=_reposts.get(number, ""),
    ),
    _texts,
    st.integers(1, 8),
    st.integers(1, 8),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_posts, max_size=12))
def test_an_index_built_from_the_store_decides_as_the_one_that_lived(posts: list[Post]) -> None:
    posts = sorted(posts, key=lambda post: post.seen_at)
    live = an_index()
    told = [match_one(live, number, post).story_id for number, post in enumerate(posts, 1)]
    again = load(an_index(), [live.now(story) for story in told], posts)
    for number, post in enumerate(posts, 99):
        assert match_one(again, number, post).story_id == match_one(live, number, post).story_id


@settings(max_examples=200, deadline=None)
@given(st.lists(_posts, min_size=1, max_size=10))
def test_matching_what_is_there_already_names_the_same_story(posts: list[Post]) -> None:
    posts = sorted(posts, key=lambda post: post.seen_at)
    index = an_index()
    found: dict[str, int] = {}
    for number, post in enumerate(posts, 1):
        story = match_one(index, number, post).story_id
        assert story == index.now(found.setdefault(post.key, story)), "another version of a post stays in its story"
    for number, post in enumerate(posts, 50):
        assert match_one(index, number, post).story_id == index.now(found[post.key])


def test_a_word_that_was_heard_long_ago_is_forgotten() -> None:
    index = an_index()
    match_one(index, 1, a_post("Mistaek stands here among other words of a sentence"))
    assert index.known("mistaek") == 1
    for start in range(2, 20_000, 100):
        texts = [
            a_post(f"Text number {number} of a long day", native_id=f"{number}") for number in range(start, start + 100)
        ]
        index.match(arrived(texts, start))
    assert index.known("mistaek") == 0
    assert index.known("day") > 8


def test_rows_at_the_end_of_the_ring_follow_at_its_beginning() -> None:
    index = an_index(max_posts=8)
    for start in range(1, 50, 5):
        said = [a_post(f"{LONG}, says number {number}", native_id=f"{number}") for number in range(start, start + 5)]
        index.match(arrived(said, start))
        again = [a_post(post.text, author="did:plc:bob", native_id=f"again {post.native_id}") for post in said[3:]]
        assert [match.story_id for match in index.match(arrived(again, 1000 + start))] == [start + 3, start + 4]


def test_a_story_is_followed_through_all_that_it_became_part_of() -> None:
    index = an_index()
    index._now_part_of.update({9: 7, 7: 4, 4: 2})
    assert [index.now(story) for story in (9, 9, 7, 4, 2, 1)] == [2, 2, 2, 2, 2, 1]
    assert index._now_part_of == {9: 2, 7: 2, 4: 2}


def test_where_our_own_words_and_posts_are_one_the_first_post_names_the_story() -> None:
    text = (
        "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"
    )
    index = StoryIndex(window=timedelta(hours=48), max_posts=100)
    for number, story in ((7, 7), (5, 5), (-2, -2), (-1, -1)):
        one = arrived([a_post(text, author=f"did:plc:{number}", native_id=f"{number}")])[0]
        index.load([number], [story], [max(number, 0)], [one.signature], one.seen_at)
    found = match_one(index, 9, a_post(text, author="did:plc:fay", native_id="fay"))
    assert (found.story_id, found.merged) == (5, (7, -1, -2))


def test_from_how_many_characters_on_words_alone_join_two_people_is_for_the_desk_to_say() -> None:
    words = "The rhino has stopped for a rest on the grass"
    two = arrived([a_post(words), a_post(words, author="did:plc:bob")])
    for least, together in ((45, True), (46, False)):
        index = StoryIndex(window=timedelta(hours=48), max_posts=100, text_alone_chars=least)
        one, other = index.match(two)
        assert (one.story_id == other.story_id) is together
        assert bool(other.chorus_of) is not together
