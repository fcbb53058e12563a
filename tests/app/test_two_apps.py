"""Two Apps on one PostgreSQL: leases share the steps, and what a person does in one is respected by the other."""

import subprocess
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.app.hall import App
from bot.app.processes import this_process
from bot.core.errors import RefusedError, Unavailable
from bot.core.model import Limits, Verdict
from tests.builders import OFFICIAL, a_post
from tests.conftest import OPEN_RULES, House
from tests.fakes import FakePublisher, FixedClock
from tests.pipeline.houses import deliveries, live, same_store, states
from tests.pipeline.incoming import held, keep, told

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

LONG = "The underpass at Blackfriars is two hundred people singing in the dark, and every one of them is out of tune"
LEASE_S = 90
Open = Callable[..., House]


@pytest.fixture
def another(house: House) -> Generator[Open]:
    """Opens a second process's house on the same store, with the same ends and clocks unless told otherwise."""
    with ExitStack() as opened:

        def build(**more: object) -> House:
            parts = replace(house.app.parts, database=same_store(house.app.database), **more)  # type: ignore[arg-type] # by name
            app = opened.enter_context(closing(App(parts)))
            machine = more.get("machine_now", house.machine)
            assert isinstance(machine, FixedClock)
            return House(app, house.source, house.publisher, house.clock, machine, house.rules)

        yield build


def post(house: House, text: str = "Go on Alice", author: str = "did:plc:ana") -> None:
    keep(house, a_post(text, author=author, created_at=house.clock(), seen_at=house.clock()))


def holder(pid: int | str) -> str:
    """A process of this machine."""
    return f"{this_process().rpartition(':')[0]}:{pid}"


def dead_process() -> int:
    """The number of a process that is no more."""
    ended = subprocess.Popen(["true"])
    ended.wait(30)
    return ended.pid


# -- leases -------------------------------------------------------------------------------------------------------------


def test_only_one_curates_and_the_other_waits_its_turn(house: House, another: Open) -> None:
    other = another()
    post(house)
    assert house.app.curate().judged == 1
    post(house, "Go on Bob")
    assert other.app.curate().judged == 0
    assert house.app.curate().judged == 1
    assert [line.by for line in house.log("judged")] == ["rules", "rules"]


def test_of_two_that_curate_in_one_moment_one_does_it_and_everything_is_judged_once(
    house: House, another: Open
) -> None:
    other = another()
    for number in range(40):
        post(house, f"Go on runner {number} of all of us", f"did:plc:r{number}")
    together = threading.Barrier(2)

    def curate(app: App) -> int:
        together.wait(30)
        return app.curate().judged

    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(curate, (house.app, other.app)))
    assert sorted(found) == [0, 40]
    assert len({line.post_id for line in house.log("judged")}) == len(house.log("judged")) == 40


STEPS: dict[str, Callable[[App], object]] = {
    "collect": lambda app: app.collect("hashtag").new,
    "curate": lambda app: app.curate().judged,
    "announce": lambda app: app.announce().told,
    "publish": lambda app: app.publish("social").done,
    "sweep": lambda app: app.sweep("hashtag"),
    "adopt": lambda app: app.adopt(at_once=True).changed,
}


def prepare(house: House, step: str) -> None:
    """Give every step something to do, so that a step that runs is seen."""
    match step:
        case "collect":
            house.source.posts.append(a_post())
        case "curate":
            post(house, f"Go on runner {len(house.log('judged'))}")
        case "announce":
            due = house.clock() + timedelta(seconds=1)
            verbs.write(house.app, verbs.manuscript("Now", due_at=due), by="ana")
            house.clock.forward(seconds=1)
        case "publish":
            told(house, "Here we go")
        case "sweep":
            native_id = f"o{len(house.source.missing_ids)}"
            keep(house, a_post(native_id, author=OFFICIAL, native_id=native_id, created_at=house.clock()))
            house.app.curate()
            house.source.missing_ids.add(native_id)
        case _:
            edited = OPEN_RULES + f"# {len(house.log('adopted'))}\n"
            (house.rules / "10-rules.toml").write_text(edited)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_belongs_to_one_process_until_it_gives_it_back(house: House, another: Open, step: str) -> None:
    other = another()
    prepare(house, step)
    assert STEPS[step](house.app), "it takes the lease"
    prepare(house, step)
    assert not STEPS[step](other.app), "the other does not"
    house.app._turns.give_back()
    assert STEPS[step](other.app), "what is given back is free at once"


def test_a_lease_that_is_not_renewed_runs_out_and_not_before(house: House, another: Open) -> None:
    other = another()
    told(house, "One")
    assert house.app.publish("social").done == 1
    told(house, "Two")
    house.machine.forward(seconds=LEASE_S - 0.001)
    assert other.app.publish("social").done == 0
    house.machine.forward(seconds=0.001)
    assert other.app.publish("social").done == 1
    told(house, "Three")
    assert house.app.publish("social").done == 0, "whoever was away does not take it back"
    assert len(house.publisher.standing()) == 2


