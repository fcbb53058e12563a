"""Milestones and scheduled updates: each once for ever, never late, whatever the clock or the process does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import look, verbs
from bot.core.milestones.plan import Late, Milestone, Plan
from bot.core.model import EventClock, Tone, UpdateState
from bot.pipeline import brake
from bot.pipeline.announce.step import Announced, announce
from bot.store import milestones
from bot.store.database import Database
from tests.builders import START, a_desk
from tests.conftest import House
from tests.pipeline.houses import deliveries, live, reopened, same_store

NOON = START + timedelta(hours=2)


def milestone(name: str, hours: float, **more: object) -> Milestone:
    values: dict[str, object] = {"text": f"{name} at {{{{ time }}}}", "strand": "official", **more}
    return Milestone(name, "mass", timedelta(hours=hours), **values)  # type: ignore[arg-type] # fields by name


PLAN = Plan("plan", (milestone("two", 2), milestone("one", 1), milestone("three", 3)))


def tick(house: House, plan: Plan = PLAN, **more: float) -> Announced:
    house.clock.forward(**more)
    return announce(house.app.database, house.app.desk, plan, now=house.clock())


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


def states(house: House) -> dict[str, str]:
    with house.app.database.read() as tx:
        return milestones.states(tx)


def test_a_milestone_is_told_at_its_moment_and_never_again(house: House) -> None:
    assert tick(house, minutes=59, seconds=59) == Announced()
    assert tick(house, seconds=1) == Announced(told=1)
    assert tick(house) == Announced()
    assert tick(house, minutes=30) == Announced()
    assert texts(house) == ["one at 11:00"]
    assert [one.account for one in deliveries(house)] == ["social"]
    (line,) = house.log("told")
    assert (line.by, line.why) == ("clock", "milestone one: the masses race 1h after the start")
    (update,) = live(house)
    assert (update.milestone, update.is_official, update.strand, update.tone) == ("one", True, "official", Tone.NEWS)


def test_a_milestone_before_the_start_says_so(house: House) -> None:
    house.clock.at = START - timedelta(minutes=30)
    tick(house, Plan("p", (milestone("soon", -0.5),)))
    assert house.log("told")[0].why == "milestone soon: the masses race 30m before the start"


def test_what_is_due_together_is_told_in_the_order_of_its_times(house: House) -> None:
    plan = Plan("p", (milestone("second", 1 + 1 / 60), milestone("first", 1)))
    assert tick(house, plan, hours=1, minutes=2) == Announced(told=2)
    assert [text.split()[0] for text in texts(house)] == ["first", "second"]


def test_a_restart_in_between_tells_nothing_twice(house: House) -> None:
    tick(house, hours=1)
    for _ in range(3):
        again = reopened(house)
        assert tick(again) == Announced()
        again.app.close()
    assert len(live(house)) == 1


class Interrupted(dict[str, EventClock]):
    """Clocks that let somebody else go first when they are looked at: after the look at what was told, before the telling."""

    between: Callable[[], object] = staticmethod(lambda: None)

    def get(self, key: str, default: Any = None) -> Any:
        between, self.between = self.between, lambda: None
        between()
        return super().get(key, default)


def test_of_two_processes_in_one_moment_one_tells_it(house: House) -> None:
    house.clock.forward(hours=1)
    other = same_store(house.app.database)
    clocks = Interrupted(house.app.desk.clocks)
    first: list[Announced] = []
    clocks.between = lambda: first.append(announce(other, house.app.desk, PLAN, now=house.clock()))
    second = announce(house.app.database, a_desk(clocks=clocks), PLAN, now=house.clock())
    other.close()
    assert (first, second) == ([Announced(told=1)], Announced())
    assert texts(house) == ["one at 11:00"]


def test_an_update_that_is_taken_back_between_the_look_and_its_telling_is_not_told(house: House) -> None:
    update = verbs.write(house.app, verbs.manuscript("Medals at noon", due_at=NOON), by="ana").update
    house.clock.at = NOON
    other = reopened(house)
    clocks = Interrupted(house.app.desk.clocks)
    plan = Plan("p", (milestone("late", 3),))
    clocks.between = lambda: verbs.take_back(other.app, update.slug, by="ana")
    assert announce(house.app.database, a_desk(clocks=clocks), plan, now=NOON) == Announced()
    assert texts(house) == []
    other.app.close()


def test_a_clock_that_goes_back_tells_nothing_twice(house: House) -> None:
    tick(house, hours=2)
    assert states(house) == {"one": "missed", "two": "told"}
    house.clock.at = START
    assert tick(house) == Announced()
    assert tick(house, hours=2) == Announced()
    assert tick(house, hours=1) == Announced(told=1)
    assert len(live(house)) == 2


def test_a_start_that_is_moved_later_moves_what_is_not_told_and_leaves_what_is(house: House) -> None:
    tick(house, hours=1)
    late = EventClock("mass", "the masses race", START + timedelta(minutes=45), "Europe/London")
    desk = a_desk(clocks={"mass": late})
    house.clock.at = NOON
    assert announce(house.app.database, desk, PLAN, now=NOON) == Announced()
    moved = NOON + timedelta(minutes=45)
    assert announce(house.app.database, desk, PLAN, now=moved) == Announced(told=1)
    assert texts(house) == ["one at 11:00", "two at 12:45"]


def test_a_clock_that_is_gone_tells_nothing(house: House) -> None:
    house.clock.at = NOON
    assert announce(house.app.database, a_desk(clocks={}), PLAN, now=NOON) == Announced()
    assert states(house) == {}


@pytest.mark.parametrize(("late_s", "state"), [(900, "told"), (901, "missed")])
def test_what_is_later_than_the_desks_patience_is_missed_for_ever(house: House, late_s: int, state: str) -> None:
    plan = Plan("p", (milestone("one", 1),))
    tick(house, plan, hours=1, seconds=late_s)
    assert states(house) == {"one": state}
    assert len(live(house)) == (state == "told")
    house.clock.at = START + timedelta(hours=1)
    assert tick(house, plan) == Announced(), "also when the clock goes back to its moment"
    if state == "missed":
        (line,) = house.log("missed")
        assert line.why == (
            "milestone one was due at 2016-04-24 11:00 BST and is older than 15m: not said late; `milepost milestones fire one` tells it"
        )


def test_an_edited_milestone_that_was_told_stays_told(house: House) -> None:
    tick(house, hours=1)
    assert tick(house, Plan("q", (milestone("one", 1.1, text="Anew"),)), hours=1) == Announced()
    assert texts(house) == ["one at 11:00"]


def test_accounts_of_a_milestone_stand_above_its_strands_and_an_unknown_one_is_left_out(house: House) -> None:
    plan = Plan("p", (milestone("page", 1, accounts=()), milestone("mail", 1, accounts=("social", "gone"))))
    assert tick(house, plan, hours=1) == Announced(told=2)
    assert [(one.update.milestone, one.account) for one in deliveries(house)] == [("mail", "social")]


def test_quiet_mode_holds_milestones_back_and_what_became_stale_is_missed(house: House) -> None:
    house.clock.at = START + timedelta(minutes=59)
    held = brake.quiet_on(house.app.database, house.app.desk, PLAN, now=house.clock(), by="ana", why="")
    assert held.milestones == ("one", "two", "three")
    assert tick(house, hours=1, minutes=10) == Announced()
    assert states(house) == {}
    verbs.quiet(house.app, False, by="ana")
    assert tick(house) == Announced(told=1, missed=1)
    assert states(house) == {"one": "missed", "two": "told"}


def test_a_scheduled_update_goes_live_at_its_time_once(house: House) -> None:
    written = verbs.write(house.app, verbs.manuscript("Medals at noon", strand="official", due_at=NOON), by="ana")
    assert written.update.state is UpdateState.SCHEDULED
    house.clock.at = NOON - timedelta(seconds=1)
    assert tick(house, Plan()) == Announced()
    assert tick(house, Plan(), seconds=1) == Announced(told=1)
    assert tick(house, Plan(), seconds=1) == Announced()
    (update,) = live(house)
    assert (update.slug, update.text, update.at, update.due_at) == (written.update.slug, "Medals at noon", NOON, None)
    assert [(one.account, one.cleared) for one in deliveries(house)] == [("social", True)]
    assert [line.what for line in house.log() if line.update] == ["scheduled", "told"]


def test_a_scheduled_update_that_is_late_becomes_a_draft_and_says_why(house: House) -> None:
    verbs.write(house.app, verbs.manuscript("Medals at noon", strand="official", due_at=NOON), by="ana")
    house.clock.at = NOON + timedelta(minutes=15, seconds=1)
    assert tick(house, Plan()) == Announced(missed=1)
    assert tick(house, Plan()) == Announced()
    (draft,) = look.waiting(house.app)
    assert (draft.state, draft.due_at, draft.text) == (UpdateState.DRAFT, None, "Medals at noon")
    assert (live(house), deliveries(house)) == ([], [])
    (line,) = house.log("missed")
    assert line.why == "was scheduled for 2016-04-24 12:00 BST and is older than 15m: it is a draft now"


def test_quiet_mode_holds_scheduled_updates_back(house: House) -> None:
    verbs.write(house.app, verbs.manuscript("Medals at noon", strand="official", due_at=NOON), by="ana")
    assert [update.text for update in verbs.quiet(house.app, True, by="ana").scheduled] == ["Medals at noon"]
    house.clock.at = NOON
    assert tick(house, Plan()) == Announced()
    verbs.quiet(house.app, False, by="ana")
    assert tick(house, Plan(), minutes=15) == Announced(told=1)


def test_an_update_that_is_taken_back_or_moved_before_its_time_is_not_told(house: House) -> None:
    one = verbs.write(house.app, verbs.manuscript("Taken back", due_at=NOON), by="ana").update
    two = verbs.write(house.app, verbs.manuscript("Moved", due_at=NOON), by="ana").update
    verbs.take_back(house.app, one.slug, by="ana")
    verbs.edit(house.app, two.slug, changes={}, by="ana", due_at=NOON + timedelta(minutes=5))
    house.clock.at = NOON
    assert tick(house, Plan()) == Announced()
    assert tick(house, Plan(), minutes=5) == Announced(told=1)
    assert texts(house) == ["Moved"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(-30, 300), st.sampled_from(["tick", "restart", "quiet on", "quiet off"])), max_size=12
    )
)
def test_whatever_happens_each_is_told_at_most_once_and_never_late(
    sqlite_house: Callable[[], House], steps: list[tuple[int, str]]
) -> None:
    house = sqlite_house()
    app = house
    for minutes, what in steps:
        app.clock.at = START + timedelta(minutes=minutes)
        match what:
            case "restart":
                app = reopened(app)
            case "quiet on" | "quiet off":
                verbs.quiet(app.app, what == "quiet on", by="ana")
        tick(app)
    told = [update.milestone for update in live(app)]
    assert len(told) == len(set(told))
    for update in live(app):
        due = START + next(one.after for one in PLAN.milestones if one.id == update.milestone)
        assert timedelta(0) <= update.at - due <= app.app.desk.stale_after
    assert {name for name, state in states(app).items() if state == "told"} == set(told)
    app.app.close()


@pytest.fixture
def sqlite_house(
    build_house: Callable[..., House], sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], House]:
    def build() -> House:
        path = tmp_path_factory.mktemp("announcing") / "milepost.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}")
        database.forgo_durability()
        return build_house(database)

    return build


def test_one_at_a_moment_of_the_calendar_is_told_at_it(house: House) -> None:
    plan = Plan("p", (Milestone("noon", "", timedelta(0), "It is {{ time }}", strand="official", at=NOON),))
    assert tick(house, plan, hours=1.9) == Announced()
    assert tick(house, plan, hours=0.1) == Announced(told=1)
    assert texts(house) == ["It is 12:00"]
    assert "milestone noon: 2016-04-24 12:00 BST" in house.log("told")[-1].why


def test_one_that_is_to_be_said_however_late_is_said_once_and_the_log_says_how_late(house: House) -> None:
    plan = Plan("p", (milestone("one", 1, late=Late.SAY), milestone("two", 2)))
    assert tick(house, plan, hours=5) == Announced(told=1, missed=1)
    assert texts(house) == ["one at 11:00"]
    assert "late, it was due at 2016-04-24 11:00 BST" in house.log("told")[-1].why
    assert tick(house, plan, hours=5) == Announced()
