"""Why a post is part of its story stands in the journal, and is read from there; what a post shows about stories is carried out."""

from bot.app import look, stories
from bot.cli.lines import joined_line, journal_line
from bot.cli.moments import Zone
from bot.core.model import Verdict
from bot.core.reports import Joined, LogFilter
from bot.core.stories.match import Match
from bot.pipeline.curate.case import Case, with_story
from bot.pipeline.curate.merging import merge
from bot.store import journal, posts
from bot.store import stories as kept
from bot.store.database import Transaction
from bot.store.posts import StoredPost
from tests.builders import START
from tests.conftest import House
from tests.pipeline.houses import live
from tests.pipeline.incoming import held
from tests.pipeline.test_regrouping import LONG, OTHER, come, said, standing, three

WORDS = 'kipchoge wins the men s elite race "rules":["spam"]'


def a_case(stored: StoredPost, match: Match, **more: object) -> Case:
    return Case(stored, match, Verdict.DROP, "rules", "told already", **more)  # type: ignore[arg-type] # fields by name


def stored(tx: Transaction, number: int) -> StoredPost:
    return posts.by_id(tx, [number])[0]


def test_the_reason_stands_before_what_is_searched_for(house: House) -> None:
    number = held(house, "a post")
    match = Match(1, "same words but for 2 typos", 1, alike_id=7, words=WORDS, merged=(9,))
    with house.app.database.begin() as tx:
        one = stored(tx, number)
        found = with_story(a_case(one, match, details={"facts": [], "rules": ["lovely"], "shadow": ["dim"]}))
        assert found is not None
        assert list(found) == ["story", "facts", "rules", "shadow"]
        assert found["story"] == {"post": 7, "reason": match.reason, "words": WORDS, "merged": (9,)}
        assert with_story(a_case(one, Match(1))) is None
        assert with_story(a_case(one, match)) is None, "what rules judged without facts keeps nothing"
        journal.write(
            tx,
            [journal.Line(START, "judged", "rules", "x", post_id=number, verdict="drop", rule="lovely", details=found)],
        )
        by_rule = [len(journal.read(tx, LogFilter(rule=name))) for name in ("lovely", "dim", "spam")]
    assert by_rule == [1, 1, 0], "words of a post are no names of rules"


def test_explain_and_the_log_say_the_reason_the_author_and_the_words(house: House) -> None:
    first, second = held(house, LONG), held(house, OTHER, author="did:plc:bob")
    match = Match(1, "same words but for 2 typos", 1, alike_id=first, words=WORDS)
    with house.app.database.begin() as tx:
        before = journal.details(tx, stored(tx, second).judgement_id)
        details = with_story(a_case(stored(tx, second), match, details=before))
        line = journal.Line(START, "judged", "rules", "why", post_id=second, verdict="drop", details=details)
        journal.write(tx, [line])
    joined = look.explain(house.app, str(second)).joined
    assert joined == Joined(first, match.reason, WORDS, author="ana.example (Bluesky)")
    said_so = f"same story as 1: same words but for 2 typos, by ana.example (Bluesky): “{WORDS}”"
    assert joined_line(joined) == said_so
    (member,) = [one for one in stories.show(house.app, str(second)).members if one.id == second]
    assert member.joined == joined
    (shown,) = [one for one in house.log() if one.why == "why"]
    assert f"(post 1: “{WORDS}”)" in "".join(map(str, journal_line(shown, Zone("Europe/London", START))))


def test_the_curator_keeps_the_reason_of_every_join(house: House) -> None:
    three(house)
    with house.app.database.read() as tx:
        reasons = {
            line.post_id: line.details["story"]["reason"]
            for line in journal.read(tx, LogFilter(what="judged"))
            if isinstance(line.details, dict) and "story" in line.details
        }
    assert reasons == {
        2: "same words",
        3: "repeats nearly the same words ('and every one of them is out of tune' is left out)",
    }


def test_a_post_that_shows_two_stories_to_be_one_joins_them(house: House) -> None:
    three(house)
    number = held(house, "They sing at the bridge", author="did:plc:dan")
    with house.app.database.begin() as tx:
        case = a_case(stored(tx, 3), Match(1, "same words", 2, merged=(number,), update_of=5))
        assert not merge(tx, [case], START, {})
        assert kept.followed(tx, [1]) == {1: 5}
    assert standing(house)[number] == (1, "None")
    house.app.curate()
    assert standing(house)[number] == (1, "drop")
    assert [update.post_id for update in live(house)] == [1]
    (line,) = house.log("joined")
    assert (line.by, line.post_id, line.why) == (
        "milepost",
        number,
        f"story {number} is part of story 1: post 3 shows that they are one",
    )


def test_no_post_joins_what_people_keep_apart(house: House) -> None:
    three(house)
    stories.split(house.app, ["3"], by="ana")
    house.app.curate()
    before = standing(house)
    with house.app.database.begin() as tx:
        assert merge(tx, [a_case(stored(tx, 2), Match(1, "same words", 2, merged=(3,)))], START, {})
    house.app.curate()
    assert standing(house) == before
    assert house.log("joined") == []


def test_follow_ups_are_shown_both_ways(house: House) -> None:
    come(house, said(house, LONG, "ana"), said(house, OTHER, "bob"))
    with house.app.database.begin() as tx:
        kept.follow(tx, 2, 1)
    assert (stories.show(house.app, "2").earlier, stories.show(house.app, "1").later) == (1, (2,))
