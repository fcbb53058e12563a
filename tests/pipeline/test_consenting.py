"""Consent at each of its four moments, opt-outs and answers: on both databases, from the post to the account."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from msgspec import structs

from bot.app import consent, look, verbs
from bot.core.consent import WEIGHTS, Answer, ConsentPolicy, Signal
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import NEEDS_CONSENT, Author, Post, UpdateState, Verdict
from bot.store import consents, feed, opt_outs, posts
from bot.store.database import Database
from tests.builders import OFFICIAL, a_desk, a_post
from tests.conftest import House
from tests.core.test_consent import SIGNALLED
from tests.fakes import FakePublisher, FakeSource
from tests.pipeline.houses import live, reopened, states
from tests.pipeline.incoming import held, keep
from tests.pipeline.sayings import bring, whys

REFUSED = [signal for signal in SIGNALLED if WEIGHTS[signal].verdict is Verdict.DROP]
HELD = [signal for signal in SIGNALLED if WEIGHTS[signal].verdict is Verdict.HOLD]
OPEN = """
[[rule]]
id = "all"
about = "All goes out."
action = "publish"
when = ['not has(text, "nothing")']
catches = ["hello"]
spares = ["nothing"]
"""


@dataclass
class Known(FakeSource):
    """A source that can tell how authors show themselves now."""

    profiles: dict[str, Author] = field(default_factory=dict)

    def authors(self, ids: Sequence[str]) -> Mapping[str, Author]:
        return {one: self.profiles[one] for one in ids if one in self.profiles}


@dataclass
class Ours(FakePublisher):
    """An account that knows who it is."""

    def own_id(self) -> str:
        return "did:plc:desk"


def labelled(post: Post, *labels: str) -> Post:
    return structs.replace(post, author=structs.replace(post.author, labels=labels))


def says(text: str, who: str = "ana", *labels: str, native_id: str = "") -> Post:
    return labelled(a_post(text, author=f"did:plc:{who}", native_id=native_id), *labels)


def last(house: House) -> int:
    with house.app.database.read() as tx:
        return posts.newest_id(tx)


def verdict(house: House, number: int) -> tuple[Verdict | None, str]:
    with house.app.database.read() as tx:
        (stored,) = posts.by_id(tx, [number])
    return stored.verdict, whys(house, number)[-1]


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


@pytest.fixture
def open_house(database: Database, build_house: Callable[..., House]) -> House:
    return build_house(database, rules=OPEN, source=Known(), publisher=Ours())


@pytest.mark.parametrize("signal", REFUSED)
def test_what_its_author_or_platform_does_not_allow_is_dropped_whatever_rules_say(
    open_house: House, signal: Signal
) -> None:
    bring(open_house, says("Go on Alice", "ana", SIGNALLED[signal]), says("Here we go", "bo"))
    assert texts(open_house) == ["Here we go"]
    assert verdict(open_house, last(open_house) - 1) == (
        Verdict.DROP,
        f"consent: {signal.value}: {WEIGHTS[signal].why}",
    )


@pytest.mark.parametrize("signal", HELD)
def test_what_a_person_has_to_decide_waits_whatever_rules_say(open_house: House, signal: Signal) -> None:
    bring(open_house, says("Go on Alice", "ana", SIGNALLED[signal]))
    found, why = verdict(open_house, last(open_house))
    assert (found, texts(open_house)) == (Verdict.HOLD, [])
    assert why.startswith(f"consent: {signal.value}: ")


@pytest.mark.parametrize("signal", REFUSED)
def test_what_came_to_be_known_while_a_post_waited_forbids_its_approval(house: House, signal: Signal) -> None:
    number = held(house, "Go on Alice", "a1")
    bring(house, says("another of mine", "ana", SIGNALLED[signal]))
    with pytest.raises(RefusedError, match=f"consent: {signal.value}"):
        verbs.approve(house.app, str(number), by="bo")
    assert texts(house) == []


def test_a_profile_that_was_changed_back_forbids_nothing(house: House) -> None:
    number = held(house, "Go on Alice", "a1")
    bring(house, says("another of mine", "ana", "noindex"), says("and one more", "ana"))
    verbs.approve(house.app, str(number), by="bo")
    assert texts(house) == ["Go on Alice"]


@pytest.mark.parametrize("signal", REFUSED)
def test_what_came_to_be_known_before_it_was_sent_stops_it_and_takes_it_off(house: House, signal: Signal) -> None:
    number = held(house, "Go on Alice", "a1")
    verbs.approve(house.app, str(number), by="bo")
    bring(house, says("another of mine", "ana", SIGNALLED[signal]))
    house.app.publish("social")
    assert (states(house), house.publisher.calls) == (["cancelled"], [])
    house.app.curate()
    assert texts(house) == []
    assert [line.why for line in house.log("cancelled")] == [f"consent: {signal.value}: {WEIGHTS[signal].why}"]


@pytest.mark.parametrize("signal", REFUSED)
def test_the_sweep_takes_off_what_a_profile_no_longer_allows(open_house: House, signal: Signal) -> None:
    bring(open_house, says("Go on Alice", "ana", native_id="a1"), says("Here we go", "bo", native_id="b1"))
    open_house.app.publish("social")
    source = open_house.source
    assert isinstance(source, Known)
    source.profiles = {
        "a1": Author("did:plc:ana", labels=(SIGNALLED[signal],)),
        "b1": Author("did:plc:bo", labels=("bot",)),
    }
    assert open_house.app.sweep("hashtag") == 1
    open_house.app.curate()
    open_house.app.publish("social")
    assert texts(open_house) == ["Here we go"]
    assert states(open_house) == ["retracted", "sent"]
    assert [(line.by, line.why) for line in open_house.log("objected")] == [
        ("sweep", f"consent: {signal.value}: {WEIGHTS[signal].why}")
    ]
    assert open_house.app.sweep("hashtag") == 0


def test_an_official_is_not_silenced_by_what_only_keeps_programs_away(house: House) -> None:
    keep(house, labelled(a_post("Here we go", author=OFFICIAL), "noindex", "#nobot", "not-indexable"))
    keep(house, labelled(a_post("To members", author=OFFICIAL), "!no-unauthenticated"))
    house.app.curate()
    assert texts(house) == ["Here we go"]


def test_an_edit_takes_off_what_its_author_shows_no_more(open_house: House) -> None:
    bring(open_house, says("Go on Alice", native_id="a1"))
    assert texts(open_house) == ["Go on Alice"]
    bring(open_house, structs.replace(says("Go on, Alice!", "ana", "noindex", native_id="a1"), version="2"))
    assert texts(open_house) == []
    assert verdict(open_house, last(open_house))[0] is Verdict.DROP


# -- opt-outs -----------------------------------------------------------------------------------------------------------


def test_who_is_left_out_is_taken_off_everywhere_and_never_comes_back(open_house: House) -> None:
    bring(open_house, says("Go on Alice", native_id="a1"), says("Here we go", "bo"))
    open_house.app.publish("social")
    (found,) = consent.opt_out(open_house.app, "@ana.example", why="by phone", by="cy")
    assert (found.account, found.changed, len(found.updates)) == ("bluesky:did:plc:ana", True, 1)
    open_house.day()
    assert (texts(open_house), states(open_house)) == (["Here we go"], ["retracted", "sent"])
    bring(open_house, says("Me again"), structs.replace(says("Edited", native_id="a1"), version="2"))
    assert texts(open_house) == ["Here we go"]
    open_house.machine.forward(minutes=2)  # on PostgreSQL the lease of the first process runs out
    again = reopened(open_house)
    bring(again, says("After a restart"))
    assert texts(again) == ["Here we go"]
    assert verdict(again, last(again))[0] is Verdict.DROP
    again.app.close()
    assert [line.by for line in open_house.log("opted out")] == ["cy"]


def test_what_waits_of_somebody_who_is_left_out_leaves_the_queue(house: House) -> None:
    number = held(house, "Go on Alice")
    consent.opt_out(house.app, "bluesky:did:plc:ana", why="", by="cy")
    with pytest.raises(RefusedError, match="opted-out"):
        verbs.approve(house.app, str(number), by="bo")
    house.app.curate()
    assert look.queue(house.app) == []
    assert verdict(house, number)[1].startswith("consent: its author asked at 2016-04-24 10:00 BST to be left out")


def test_a_copy_by_somebody_else_of_what_was_taken_off_waits_for_a_person(open_house: House) -> None:
    words = "The underpass at Blackfriars is two hundred people singing in the dark, all of them out of tune"
    bring(open_house, says(words))
    consent.opt_out(open_house.app, "@ana.example", why="", by="cy")
    open_house.app.curate()
    bring(open_house, says(words, "bo"))
    assert texts(open_house) == []
    assert verdict(open_house, last(open_house))[0] is Verdict.HOLD


WORDS = "The underpass at Blackfriars is two hundred people singing in the dark, all of them out of tune"


def handles(house: House) -> list[str]:
    return [copy.handle for update in live(house) for copy in update.copies]


def test_nobody_is_listed_as_a_copy_who_does_not_want_to_be_shown(open_house: House) -> None:
    bring(open_house, says(WORDS, "ana"), says(WORDS, "bo"), says(WORDS, "cy", "noindex"))
    letter = structs.replace(says(WORDS, "dee"), labels=(NEEDS_CONSENT,))
    bring(open_house, letter, says(WORDS, "eve", "limited"), says(WORDS, "fay", "protected"), says(WORDS, "gus"))
    assert handles(open_house) == ["bo.example", "gus.example"]
    consent.opt_out(open_house.app, "@bo.example", why="", by="cy")
    open_house.app.curate()
    assert handles(open_house) == ["gus.example"]


def test_somebody_whom_nobody_has_seen_can_be_left_out(open_house: House) -> None:
    consent.opt_out(open_house.app, "bluesky:did:plc:new", why="", by="cy")
    bring(open_house, says("Hello", "new"))
    assert texts(open_house) == []
    assert not consent.opt_out(open_house.app, "bluesky:did:plc:new", why="", by="cy")[0].changed


def test_who_is_let_in_again_is_heard_and_what_was_taken_off_stays_off(open_house: House) -> None:
    bring(open_house, says("Go on Alice"))
    consent.opt_out(open_house.app, "@ana.example", why="", by="cy")
    open_house.app.curate()
    assert consent.opt_in(open_house.app, "@ana.example", why="changed her mind", by="cy")[0].changed
    assert not consent.opt_in(open_house.app, "@ana.example", why="", by="cy")[0].changed
    bring(open_house, says("Me again"))
    assert texts(open_house) == ["Me again"]
    assert consent.left_out(open_house.app) == []


def test_nobody_of_that_name_is_a_clear_error(house: House) -> None:
    with pytest.raises(NotFoundError, match=r"nobody is called '@nobody\.example'"):
        consent.opt_out(house.app, "@nobody.example", why="", by="cy")


def test_two_people_of_one_name_are_not_left_out_by_chance(open_house: House) -> None:
    one, other = says("One", "ana"), says("Other", "bo")
    bring(open_house, one, structs.replace(other, author=structs.replace(other.author, handle="ana.example")))
    with pytest.raises(RefusedError, match=r"several people are called '@ana\.example'"):
        consent.opt_out(open_house.app, "@ana.example", why="", by="cy")
    assert consent.left_out(open_house.app) == []


def test_all_accounts_of_a_person_are_left_out_together(open_house: House) -> None:
    (open_house.rules / "people.toml").write_text(
        '[[person]]\nid = "ana"\nname = "Ana López"\n'
        'accounts = ["bluesky:did:plc:ana", "mastodon:https://running.example/users/ana"]\n'
    )
    open_house.app.adopt(at_once=True)
    found = consent.opt_out(open_house.app, "Ana López", why="", by="cy")
    assert [one.account for one in found] == ["bluesky:did:plc:ana", "mastodon:https://running.example/users/ana"]


def test_the_list_does_not_say_who_stands_on_it(open_house: House) -> None:
    consent.opt_out(open_house.app, "bluesky:did:plc:new", why="", by="cy")
    (listed,) = consent.left_out(open_house.app)
    assert (listed.platform, listed.native_id, listed.handle) == ("", "", "")
    with open_house.app.database.read() as tx:
        (key,) = tx.raw("SELECT key FROM opt_outs").one()
        assert "new" not in key
        assert opt_outs.has(tx, "bluesky", "did:plc:new")
        assert not opt_outs.has(tx, "bluesky", "did:plc:ana")


@pytest.fixture
def ours(database: Database, build_house: Callable[..., House]) -> House:
    return build_house(database, rules=OPEN, publisher=Ours())


def to_us(text: str, who: str = "ana") -> Post:
    return structs.replace(says(text, who), platform="fake", reply_to="at://did:plc:desk/app.bsky.feed.post/3k")


def test_who_tells_our_account_to_stop_is_left_out_at_once(ours: House) -> None:
    bring(
        ours, structs.replace(says("Go on Alice"), platform="fake"), structs.replace(says("Hi", "bo"), platform="fake")
    )
    bring(ours, to_us("Stop, please!"))
    ours.app.curate()
    assert texts(ours) == ["Hi"]
    assert [(line.by, line.why) for line in ours.log("opted out")] == [
        ("author", "asked one of our accounts to be left out")
    ]
    bring(ours, to_us("Don't stop!", "bo"))
    assert len(ours.log("opted out")) == 1


# -- answers --------------------------------------------------------------------------------------------------------------


def asked(house: House) -> int:
    """A letter to the desk, which waits."""
    bring(house, structs.replace(says("My mum's first marathon"), labels=(NEEDS_CONSENT,)))
    return last(house)


def record(house: House, number: int, answer: str = "yes", scope: Sequence[str] = ("page",)) -> None:
    consent.record(house.app, str(number), answer=answer, scope=scope, evidence="her mail of 13:20", by="cy")


def test_what_was_sent_to_the_desk_alone_needs_a_yes_on_record(open_house: House) -> None:
    number = asked(open_house)
    with pytest.raises(RefusedError, match=f"milepost consent record {number} --answer yes"):
        verbs.approve(open_house.app, str(number), by="bo")
    record(open_house, number)
    verbs.approve(open_house.app, str(number), by="bo")
    assert (texts(open_house), states(open_house)) == (["My mum's first marathon"], [])


def test_a_yes_for_accounts_reaches_them(open_house: House) -> None:
    number = asked(open_house)
    record(open_house, number, scope=("page", "accounts"))
    verbs.approve(open_house.app, str(number), by="bo")
    open_house.day()
    assert states(open_house) == ["sent"]


def test_a_no_drops_what_waits_and_no_yes_of_rules_brings_it_back(open_house: House) -> None:
    number = asked(open_house)
    record(open_house, number, "no")
    assert verdict(open_house, number)[0] is Verdict.DROP
    with open_house.app.database.read() as tx:
        assert consents.answers(tx, posts.by_id(tx, [number])) == {number: Answer()}


def test_a_no_takes_off_what_was_told_without_asking(open_house: House) -> None:
    bring(open_house, says("Go on Alice"))
    open_house.app.publish("social")
    record(open_house, last(open_house), "no")
    open_house.day()
    assert (texts(open_house), states(open_house)) == ([], ["retracted"])
    with open_house.app.database.read() as tx:
        (update,) = feed.withdrawn(tx)
    assert (update.state, update.note) == (UpdateState.WITHDRAWN, "Removed at its author's wish.")


def test_revoking_for_accounts_leaves_the_page_and_for_everything_nothing(open_house: House) -> None:
    number = asked(open_house)
    record(open_house, number, scope=("page", "accounts"))
    verbs.approve(open_house.app, str(number), by="bo")
    open_house.day()
    consent.revoke(open_house.app, str(number), scope=("accounts",), evidence="by phone", by="cy")
    open_house.day()
    assert (len(texts(open_house)), states(open_house)) == (1, ["retracted"])
    consent.revoke(open_house.app, str(number), scope=("page", "accounts"), evidence="by phone", by="cy")
    open_house.day()
    assert texts(open_house) == []
    told = [one.answer for one in consent.show(open_house.app, str(number)).asked]
    assert told == ["yes", "revoked", "revoked"]


def test_a_yes_is_about_the_words_that_were_shown(open_house: House) -> None:
    bring(open_house, says("Go on Alice", "ana", "!no-unauthenticated", native_id="a1"))
    number = last(open_house)
    with open_house.app.database.read() as tx:
        stored = posts.by_id(tx, [number])
    record(open_house, number)
    edited = structs.replace(says("Now for my shop", "ana", "!no-unauthenticated", native_id="a1"), version="2")
    bring(open_house, edited)
    assert verdict(open_house, last(open_house))[0] is Verdict.DROP
    with open_house.app.database.read() as tx:
        assert consents.answers(tx, stored) == {number: Answer(page=True)}
        assert consents.answers(tx, posts.by_id(tx, [last(open_house)])) == {}


def test_a_yes_brings_back_what_was_dropped_for_its_authors_wish_alone(open_house: House) -> None:
    bring(open_house, says("Go on Alice", "ana", "!no-unauthenticated"))
    number = last(open_house)
    consent.record(open_house.app, str(number), answer="yes", scope=("page",), evidence="her mail", by="cy")
    assert [item.id for item in look.queue(open_house.app)] == [number]
    verbs.approve(open_house.app, str(number), by="bo")
    open_house.day()
    assert (texts(open_house), states(open_house)) == (["Go on Alice"], [])


def test_a_yes_does_not_bring_back_what_rules_or_the_platform_are_against(open_house: House) -> None:
    bring(open_house, says("Go on Alice", "ana", "protected"))
    record(open_house, last(open_house))
    with pytest.raises(RefusedError, match="it is dropped by milepost"):
        verbs.approve(open_house.app, str(last(open_house)), by="bo")
    assert texts(open_house) == []


def test_an_answer_without_evidence_and_a_scope_that_is_none_are_refused(open_house: House) -> None:
    number = str(asked(open_house))
    with pytest.raises(RefusedError, match="needs its evidence"):
        consent.record(open_house.app, number, answer="yes", scope=("page",), evidence=" ", by="cy")
    with pytest.raises(RefusedError, match="'feed' is no scope"):
        consent.record(open_house.app, number, answer="yes", scope=("feed",), evidence="x", by="cy")
    with pytest.raises(RefusedError, match="stands on the page, too"):
        consent.record(open_house.app, number, answer="yes", scope=("accounts",), evidence="x", by="cy")
    with pytest.raises(RefusedError, match="no yes to take back"):
        consent.revoke(open_house.app, number, scope=("page",), evidence="x", by="cy")
    assert consent.newest(open_house.app, 10) == []


def test_who_has_agreed_once_for_all_is_shown(database: Database, build_house: Callable[..., House]) -> None:
    desk = a_desk(consent=ConsentPolicy(agreed=frozenset({"bluesky:did:plc:ana"})))
    house = build_house(database, rules=OPEN, desk=desk)
    bring(house, says("Go on Alice", "ana", "noindex"), says("Hello", "bo", "noindex"))
    assert texts(house) == ["Go on Alice"]


def test_a_letter_that_says_stop_and_nothing_else_leaves_its_author_out(open_house: House) -> None:
    bring(open_house, structs.replace(says("Go on Alice"), labels=()))
    assert texts(open_house) == ["Go on Alice"]
    bring(open_house, structs.replace(says("Stop, please!"), labels=(NEEDS_CONSENT,)))
    open_house.app.curate()
    assert texts(open_house) == []
    assert [(line.by, line.why) for line in open_house.log("opted out")] == [
        ("author", "asked the desk to be left out")
    ]
    bring(open_house, structs.replace(says("Don't stop me now", "bo"), labels=(NEEDS_CONSENT,)))
    assert len(open_house.log("opted out")) == 1