def test_who_works_keeps_the_lease_however_long_it_takes(house: House, another: Open) -> None:
    other = another()
    for number in range(20):
        told(house, f"Number {number}")
        assert house.app.publish("social").done == 1
        house.machine.forward(seconds=60)
        assert other.app.publish("social").done == 0


def test_a_process_that_closes_gives_everything_back(house: House, another: Open) -> None:
    first = another()
    for step in STEPS.values():
        step(first.app)
    first.app.close()
    second = another()
    prepare(house, "publish")
    prepare(house, "curate")
    assert second.app.publish("social").done == 1
    assert second.app.curate().judged == 1


def test_what_a_dead_process_of_this_machine_left_is_taken_over_at_once(house: House, another: Open) -> None:
    dead = another(holder=holder(dead_process()))
    told(house, "One")
    assert dead.app.publish("social").done == 1
    told(house, "Two")
    living = another(holder=this_process())
    assert living.app.publish("social").done == 1
    told(house, "Three")
    assert dead.app.publish("social").done == 0, "were it alive after all, the claim would tell it"
    assert living.app.publish("social").done == 1


@pytest.mark.parametrize(
    "living",
    [
        this_process(),
        holder(1),
        f"elsewhere/0123abcd/pid:[1]:{2**22 + 1}",
        holder("x"),
        "no process at all",
        "",
    ],
    ids=["this one", "the first", "of another machine", "no number", "no name", "nobody"],
)
def test_a_lease_of_whoever_may_be_alive_is_not_taken(house: House, another: Open, living: str) -> None:
    first = another(holder=living)
    told(house, "One")
    assert first.app.publish("social").done == 1
    told(house, "Two")
    second = another(holder=this_process())
    assert second.app.publish("social").done == 0
    house.machine.forward(seconds=LEASE_S)
    assert second.app.publish("social").done == 1


def test_a_daemon_runs_as_long_as_somebody_holds_the_curate_lease(house: House, another: Open) -> None:
    looking = another()
    assert not looking.app.is_running()
    post(house)
    house.app.curate()
    assert looking.app.is_running()
    assert look.status(looking.app).running
    house.machine.forward(seconds=LEASE_S)
    assert not looking.app.is_running()


def test_whoever_takes_over_knows_the_stories_of_who_was_before(house: House, another: Open) -> None:
    other = another()
    keep(house, a_post(LONG, author=OFFICIAL, created_at=house.clock(), seen_at=house.clock()))
    house.app.curate()
    post(house, "Go on Bob", "did:plc:bob")
    house.app._turns.give_back()
    post(house, LONG, "did:plc:copy1")
    assert other.app.curate().judged == 2
    other.app._turns.give_back()
    post(house, LONG, "did:plc:copy2")
    assert house.app.curate().judged == 1
    assert [update.also for update in live(house)] == [2]
    dropped = [line.why for line in house.log("judged") if line.verdict == Verdict.DROP.value]
    assert len(dropped) == 2
    assert all("story 1 is told already" in why for why in dropped)


class Slow(FakePublisher):
    """An account that does something when it is asked for its limits: between the look and the claim."""

    on_limits: Callable[[], object] = staticmethod(lambda: None)

    def limits(self) -> Limits:
        self.on_limits()
        return super().limits()


def test_who_lost_the_lease_unawares_sends_nothing_and_lets_it_go(house: House, another: Open) -> None:
    """A machine whose clock is ahead took it: only the fence in the claim can tell."""
    account = Slow()
    first = another(publishers={"social": account})
    ahead = another(machine_now=FixedClock(house.machine() + timedelta(minutes=2)))
    told(house, "One")
    assert first.app.publish("social").done == 1
    told(house, "Two")
    taken: list[object] = []

    def lose() -> None:
        account.on_limits = lambda: None
        with house.app.database.begin() as tx:
            tx.raw("UPDATE leases SET holder = 'somebody else' WHERE name = 'publish:social'")
        taken.append(True)

    account.on_limits = lose
    done: list[int] = []
    run = threading.Thread(target=lambda: done.append(first.app.publish("social").done), daemon=True)
    run.start()
    run.join(20)
    ended = not run.is_alive()
    with house.app.database.begin() as tx:
        tx.raw("DELETE FROM leases")
    house.machine.forward(seconds=LEASE_S)  # a thread that goes round in circles would end now
    run.join(30)
    assert taken
    assert ended, "it asks again and again, as fast as it can"
    assert done == [0]
    assert len(account.standing()) == 1
    assert ahead.app.publish("social").done == 1


# -- people -------------------------------------------------------------------------------------------------------------


