"""Alarms: each condition reaches a person once by each way, within a minute, with what mends it; on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.app import alarms as verbs
from bot.app import look
from bot.app.hall import App
from bot.core.alarms import Notice
from bot.core.errors import NotFoundError, OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.daemon import Daemon
from bot.store.database import Database
from tests.conftest import House
from tests.pipeline.houses import same_store
from tests.pipeline.incoming import held, told

LOGIN = "account social: unauthorized"
REFUSED = Unauthorized("the app password is not taken any more")


@dataclass
class Pager:
    """A way of telling that a test holds in its hand."""

    notices: list[Notice] = field(default_factory=list)
    fails: OutsideError | None = None
    after: OutsideError | None = None

    def send(self, notice: Notice) -> None:
        if self.fails is not None:
            raise self.fails
        self.notices.append(notice)
        if self.after is not None:
            raise self.after

    @property
    def told(self) -> list[list[str]]:
        return [[one.condition.id for one in notice.alarms] for notice in self.notices]


@dataclass
class Staffed:
    """A house with two ways of telling."""

    house: House
    pager: Pager
    letters: Pager

    def look(self, **later: float) -> None:
        self.house.machine.forward(**later)
        self.house.app.alert()


@pytest.fixture
def staffed(database: Database, build_house: Callable[..., House]) -> Staffed:
    pager, letters = Pager(), Pager()
    return Staffed(build_house(database, channels={"pager": pager, "letters": letters}), pager, letters)


def refuse(house: House) -> None:
    told(house, "Good morning")
    house.publisher.fail = [REFUSED]
    house.app.publish("social")


def test_a_refused_token_reaches_a_person_by_each_way_once_with_the_command(staffed: Staffed) -> None:
    staffed.look()
    assert staffed.pager.told == []
    refuse(staffed.house)
    for _ in range(12):
        staffed.look(seconds=5)
    assert staffed.pager.told == staffed.letters.told == [[LOGIN]]
    (notice,) = staffed.pager.notices
    assert notice.lines[0].startswith("account social is refused: the app password is not taken any more (since ")
    assert notice.lines[1] == "    milepost accounts login social"
    assert notice.at - notice.alarms[0].since < timedelta(seconds=60)


def test_the_daemon_looks_every_few_seconds(house: House) -> None:
    assert [seconds for name, _, seconds in Daemon(house.app)._fixed_steps() if name == "alert"] == [5]


def test_without_any_way_nothing_is_written(house: House) -> None:
    refuse(house)
    house.app.alert()
    assert verbs.listed(house.app) == []


def old_hold(house: House) -> None:
    held(house, "Go on Alice")
    house.clock.forward(minutes=31)


def silent_source(house: House) -> None:
    house.source.error = Unavailable("no route")
    house.app.collect("hashtag")
    house.machine.forward(minutes=6)


def dead_token_of_a_source(house: House) -> None:
    house.source.error = Unauthorized("token taken back")
    house.app.collect("hashtag")


def gone_source(house: House) -> None:
    house.source.error = Rejected("gone (410)")
    house.app.collect("hashtag")


def unconfirmed(house: House) -> None:
    told(house, "Good morning")
    house.publisher.fail_after = [Unanswered("cut off")]
    house.app.publish("social")
    house.machine.forward(minutes=3)


def failing_account(house: House) -> None:
    told(house, "Good morning")
    house.publisher.fail = [Unavailable("no route")] * 3
    for _ in range(3):
        house.app.publish("social")
        house.machine.forward(minutes=6)


def stale_rules(house: House) -> None:
    (house.rules / "10-rules.toml").write_text("[[rule]]\nid = 1\n")
    house.app.adopt(at_once=True)


def failing_step(house: House) -> None:
    def fails() -> None:
        raise Unavailable("disk")

    house.app.run_step("curate", fails)


@pytest.mark.parametrize(
    ("happens", "name", "mend"),
    [
        (refuse, LOGIN, "milepost accounts login social"),
        (failing_account, "account social: failing", "milepost accounts retry social"),
        (unconfirmed, "account social: unconfirmed", "milepost accounts retry social"),
        (silent_source, "source hashtag: silent", "milepost accounts retry hashtag"),
        (dead_token_of_a_source, "source hashtag: unauthorized", "milepost accounts retry hashtag"),
        (gone_source, "source hashtag: gone", "config.toml"),
        (old_hold, "queue: old", "milepost queue"),
        (stale_rules, "rules: stale", "milepost rules check"),
        (failing_step, "step curate", "milepost status"),
    ],
)
def test_each_condition_is_told_with_what_mends_it(
    staffed: Staffed, happens: Callable[[House], None], name: str, mend: str
) -> None:
    happens(staffed.house)
    staffed.look()
    assert staffed.pager.told == [[name]]
    assert mend in staffed.pager.notices[0].lines[1]


def test_a_source_that_brings_nothing_is_told_only_where_that_is_set(staffed: Staffed) -> None:
    house = staffed.house
    held(house, "Go on Alice")
    house.machine.forward(hours=2)
    house.app.collect("hashtag")
    staffed.look()
    assert staffed.pager.told == []
    settings = house.app.settings
    limits = settings.alarms.model_copy(update={"no_posts": timedelta(hours=1)})
    object.__setattr__(house.app, "settings", settings.model_copy(update={"alarms": limits}))
    staffed.look()
    assert staffed.pager.told == [["source hashtag: no posts"]]


def test_several_at_once_are_one_message(staffed: Staffed) -> None:
    refuse(staffed.house)
    old_hold(staffed.house)
    staffed.look()
    (notice,) = staffed.pager.notices
    assert {one.condition.id for one in notice.alarms} == {LOGIN, "queue: old"}
    assert notice.subject == "Milepost, London Marathon: 2 things need a person"


def mend(house: House) -> None:
    house.machine.forward(minutes=11)
    house.app.publish("social")


def test_what_comes_back_soon_is_not_told_again_and_later_is(staffed: Staffed) -> None:
    house = staffed.house
    refuse(house)
    staffed.look()
    mend(house)
    staffed.look()
    refuse(house)
    staffed.look(minutes=5)
    assert staffed.pager.told == [[LOGIN]]
    mend(house)
    staffed.look()
    house.machine.forward(minutes=31)
    refuse(house)
    staffed.look()
    assert staffed.pager.told == [[LOGIN], [LOGIN]]
    assert staffed.pager.notices[0].id != staffed.pager.notices[1].id


def test_a_way_that_is_away_is_tried_again_and_the_others_do_not_wait(staffed: Staffed) -> None:
    refuse(staffed.house)
    staffed.pager.fails = Unavailable("alarm pager: not reached")
    staffed.look()
    assert (staffed.pager.told, staffed.letters.told) == ([], [[LOGIN]])
    said = look.status(staffed.house.app).problems
    assert "alarm pager cannot tell anybody: alarm pager: not reached" in said
    staffed.look(seconds=5)
    staffed.pager.fails = None
    staffed.look(seconds=4)
    assert staffed.pager.told == [], "it waits ten seconds"
    staffed.look(seconds=2)
    assert (staffed.pager.told, staffed.letters.told) == ([[LOGIN]], [[LOGIN]])
    assert not [one for one in look.status(staffed.house.app).problems if "alarm" in one]


def test_what_was_over_meanwhile_is_not_told(staffed: Staffed) -> None:
    refuse(staffed.house)
    staffed.pager.fails = Unavailable("not reached")
    staffed.look()
    mend(staffed.house)
    staffed.pager.fails = None
    staffed.look(minutes=5)
    assert staffed.pager.told == []


def test_a_limit_is_waited_for(staffed: Staffed) -> None:
    refuse(staffed.house)
    staffed.pager.fails = RateLimited("slowly", staffed.house.machine() + timedelta(minutes=2))
    staffed.look()
    staffed.pager.fails = None
    staffed.look(seconds=100)
    assert staffed.pager.told == []
    staffed.look(seconds=21)
    assert staffed.pager.told == [[LOGIN]]


@pytest.mark.parametrize("ends", [Unanswered("cut off"), Rejected("404"), Unauthorized("403")])
def test_what_may_have_arrived_or_was_refused_is_not_sent_again(staffed: Staffed, ends: OutsideError) -> None:
    refuse(staffed.house)
    staffed.pager.after = ends
    for _ in range(3):
        staffed.look(minutes=10)
    assert staffed.pager.told == staffed.letters.told == [[LOGIN]]


class KilledError(BaseException):
    """The process ended here."""


@dataclass
class Deadly(Pager):
    """It ends the process in the middle."""

    def send(self, notice: Notice) -> None:
        super().send(notice)
        raise KilledError


def test_killed_while_it_told_it_does_not_tell_again(database: Database, build_house: Callable[..., House]) -> None:
    deadly, letters = Deadly(), Pager()
    house = build_house(database, channels={"pager": deadly, "letters": letters})
    refuse(house)
    with pytest.raises(KilledError):
        house.app.alert()
    house.machine.forward(minutes=2)  # on PostgreSQL the lease of the dead runs out
    pager = Pager()
    again = App(replace(house.app.parts, database=same_store(database), channels={"pager": pager, "letters": letters}))
    again.alert()
    assert (deadly.told, pager.told, letters.told) == ([[LOGIN]], [], [[LOGIN]])
    (one,) = verbs.listed(again)
    assert one.told == {"letters": "sent", "pager": "sending"}
    again.close()


def test_hushed_it_is_told_no_more_until_it_comes_again(staffed: Staffed) -> None:
    house = staffed.house
    refuse(house)
    staffed.pager.fails = Unavailable("not reached")
    staffed.look()
    verbs.hush(house.app, LOGIN, by="ana")
    staffed.pager.fails = None
    staffed.look(minutes=5)
    assert staffed.pager.told == []
    assert [one.hushed_by for one in verbs.listed(house.app)] == ["ana"]
    assert [(line.by, line.why) for line in house.log("hushed")] == [("ana", LOGIN)]
    mend(house)
    staffed.look()
    house.machine.forward(hours=1)
    refuse(house)
    staffed.look()
    assert staffed.pager.told == [[LOGIN]]


def test_to_hush_what_does_not_go_on_is_a_mistake(staffed: Staffed) -> None:
    refuse(staffed.house)
    staffed.look()
    with pytest.raises(NotFoundError, match="'queue: old' does not go on: what does: 'account social: unauthorized'"):
        verbs.hush(staffed.house.app, "queue: old", by="ana")


def test_what_was_over_is_forgotten_after_a_week(staffed: Staffed) -> None:
    refuse(staffed.house)
    staffed.look()
    mend(staffed.house)
    staffed.look()
    assert [one.condition.id for one in verbs.listed(staffed.house.app, over=True)] == [LOGIN]
    staffed.look(days=8)
    assert verbs.listed(staffed.house.app, over=True) == []


def test_a_trial_is_sent_and_names_that_are_none_are_said(staffed: Staffed) -> None:
    verbs.test(staffed.house.app, "pager")
    (notice,) = staffed.pager.notices
    assert notice.subject == "Milepost, London Marathon: a trial alarm"
    assert "nothing is wrong" in notice.lines[0]
    with pytest.raises(NotFoundError, match="there are pager, letters"):
        verbs.test(staffed.house.app, "siren")
