"""Reading X: pages, places, limits of time and money, edits and deletions."""

import json

import pytest
from pydantic import ValidationError

from bot.core.errors import RateLimited, Rejected, Unauthorized, Unavailable
from bot.platforms.x.query import LONGEST_QUERY, queries
from bot.platforms.x.source import XSource
from tests.platforms.contract import Clock, Kept, check_source
from tests.platforms.x.x_world import NOON, World, read_on
from tests.servers.x_simulator import Account, XSimulator

SEARCH = "/2/tweets/search/recent"


def test_posts_come_oldest_first_with_their_authors(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    first = ana.post("Good luck & hope! #LondonMarathon https://example.org/a?b=1&c=2")
    clock.move(seconds=5)
    second = ana.post("Go #londonmarathon")
    ana.post("Nobody asked for this one")
    clock.move(minutes=1)
    batch = world.source(x.url).fetch("")
    assert [post.native_id for post in batch.posts] == [first, second]
    post = batch.posts[0]
    assert post.text.startswith("Good luck & hope! #LondonMarathon https://t.co/")
    assert post.tags == ("londonmarathon",)
    assert post.links == ("https://example.org/a?b=1&c=2",)
    assert next(post.text[one.start : one.end] for one in post.entities) == "#LondonMarathon"
    assert post.author.id == ana.id
    assert post.author.handle == "ana"
    assert post.author.followers == 12
    assert post.author.verified == ()
    assert post.url == f"https://x.com/ana/status/{first}"
    assert post.created_at == NOON


def test_the_contract_of_sources(x: XSimulator, ana: Account, clock: Clock) -> None:
    for number in range(230):
        ana.post(f"{number} #LondonMarathon")
        clock.move(seconds=1)
    clock.move(minutes=1)
    # a fresh memory each time: the cursor alone says where to go on
    made = lambda: World(clock, shared=Kept(), name="it").source(x.url, most_pages=2, daily_usd=500)  # noqa: E731
    posts = check_source(made, "it", clock())
    assert len(posts) == len({post.native_id for post in posts}) == 230


def test_a_place_moves_only_when_all_pages_were_read(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ids = []
    for number in range(250):
        ids.append(ana.post(f"{number} #LondonMarathon"))
        clock.move(seconds=1)
    clock.move(minutes=1)
    source = world.source(x.url, most_pages=1, daily_usd=500)
    first = source.fetch("")
    assert first.more
    assert [post.native_id for post in first.posts] == ids[150:]
    # the next page is refused: nothing moves, and nothing is lost
    x.fail(SEARCH, 503)
    with pytest.raises(Unavailable):
        source.fetch(first.cursor)
    late = ana.post("late #LondonMarathon")
    clock.move(minutes=1)
    batches, cursor = read_on(lambda: world.source(x.url, most_pages=1, daily_usd=500), first.cursor)
    assert {post.native_id for batch in batches for post in batch.posts} == set(ids[:150])
    (after,), _ = read_on(lambda: world.source(x.url, daily_usd=500), cursor)
    assert [post.native_id for post in after.posts] == [late]


def test_what_was_read_before_an_error_is_kept(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    for number in range(150):
        ana.post(f"{number} #LondonMarathon")
    clock.move(minutes=1)
    x.limits[SEARCH] = 1
    batch = world.source(x.url).fetch("")
    assert len(batch.posts) == 100
    assert "too many requests" in batch.note
    asked = len(x.asked)
    with pytest.raises(RateLimited) as raised:
        world.source(x.url).fetch(batch.cursor)
    assert len(x.asked) == asked  # it is known
    assert not raised.value.stops_all
    assert world.source(x.url).missing([batch.posts[0].native_id]) == frozenset()  # another limit
    del x.limits[SEARCH]
    clock.move(minutes=15)
    (rest,), cursor = read_on(lambda: world.source(x.url), batch.cursor)
    assert len(rest.posts) == 50
    assert not world.source(x.url).fetch(cursor).posts


def test_the_next_look_asks_for_what_is_newer(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    first = ana.post("#LondonMarathon")
    clock.move(minutes=1)
    cursor = world.source(x.url).fetch("").cursor
    assert not world.source(x.url).fetch(cursor).posts
    assert x.asked[-1].query["since_id"] == first
    assert "start_time" not in x.asked[-1].query


def test_a_place_that_is_too_old_is_left_for_a_time(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ana.post("#LondonMarathon")
    clock.move(minutes=1)
    cursor = world.source(x.url).fetch("").cursor
    for _ in range(9):  # nothing comes for nine days, and we look every day
        clock.move(days=1)
        batch = world.source(x.url).fetch(cursor)
        assert not batch.note
        cursor = batch.cursor
    assert "since_id" not in x.asked[-1].query
    new = ana.post("#LondonMarathon")
    clock.move(minutes=1)
    batch = world.source(x.url).fetch(cursor)
    assert [post.native_id for post in batch.posts] == [new]
    assert not batch.note


def test_after_a_long_absence_what_cannot_be_read_is_said(
    x: XSimulator, ana: Account, world: World, clock: Clock
) -> None:
    ana.post("#LondonMarathon")
    clock.move(minutes=1)
    cursor = world.source(x.url).fetch("").cursor
    clock.move(days=10)
    new = ana.post("#LondonMarathon")
    clock.move(minutes=1)
    batch = world.source(x.url).fetch(cursor)
    assert [post.native_id for post in batch.posts] == [new]
    assert "only seven days back: posts from 26 April 12:00 UTC on were missed" in batch.note


def test_x_calls_our_place_too_old_though_we_do_not(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ana.post("#LondonMarathon")
    clock.move(minutes=1)
    cursor = world.source(x.url).fetch("").cursor
    second = ana.post("again #LondonMarathon")
    clock.move(minutes=1)
    body = {
        "errors": [
            {"parameters": {"since_id": ["1"]}, "message": "'since_id' must be a tweet id created after [2026]"}
        ],
        "title": "Invalid Request",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    x.fail(SEARCH, 400, body)
    batch = world.source(x.url).fetch(cursor)
    assert [post.native_id for post in batch.posts][-1] == second
    assert "read by time" in batch.note


def test_a_page_token_that_x_forgot_is_walked_anew(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    for number in range(120):
        ana.post(f"{number} #LondonMarathon")
    clock.move(minutes=1)
    first = world.source(x.url, most_pages=1).fetch("")
    broken = first.cursor.replace(json.loads(first.cursor)["places"].popitem()[1]["token"], "bm9uc2Vuc2U=")
    batches, cursor = read_on(lambda: world.source(x.url, daily_usd=500), broken)
    assert len({post.native_id for batch in batches for post in batch.posts}) == 120
    assert "walked anew" in batches[0].note
    assert not world.source(x.url).fetch(cursor).posts


@pytest.mark.parametrize("spelling", ["tweet", "post"])
def test_both_spellings_of_the_api(world: World, clock: Clock, spelling: str) -> None:
    with XSimulator(clock, spelling) as x:
        ana = x.account("ana")
        ana.post("#LondonMarathon")
        clock.move(minutes=1)
        (post,) = world.source(x.url).fetch("").posts
        assert post.author.handle == "ana"
        world.source(x.url).fetch("")
        assert len(x.asked) == (2 if spelling == "tweet" else 3)  # asked once in vain, then remembered


def test_edits_are_new_versions_of_the_first(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    first = ana.post("Kipchoge 2:03:05 #LondonMarathon")
    clock.move(minutes=1)
    batch = world.source(x.url).fetch("")
    clock.move(minutes=5)
    second = ana.edit(first, "Kipchoge 2:03:04 #LondonMarathon")
    clock.move(minutes=1)
    (post,) = world.source(x.url).fetch(batch.cursor).posts
    assert (post.native_id, post.version, post.is_edit) == (first, second, True)


def test_an_edit_without_the_hashtag_is_found_when_the_half_hour_is_over(
    x: XSimulator, ana: Account, world: World, clock: Clock
) -> None:
    first = ana.post("Kipchoge 2:03:05 #LondonMarathon")
    gone = ana.post("I hate you #LondonMarathon")
    clock.move(minutes=1)
    cursor = world.source(x.url).fetch("").cursor
    clock.move(minutes=5)
    second = ana.edit(first, "Never mind")
    x.deleted.add(gone)
    clock.move(minutes=5)
    batch = world.source(x.url).fetch(cursor)
    assert not batch.posts
    clock.move(minutes=30)
    batch = world.source(x.url).fetch(batch.cursor)
    assert [(post.native_id, post.version, post.text) for post in batch.posts] == [(first, second, "Never mind")]
    assert [one.id for one in batch.gone] == [gone]
    asked = len(x.asked)
    assert not world.source(x.url).fetch(batch.cursor).gone
    assert len(x.asked) == asked + 1  # watched no longer


def test_errors_beside_data_are_deletions(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ana.post("#LondonMarathon")
    clock.move(minutes=1)
    kind = "https://api.twitter.com/2/problems/"
    x.errors = [
        {
            "resource_type": "tweet",
            "resource_id": "77",
            "type": f"{kind}resource-not-found",
            "title": "Not Found Error",
        },
        {"resource_type": "tweet", "resource_id": "78", "type": f"{kind}not-authorized-for-resource", "title": "A"},
        {"resource_type": "tweet", "resource_id": "79", "type": f"{kind}field-hydration-failure", "field": "text"},
        {"resource_type": "tweet", "resource_id": "80", "type": f"{kind}not-authorized-for-field", "field": "geo"},
        {"resource_type": "user", "resource_id": "81", "type": f"{kind}resource-not-found", "title": "Forbidden"},
        {"resource_type": "tweet", "value": "ana", "type": f"{kind}resource-not-found"},
    ]
    batch = world.source(x.url).fetch("")
    assert len(batch.posts) == 1
    assert [(one.id, one.reason) for one in batch.gone] == [("77", "deleted"), ("78", "protected or withheld")]


def test_missing_names_what_x_no_longer_shows(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    stays, goes = ana.post("a"), ana.post("b")
    ben = x.account("ben")
    hidden = ben.post("c")
    copyright_claim = ana.post("d", withheld={"copyright": True, "country_codes": ["XY"]})
    somewhere = ana.post("e", withheld={"copyright": False, "country_codes": ["DE"]})
    ids = [stays, goes, hidden, copyright_claim, somewhere, "at://did:plc:x/app.bsky.feed.post/1"]
    assert world.source(x.url).missing(ids) == {copyright_claim}
    x.deleted.add(goes)
    ben.protected = True
    asked = len(x.asked)
    clock.move(minutes=30)
    assert world.source(x.url).missing(ids) == {copyright_claim}
    assert len(x.asked) == asked  # once an hour
    clock.move(minutes=30)
    assert world.source(x.url).missing(ids) == {goes, hidden, copyright_claim}
    assert copyright_claim not in x.asked[-1].query["ids"]  # known to be gone
    clock.move(hours=1)
    assert world.source(x.url).missing(ids) == {goes, hidden, copyright_claim}
    assert world.source(x.url).missing([]) == frozenset()


def test_a_second_look_on_the_same_day_is_not_billed(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ids = [ana.post(f"{number} #LondonMarathon") for number in range(10)]
    clock.move(minutes=1)
    source = world.source(x.url)
    cursor = source.fetch("").cursor
    billed = 10 * 5_000 + 10_000
    source.missing(ids)
    clock.move(minutes=40)
    source.fetch(cursor)
    assert len(x.calls("/2/tweets$")) == 2
    assert source._ledger.spent()[1] == billed
    clock.move(days=1)
    source.missing(ids)
    clock.move(hours=2)
    source.missing(ids)
    assert len(x.calls("/2/tweets$")) == 4
    assert source._ledger.spent()[1] == 2 * billed


def test_an_answer_that_lost_some_posts_says_nothing_about_them(x: XSimulator, ana: Account, world: World) -> None:
    post = ana.post("a")
    x.fail("/2/tweets", 200, {"data": []})
    assert world.source(x.url).missing([post]) == frozenset()


def test_official_accounts_are_read_whatever_they_tag(x: XSimulator, ana: Account, world: World, clock: Clock) -> None:
    ben = x.account("ben")
    by_id, by_name = ana.post("The roads are open"), ben.post("So they are")
    clock.move(minutes=1)
    batch = world.source(x.url, tags=(), official=(ana.id, "@ben")).fetch("")
    assert [post.native_id for post in batch.posts] == [by_id, by_name]


def test_many_words_make_several_short_searches() -> None:
    tags = [f"LondonMarathon{number}" for number in range(40)]
    made = queries(tags, ["bbc"], reposts=False, filters="lang:en")
    assert len(made) > 1
    assert all(len(query) <= LONGEST_QUERY and query.endswith(") lang:en -is:retweet") for query in made)
    assert sorted(word for query in made for word in query[1 : query.index(")")].split(" OR ")) == sorted(
        [*(f"#{tag}" for tag in tags), "from:bbc"]
    )
    assert "-is:retweet" not in queries(["a"], [], reposts=True, filters="")[0]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"tags": ["two words"]},
        {"tags": ["#2026"]},
        {"tags": ["a OR b"]},
        {"official": ["not a name"]},
        {"official": ["much_too_long_a_name"]},
        {"tags": ["a" * 600]},
        {"tags": ["a"], "api": "ftp://x"},
        {"tags": ["a"], "daily_usd": -1},
        {"tags": ["a"], "bearer_token": "secret"},
    ],
)
def test_settings_that_cannot_be(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        XSource.Settings(**settings)  # type: ignore[arg-type]


def test_no_token(x: XSimulator, world: World) -> None:
    source = world.source(x.url)
    world.secrets.clear()
    with pytest.raises(Unauthorized, match="MILEPOST_X_BEARER_TOKEN"):
        source.fetch("")
    assert not x.asked


@pytest.mark.parametrize(
    ("status", "body", "kind", "error", "says"),
    [
        (401, {"title": "Unauthorized", "detail": "Unauthorized"}, "", Unauthorized, "does not take the keys"),
        (402, {"title": "CreditsDepleted", "detail": "no credits"}, "", RateLimited, "credits at X are used up"),
        (403, {"reason": "client-not-enrolled", "detail": "must enroll"}, "", Unauthorized, "permissions"),
        (403, {"detail": "Something new"}, "", Unauthorized, "Something new"),
        (403, "<html>Cloudflare</html>", "text/html", Unavailable, "something before it"),
        (400, {"detail": "bad query"}, "", Rejected, "bad query"),
        (404, {"detail": "no"}, "", Unavailable, "no"),
        (429, {"detail": "Too Many"}, "", RateLimited, "too many requests"),
        (429, {"type": "https://api.twitter.com/2/problems/usage-capped"}, "", RateLimited, "429"),
        (500, {}, "", Unavailable, "answered 500"),
        (503, "over capacity", "text/plain", Unavailable, "answered 503"),
        (200, "no json", "text/plain", Unavailable, "no JSON"),
        (200, [1], "", Unavailable, "no JSON object"),
        (0, None, "", Unavailable, "no answer"),
        (302, "", "", Unavailable, ""),
        (403, {"errors": ["text"]}, "", Unauthorized, ""),
        (400, {"errors": {"a": 1}}, "", Rejected, ""),
        (400, [1], "", Unavailable, ""),
    ],
)
def test_every_refusal_says_what_to_do(
    x: XSimulator, world: World, status: int, body: object, kind: str, error: type[Exception], says: str
) -> None:
    headers = {"location": "http://127.0.0.1:1/elsewhere"} if status == 302 else {}
    x.fail(SEARCH, status, body, kind=kind or "application/json", headers=headers)
    with pytest.raises(error) as raised:
        world.source(x.url).fetch("")
    assert says in str(raised.value)


def test_nobody_is_there(world: World) -> None:
    with pytest.raises(Unavailable, match="cannot connect"):
        world.source("http://127.0.0.1:1").fetch("")
