"""Milestones by a person's hand: told early, late or never, and never twice. Each on both databases."""

from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import NotFoundError, RefusedError
from bot.core.milestones.facts import Facts
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import Tone
from bot.pipeline.announce import by_hand
from bot.pipeline.announce.by_hand import Fired
from bot.pipeline.announce.step import Announced, announce
from bot.store import milestones
from tests.conftest import House
from tests.pipeline.houses import deliveries, live, states


def milestone(name: str, hours: float, **more: object) -> Milestone:
    values: dict[str, object] = {"text": f"{name} at {{{{ time }}}}", "strand": "official", **more}
    return Milestone(name, "mass", timedelta(hours=hours), **values)  # type: ignore[arg-type] # fields by name


PLAN = Plan("plan", (milestone("one", 1), milestone("two", 2), milestone("light", 3, tone=Tone.LIGHT)))


def tick(house: House, **more: float) -> Announced:
    house.clock.forward(**more)
    return announce(house.app.database, house.app.desk, PLAN, now=house.clock())


def fire(house: House, name: str) -> Fired:
    desk = house.app.desk
    facts = Facts(house.clock(), desk.clocks, desk.event, desk.zone)
    return by_hand.fire(house.app.database, desk, PLAN, name, facts, by="ana")


def skip(house: House, name: str) -> None:
    by_hand.skip(house.app.database, house.app.desk, PLAN, name, now=house.clock(), by="ana")


def known(house: House) -> dict[str, str]:
    with house.app.database.read() as tx:
        return milestones.states(tx)


def texts(house: House) -> list[str]:
    return [update.text for update in live(house)]


def test_one_is_told_before_its_time_and_not_again_at_it(house: House) -> None:
    fired = fire(house, "one")
    assert fired.accounts == ("social",)
    assert texts(house) == ["one at 11:00"]
    assert tick(house, hours=1) == Announced()
    assert texts(house) == ["one at 11:00"]
    (line,) = house.log("told")
    assert (line.by, "before its time: a person said so" in line.why) == ("ana", True)
    with pytest.raises(RefusedError, match="told already, as update"):
        fire(house, "one")


def test_one_that_was_missed_is_offered_and_told_late(house: House) -> None:
    assert tick(house, hours=1.5) == Announced(missed=1)
    assert "milepost milestones fire one" in house.log("missed")[-1].why
    fire(house, "one")
    assert texts(house) == ["one at 11:00"]
    assert known(house) == {"one": "told"}
    assert "late, it was missed" in house.log("told")[-1].why
    assert tick(house) == Announced()


def test_one_that_is_skipped_is_not_told_by_itself_but_by_a_person(house: House) -> None:
    skip(house, "one")
    skip(house, "one")
    assert tick(house, hours=1) == Announced()
    assert texts(house) == []
    assert [line.by for line in house.log("skipped")] == ["ana"]
    fire(house, "one")
    assert texts(house) == ["one at 11:00"]
    with pytest.raises(RefusedError, match="milepost withdraw"):
        skip(house, "one")


def test_one_that_was_missed_can_be_left(house: House) -> None:
    tick(house, hours=1.5)
    skip(house, "one")
    assert known(house) == {"one": "skipped"}


def test_what_was_withdrawn_is_never_told_twice(house: House) -> None:
    fired = fire(house, "one")
    verbs.take_back(house.app, fired.update.slug, by="ana", why="wrong")
    with pytest.raises(RefusedError, match="never told twice"):
        fire(house, "one")


def test_where_it_expired_unsent_it_is_owed_again_once(house: House) -> None:
    verbs.pause(house.app, "social", by="ana", why="a look")
    tick(house, hours=1)
    house.clock.forward(hours=1)
    verbs.resume(house.app, "social", by="ana", why="done")
    assert states(house) == ["cancelled"]
    assert fire(house, "one").accounts == ("social",)
    house.app.publish("social")
    assert states(house) == ["sent"]
    assert texts(house) == ["one at 11:00"], "on the page it is told once"
    with pytest.raises(RefusedError, match="told already"):
        fire(house, "one")
    assert len(deliveries(house)) == 1


def test_in_quiet_mode_nothing_light_is_told(house: House) -> None:
    verbs.quiet(house.app, True, by="ana")
    with pytest.raises(RefusedError, match="quiet mode is on"):
        fire(house, "light")
    fire(house, "one")
    assert known(house) == {"one": "told"}


def test_a_name_that_the_plan_does_not_have_is_told_with_the_nearest(house: House) -> None:
    with pytest.raises(NotFoundError, match="did you mean 'one'"):
        fire(house, "onee")
    with pytest.raises(NotFoundError):
        skip(house, "nothing like it")


def test_what_was_missed_while_the_plan_stood_is_an_alarm_until_a_person_has_decided(house: House) -> None:
    file = house.rules / "milestones.toml"
    file.write_text(
        '[[milestone]]\nid = "before"\nclock = "mass"\nafter = "-1h"\ntext = "Long ago"\n\n'
        '[[milestone]]\nid = "one"\nclock = "mass"\nafter = "1h"\ntext = "One hour"\n'
    )
    house.app.adopt(at_once=True)
    house.clock.forward(hours=2)
    house.app.announce()
    (found,) = [one for one in house.app.conditions() if one.id == "milestones: missed"]
    assert (found.about, found.mend) == (
        "1 milestone too late to be told by itself: one",
        "milepost milestones fire one, or milepost milestones skip one",
    )
    assert any("`milepost milestones fire one`, or `milepost" in problem for problem in look.status(house.app).problems)
    by_hand.skip(house.app.database, house.app.desk, house.app.plan(), "one", now=house.clock(), by="ana")
    assert not [one for one in house.app.conditions() if one.id == "milestones: missed"]