def test_what_is_approved_elsewhere_while_nothing_runs_is_published_by_who_starts_next(
    house: House, another: Open
) -> None:
    number = held(house, "Go on Alice")
    house.app._turns.give_back()
    desk = another()
    assert not desk.app.is_running()
    verbs.approve(desk.app, str(number), by="ana")
    assert house.publisher.calls == []
    house.day()
    house.day()
    assert len(house.publisher.standing()) == 1
    assert states(house) == ["sent"]
    assert "Go on Alice" in (house.app.page_folder / "index.html").read_text()


def test_what_is_approved_elsewhere_needs_no_lease_and_rings_the_bell_of_who_runs(house: House, another: Open) -> None:
    number = held(house, "Go on Alice")
    desk = another()
    with house.app.watch() as watch:
        watch.changed(0)
        verbs.approve(desk.app, str(number), by="ana")
        assert watch.changed(30)
    assert house.app.publish("social").done == 1


def test_two_desks_that_decide_on_one_post_decide_once(house: House, another: Open) -> None:
    number = held(house, "Go on Alice")
    one, two = another(), another()
    verbs.approve(one.app, str(number), by="ana")
    with pytest.raises(RefusedError, match="published by ana"):
        verbs.reject(two.app, str(number), by="bob")


@pytest.mark.parametrize("scope", ["social", ""])
def test_a_pause_from_elsewhere_is_respected_at_once(house: House, another: Open, scope: str) -> None:
    desk = another()
    told(house, "One")
    told(house, "Two")

    def pause_after_the_first() -> None:
        house.publisher.before = lambda: None
        verbs.pause(desk.app, scope, by="ana")

    house.publisher.before = pause_after_the_first
    assert house.app.publish("social").done == 1, "what is being sent is sent, the next one is not"
    assert states(house) == ["sent", "owed"]
    verbs.resume(desk.app, scope, by="ana")
    assert house.app.publish("social").done == 1


def test_quiet_mode_from_elsewhere_is_respected_by_curate_publish_and_announce(house: House, another: Open) -> None:
    desk = another()
    due = house.clock() + timedelta(minutes=1)
    verbs.write(house.app, verbs.manuscript("Medals", strand="official", due_at=due), by="ana")
    verbs.quiet(desk.app, True, by="ana")
    keep(house, a_post("Lovely", author=OFFICIAL, created_at=house.clock(), seen_at=house.clock()))
    house.clock.forward(minutes=1)
    house.day()
    assert (live(house), deliveries(house)) == ([], [])
    verbs.quiet(desk.app, False, by="ana")
    house.day()
    assert [update.text for update in live(house)] == ["Medals"]


def test_a_page_that_was_paused_elsewhere_shows_nothing_new(house: House, another: Open) -> None:
    desk = another()
    verbs.pause(desk.app, "page", by="ana")
    told(house, "Not yet")
    house.app.refresh()
    assert "Not yet" not in (house.app.page_folder / "index.html").read_text()


def test_what_is_taken_back_elsewhere_while_it_is_sent_does_not_stay(house: House, another: Open) -> None:
    desk = another()
    update = told(house, "Wrong runner")

    def regret() -> None:
        house.publisher.before = lambda: None
        verbs.take_back(desk.app, update.slug, by="ana")

    house.publisher.before = regret
    house.day()
    assert house.publisher.standing() == []
    assert states(house) == ["retracted"]


def test_a_rule_edit_that_one_adopted_is_what_the_other_judges_by(house: House, another: Open) -> None:
    other = another()
    post(house, "How lovely")
    other.app.curate()
    other.app._turns.give_back()
    edited = OPEN_RULES.replace('"giveaway"', '"giveaway", "lovely"')
    (house.rules / "10-rules.toml").write_text(edited)
    assert house.app.adopt(at_once=True).changed
    post(house, "So lovely too", "did:plc:bob")
    other.app.curate()
    assert look.queue(other.app) == []
    assert other.app.adopt(at_once=True).changed is False


# -- a step that raises -------------------------------------------------------------------------------------------------


def test_a_source_that_fails_stops_no_other_step_and_stands_in_the_status(house: House, another: Open) -> None:
    told(house, "Here we go")
    house.source.error = Unavailable("connection refused")
    house.day()
    assert len(house.publisher.standing()) == 1
    status = look.status(another().app)
    assert [(one.name, one.state, one.error) for one in status.sources] == [
        ("hashtag", "failing", "connection refused")
    ]
    assert "source hashtag is failing: connection refused" in status.problems


def test_an_account_that_fails_stops_no_other_step_and_stands_in_the_status(house: House, another: Open) -> None:
    told(house, "Here we go")
    house.publisher.fail = [Unavailable("connection refused")]
    house.day()
    assert "Here we go" in (house.app.page_folder / "index.html").read_text()
    status = look.status(another().app)
    assert [(one.name, one.state, one.owed) for one in status.accounts] == [("social", "failing", 1)]
    assert "account social is failing: connection refused" in status.problems
