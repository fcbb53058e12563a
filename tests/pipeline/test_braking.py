"""Brakes: what is stopped stays stopped, over restarts; what waited too long does not come out; taking back goes on."""

from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import NotFoundError, RefusedError
from bot.core.model import Tone
from bot.core.status import Stopped
from bot.store.database import Database
from tests.builders import a_desk
from tests.conftest import OPEN_RULES, House
from tests.fakes import FakePublisher
from tests.pipeline.houses import live, reopened, states
from tests.pipeline.incoming import held, told
from tests.pipeline.ruled import LOVELY


@pytest.fixture(autouse=True)
def lovely_rules(house: House) -> None:
    (house.rules / "10-rules.toml").write_text(OPEN_RULES + LOVELY)
    house.app.adopt(at_once=True)


def brakes(house: House) -> list[str]:
    return [brake.scope for brake in look.brakes_now(house.app)]


def standing(house: House) -> list[str]:
    house.app.publish("social")
    return [text.split(" https://")[0] for text in house.publisher.standing()]


def page(house: House) -> str:
    house.app.refresh()
    return (house.app.page_folder / "index.html").read_text()


@pytest.mark.parametrize("scope", ["social", ""])
def test_a_pause_sends_nothing_lists_what_it_stops_and_lets_it_go_afterwards(house: House, scope: str) -> None:
    told(house, "Here we go")
    stopped = verbs.pause(house.app, scope, by="ana", why="a mistake")
    assert [one.text for one in stopped.deliveries] == ["Here we go"]
    assert stopped.changed
    told(house, "On we go")
    assert standing(house) == []
    released = verbs.resume(house.app, scope, by="ana")
    assert [one.text for one in released.deliveries] == ["Here we go", "On we go"]
    assert (released.brakes, released.expired) == ((), ())
    assert standing(house) == ["Official: Here we go", "Official: On we go"]
    assert [
        (line.what, line.by, line.place, line.why) for line in house.log() if line.what in ("paused", "resumed")
    ] == [
        ("paused", "ana", scope or "everything", "a mistake"),
        ("resumed", "ana", scope or "everything", ""),
    ]


@pytest.mark.parametrize("scope", ["social", ""])
def test_a_pause_stops_no_taking_back(house: House, scope: str) -> None:
    update = told(house, "Wrong runner")
    waiting = told(house, "Wrong place")
    assert len(standing(house)) == 2
    verbs.pause(house.app, scope, by="ana")
    verbs.take_back(house.app, update.slug, by="ana")
    assert standing(house) == ["Official: Wrong place"]
    verbs.take_back(house.app, waiting.slug, by="ana")
    assert standing(house) == []


@pytest.mark.parametrize("scope", ["social", "", "page", "quiet"])
def test_a_brake_survives_a_restart_and_says_who_pulled_it(house: House, scope: str) -> None:
    if scope == "quiet":
        verbs.quiet(house.app, True, by="ana", why="ambulances")
    else:
        verbs.pause(house.app, scope, by="ana", why="ambulances")
    house.app.close()
    again = reopened(house)
    (brake,) = look.brakes_now(again.app)
    assert (brake.by, brake.why, brake.at) == ("ana", "ambulances", house.clock())
    assert brake.scope == {"social": "account:social", "": "all"}.get(scope, scope)
    again.app.close()


@pytest.mark.parametrize("scope", ["social", "", "page", "quiet"])
def test_pulling_and_letting_go_twice_is_doing_it_once_and_the_first_name_stays(house: House, scope: str) -> None:
    def pull(by: str) -> Stopped:
        return verbs.quiet(house.app, True, by=by) if scope == "quiet" else verbs.pause(house.app, scope, by=by)

    def let_go(by: str) -> Stopped:
        return verbs.quiet(house.app, False, by=by) if scope == "quiet" else verbs.resume(house.app, scope, by=by)

    assert [pull("ana").changed, pull("bob").changed] == [True, False]
    assert [brake.by for brake in look.brakes_now(house.app)] == ["ana"]
    assert [let_go("cat").changed, let_go("dan").changed] == [True, False]
    assert look.brakes_now(house.app) == ()
    assert [line.by for line in house.log() if line.what in ("paused", "resumed", "quiet on", "quiet off")] == [
        "ana",
        "cat",
    ]


