"""What a platform still allows: one kind of call never stops another, and what matters most goes out of the reserve."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.app import look, sign_in, verbs
from bot.core.budget import Allowance, Budget, Meter, Work, read_allowance
from bot.core.errors import RateLimited, Unanswered
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import LengthUnit, Limits, Tone, Worth
from bot.pipeline.announce.step import announce
from bot.store.database import Database
from tests.conftest import OPEN_RULES, House
from tests.fakes import MACHINE_START
from tests.pipeline.houses import Forgetful, reopened, states
from tests.pipeline.incoming import official, told
from tests.pipeline.ruled import LOVELY

IN_AN_HOUR = MACHINE_START + timedelta(hours=1)
PLAN = Plan("plan", (Milestone("one", "mass", timedelta(0), "The masses are off", strand="official"),))


@dataclass
class Metered(Forgetful):
    """An account whose platform says what it still allows."""

    said: list[Allowance] = field(default_factory=list)

    def allowances(self) -> Sequence[Allowance]:
        return tuple(self.said)


@pytest.fixture
def account() -> Metered:
    return Metered(bound=Limits(300, LengthUnit.GRAPHEMES, link=False))


@pytest.fixture
def home(database: Database, build_house: Callable[..., House], account: Metered) -> House:
    return build_house(database, publisher=account, rules=OPEN_RULES + LOVELY)


def publish(house: House, *, after: timedelta = timedelta(0)) -> int:
    house.machine.at += after
    house.clock.at += after
    return house.app.publish("social").done


def of_deletions() -> RateLimited:
    return RateLimited("30 deletions in 30 minutes", IN_AN_HOUR, stops_all=False)


def test_a_limit_on_deletions_stops_no_milestone_and_no_safety_update(home: House, account: Metered) -> None:
    wrong = [told(home, words) for words in ("Wrong", "Wrong too")]
    publish(home)
    for one in wrong:
        verbs.take_back(home.app, one.slug, by="ana", why="wrong")
    account.fail_retract = [of_deletions()]
    announce(home.app.database, home.app.desk, PLAN, now=home.clock())
    verbs.write(home.app, verbs.manuscript("Give way to ambulances", strand="official", tone=Tone.SAFETY), by="ana")
    publish(home)
    assert account.standing()[2:] == ["Official: Give way to ambulances", "Official: The masses are off"]
    assert states(home) == ["retracting", "retracting", "sent", "sent"]
    assert [what for what, _ in account.calls].count("retract") == 1, "the other one is not tried in vain"
    assert publish(home, after=timedelta(hours=1)) == 2
    assert states(home) == ["retracted", "retracted", "sent", "sent"]


def test_a_limit_on_posts_stops_no_deletion(home: House, account: Metered) -> None:
    wrong = told(home, "Wrong")
    publish(home)
    told(home, "Right")
    account.fail = [RateLimited("300 posts in three hours", IN_AN_HOUR, stops_all=False)]
    publish(home)
    verbs.take_back(home.app, wrong.slug, by="ana", why="wrong")
    told(home, "More")
    publish(home)
    assert states(home) == ["retracted", "owed", "owed"]
    assert [what for what, _ in account.calls] == ["publish", "publish", "retract"], "no post is tried in vain"


def test_a_limit_on_looking_stops_nothing_else(home: House, account: Metered) -> None:
    told(home, "One")
    account.fail = [Unanswered("the answer was lost")]
    publish(home)
    account.fail_find = [RateLimited("slow down", IN_AN_HOUR, stops_all=False)]
    publish(home, after=timedelta(seconds=5))
    told(home, "Two")
    publish(home)
    assert states(home) == ["unconfirmed", "sent"]


def test_a_limit_of_one_kind_outlasts_a_restart_and_wakes_the_daemon_in_time(home: House, account: Metered) -> None:
    told(home, "One")
    account.fail = [RateLimited("slow down", IN_AN_HOUR, stops_all=False)]
    publish(home)
    again = reopened(home)
    again.app.retry_refused()
    told(again, "Two")
    again.machine.forward(minutes=5)  # the lease of the first one is over
    assert again.app.publish("social").wait_until == IN_AN_HOUR
    assert [what for what, _ in account.calls] == ["publish"]
    again.app.close()


def test_a_person_who_knows_better_need_not_wait(home: House, account: Metered) -> None:
    told(home, "One")
    account.fail = [RateLimited("the cap of today is reached", IN_AN_HOUR, stops_all=False)]
    publish(home)
    sign_in.retry(home.app, "social", by="ana")
    assert publish(home) == 1
    assert states(home) == ["sent"]


def test_the_last_posts_are_kept_for_milestones_and_safety(home: House, account: Metered) -> None:
    account.said = [Allowance(Work.POSTING, 2, 20, IN_AN_HOUR)]
    official(home, "Here we go")
    publish(home)
    official(home, "The elite men are off")
    announce(home.app.database, home.app.desk, PLAN, now=home.clock())
    publish(home)
    assert states(home) == ["sent", "owed", "sent"]
    assert "are off" in account.standing()[-1]
    account.said = []
    publish(home, after=timedelta(minutes=10))
    assert states(home)[1] == "owed"


def test_what_an_answer_says_is_used_up_is_not_asked_for(home: House, account: Metered) -> None:
    account.said = [Allowance(Work.POSTING, 0, 20, IN_AN_HOUR)]
    told(home, "One")
    publish(home)
    told(home, "Two")
    publish(home)
    assert states(home) == ["sent", "owed"]
    (one,) = look.accounts(home.app)
    assert one.allowances == (Allowance(Work.POSTING, 0, 20, IN_AN_HOUR),)


def test_safety_goes_out_however_late_and_the_rest_expires(home: House, account: Metered) -> None:
    account.said = []
    verbs.pause(home.app, "social", by="ana", why="a look")
    verbs.write(home.app, verbs.manuscript("Give way to ambulances", strand="official", tone=Tone.SAFETY), by="ana")
    told(home, "Here we go")
    home.clock.forward(hours=2)
    stopped = verbs.resume(home.app, "social", by="ana", why="done")
    assert [one.text for one in stopped.expired] == ["Here we go"]
    publish(home)
    assert states(home) == ["sent", "cancelled"]


def test_a_budget_says_what_may_be_done() -> None:
    now = MACHINE_START
    spent, short = Allowance(Work.TAKING_DOWN, 0, 30, IN_AN_HOUR), Allowance(Work.POSTING, 30, 300, IN_AN_HOUR)
    budget = Budget((spent, short), now)
    assert (budget.may(), budget.worth(), budget.changes_at()) == (
        frozenset({Work.POSTING, Work.LOOKING_UP, Work.CORRECTING}),
        Worth.MILESTONE,
        IN_AN_HOUR,
    )
    over = Budget((spent, short), IN_AN_HOUR)
    assert (over.may(), over.worth(), over.changes_at()) == (frozenset(Work), Worth.SNIPPET, None)
    assert Budget((Allowance(Work.POSTING, 31, 300, IN_AN_HOUR),), now).worth() is Worth.SNIPPET
    assert Budget((Allowance(Work.POSTING, 1, 5, IN_AN_HOUR),), now).worth() is Worth.SNIPPET, "too few for a reserve"


@pytest.mark.parametrize(
    ("left", "most"), [("", ""), ("-1", "30"), ("nine", "30"), ("3", ""), ("٣", "30"), ("1e3", "9")]
)
def test_headers_that_are_no_numbers_say_nothing(left: str, most: str) -> None:
    assert read_allowance(Work.POSTING, left, most, IN_AN_HOUR, MACHINE_START) is None


def test_the_window_that_is_nearest_to_its_end_counts() -> None:
    meter = Meter()
    day = read_allowance(Work.POSTING, " 3 ", "17", MACHINE_START + timedelta(days=40), MACHINE_START)
    meter.note(read_allowance(Work.POSTING, "99", "100", IN_AN_HOUR, MACHINE_START), None, day)
    meter.note(None)
    assert meter.allowances() == (Allowance(Work.POSTING, 3, 17, MACHINE_START + timedelta(days=1)),)