def test_letting_one_go_leaves_the_others_pulled(house: House) -> None:
    told(house, "Here we go")
    verbs.pause(house.app, "social", by="ana")
    verbs.pause(house.app, "", by="ana")
    verbs.quiet(house.app, True, by="ana")
    verbs.resume(house.app, "", by="ana")
    assert brakes(house) == ["account:social", "quiet"]
    assert standing(house) == []
    verbs.resume(house.app, "social", by="ana")
    assert standing(house) == ["Official: Here we go"], "not light: quiet mode does not stop it"


def test_what_another_brake_holds_does_not_go_on_and_is_too_old_only_when_that_one_is_let_go(house: House) -> None:
    told(house, "Here we go")
    verbs.pause(house.app, "social", by="ana")
    verbs.pause(house.app, "", by="ana")
    due = house.clock() + timedelta(hours=1)
    verbs.write(house.app, verbs.manuscript("Medals", strand="official", due_at=due), by="ana")
    released = verbs.resume(house.app, "social", by="ana")
    assert (released.deliveries, released.scheduled) == ((), ()), "everything is still paused"
    verbs.pause(house.app, "social", by="ana")
    house.clock.forward(hours=1)
    released = verbs.resume(house.app, "", by="ana")
    assert (released.deliveries, released.expired, states(house)) == ((), (), ["owed"])
    assert [brake.scope for brake in released.brakes] == ["account:social"]
    assert [update.text for update in released.scheduled] == ["Medals"]
    released = verbs.resume(house.app, "social", by="ana")
    assert [one.text for one in released.expired] == ["Here we go"]


def test_what_is_light_does_not_go_on_while_quiet_mode_is_on(house: House) -> None:
    held(house, "How lovely")  # told by a rule: light, and nobody looked at it
    told(house, "Here we go")
    verbs.quiet(house.app, True, by="ana")
    verbs.pause(house.app, "social", by="ana")
    released = verbs.resume(house.app, "social", by="ana")
    assert [one.text for one in released.deliveries] == ["Here we go"]
    released = verbs.quiet(house.app, False, by="ana")
    assert [one.text for one in released.deliveries] == ["How lovely", "Here we go"]


@pytest.mark.parametrize("scope", ["socail", "all", "quiet", "account:social", " "])
def test_an_account_that_does_not_exist_is_named_with_those_that_do(house: House, scope: str) -> None:
    for act in (verbs.pause, verbs.resume):
        with pytest.raises(NotFoundError, match=r"there are page, social$"):
            act(house.app, scope, by="ana")
    assert brakes(house) == []


@pytest.mark.parametrize(("minutes", "comes"), [(15, True), (15.1, False)])
@pytest.mark.parametrize("scope", ["social", "", "quiet"])
def test_what_waited_longer_than_the_desks_patience_does_not_come_out(
    house: House, scope: str, minutes: float, comes: bool
) -> None:
    if scope == "quiet":
        held(house, "How lovely")  # told by a rule, owed, and then stopped
        verbs.quiet(house.app, True, by="ana")
    else:
        told(house, "How lovely")
        verbs.pause(house.app, scope, by="ana")
    assert standing(house) == []
    house.clock.forward(minutes=minutes)
    released = verbs.quiet(house.app, False, by="bob") if scope == "quiet" else verbs.resume(house.app, scope, by="bob")
    assert [one.text for one in (released.deliveries if comes else released.expired)] == ["How lovely"]
    assert [one.text for one in (released.expired if comes else released.deliveries)] == []
    assert len(standing(house)) == comes
    assert states(house) == ["sent" if comes else "cancelled"]
    assert [(line.by, line.why) for line in house.log("expired")] == (
        [] if comes else [("bob", "waited since 09:00:00 UTC, longer than 15m")]
    )
    assert len(live(house)) == 1, "it stands on the page all the same"


def test_letting_one_account_go_expires_nothing_of_the_others(database: Database, house: House) -> None:
    del database
    desk = a_desk(accounts=("social", "mail"))
    house.app.desk = desk
    verbs.write(house.app, verbs.manuscript("To both", accounts=("social", "mail"), tone=Tone.NEWS), by="ana")
    verbs.pause(house.app, "social", by="ana")
    verbs.pause(house.app, "mail", by="ana")
    house.clock.forward(hours=1)
    released = verbs.resume(house.app, "mail", by="ana")
    assert [one.account for one in released.expired] == ["mail"]
    assert states(house) == ["owed", "cancelled"]


def test_quiet_mode_stops_what_is_light_and_automatic_and_nothing_else(house: House) -> None:
    verbs.write(house.app, verbs.manuscript("Looked at by ana", strand="getinspired", accounts=("social",)), by="ana")
    held(house, "How lovely")
    stopped = verbs.quiet(house.app, True, by="ana")
    assert [one.text for one in stopped.deliveries] == ["How lovely"]
    told(house, "The race is stopped")
    assert standing(house) == ["#GetInspired: Looked at by ana", "Official: The race is stopped"]


def test_in_quiet_mode_nothing_light_is_written_live_and_everything_is_drafted(house: House) -> None:
    verbs.quiet(house.app, True, by="ana")
    with pytest.raises(RefusedError, match="quiet mode is on and this update is light"):
        told(house, "Have fun", strand="getinspired")
    draft = verbs.write(house.app, verbs.manuscript("Have fun", strand="getinspired", draft=True), by="ana").update
    with pytest.raises(RefusedError, match="quiet mode is on and this update is light"):
        verbs.edit(house.app, draft.slug, changes={}, by="ana", tell=True)
    verbs.write(house.app, verbs.manuscript("Ambulances", strand="getinspired", tone=Tone.SAFETY), by="ana")
    assert [update.text for update in live(house)] == ["Ambulances"]
    verbs.quiet(house.app, False, by="ana")
    house.clock.forward(seconds=1)
    verbs.edit(house.app, draft.slug, changes={}, by="ana", tell=True)
    assert [update.text for update in live(house)] == ["Ambulances", "Have fun"]


@pytest.mark.parametrize("scope", ["page", ""])
def test_a_paused_page_shows_nothing_new_still_takes_back_and_goes_on_afterwards(house: House, scope: str) -> None:
    first = told(house, "Here we go")
    told(house, "On we go")
    page(house)
    verbs.pause(house.app, scope, by="ana")
    told(house, "Not yet")
    shown = page(house)
    assert "On we go" in shown
    assert "Not yet" not in shown
    assert "New updates are held back" in shown
    verbs.take_back(house.app, first.slug, by="ana")
    assert "Here we go" not in page(house)
    verbs.resume(house.app, scope, by="ana")
    shown = page(house)
    assert "Not yet" in shown
    assert "held back" not in shown


def test_a_paused_page_stops_no_account(house: House) -> None:
    told(house, "Here we go")
    stopped = verbs.pause(house.app, "page", by="ana")
    assert stopped.deliveries == ()
    assert standing(house) == ["Official: Here we go"]


def test_what_is_scheduled_is_listed_by_every_brake(house: House) -> None:
    due = house.clock() + timedelta(hours=1)
    verbs.write(house.app, verbs.manuscript("Medals", strand="official", due_at=due), by="ana")
    verbs.write(house.app, verbs.manuscript("Perhaps", strand="official", draft=True), by="ana")
    for stopped in (
        verbs.pause(house.app, "", by="ana"),
        verbs.pause(house.app, "social", by="ana"),
        verbs.quiet(house.app, True, by="ana"),
    ):
        assert [update.text for update in stopped.scheduled] == ["Medals"]


def test_a_pause_holds_back_what_is_being_looked_up_only_after_the_look(house: House) -> None:
    assert isinstance(house.publisher, FakePublisher)
    told(house, "Here we go")
    house.publisher.before = lambda: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        house.app.publish("social")
    house.publisher.before = lambda: None
    verbs.pause(house.app, "social", by="ana")
    assert standing(house) == []
    assert [what for what, _ in house.publisher.calls] == ["find"], "looked up, and then held"
    assert states(house) == ["owed"]
    verbs.resume(house.app, "social", by="ana")
    assert standing(house) == ["Official: Here we go"]
