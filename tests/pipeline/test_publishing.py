"""Publishing: what each failure means for a delivery, and that nothing is ever sent twice. Each on both databases."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.milestones.plan import Milestone, Plan
from bot.core.model import LengthUnit, Limits, Receipt, Snippet, Tone
from bot.pipeline import withdraw
from bot.pipeline.announce.step import announce
from bot.store.database import Database
from tests.builders import a_desk
from tests.conftest import OPEN_RULES, House
from tests.fakes import MACHINE_START, FakePublisher
from tests.pipeline.houses import Forgetful, deliveries, reopened, states
from tests.pipeline.incoming import held, official, told
from tests.pipeline.ruled import LOVELY

IN_AN_HOUR = MACHINE_START + timedelta(hours=1)
EVERY_ERROR: list[OutsideError] = [
    Unavailable("connection refused"),
    Unanswered("the answer was lost"),
    RateLimited("slow down", MACHINE_START + timedelta(seconds=30)),
    Rejected("no"),
    Unauthorized("sign in"),
]


class PowerCutError(BaseException):
    """The process is no more."""


@dataclass
class WithHooks(Forgetful):
    """An account that does something when it is asked for its limits, or when a post has just been made."""

    on_limits: Callable[[], None] = lambda: None
    made: Callable[[], None] = lambda: None
    sinces: list[datetime] = field(default_factory=list)

    def limits(self) -> Limits:
        self.on_limits()
        return super().limits()

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        receipt = super().publish(snippet, key)
        self.made()
        return receipt

    def find(self, key: str, since: datetime) -> Receipt | None:
        self.sinces.append(since)
        return super().find(key, since)


@pytest.fixture
def account() -> WithHooks:
    return WithHooks(bound=Limits(300, LengthUnit.GRAPHEMES, link=False))


@pytest.fixture
def home(database: Database, build_house: Callable[..., House], account: WithHooks) -> House:
    """A house whose account knows no keys, with patience: nothing becomes stale by itself."""
    desk = a_desk(stale_after=timedelta(days=9), attempts=4)
    return build_house(database, publisher=account, desk=desk, rules=OPEN_RULES + LOVELY)


def publish(house: House, *, after_s: float = 0) -> int:
    house.machine.forward(seconds=after_s)
    return house.app.publish("social").done


def calls(account: FakePublisher) -> list[str]:
    return [what for what, _ in account.calls]


def status(house: House) -> str:
    (one,) = look.accounts(house.app)
    return one.state


def test_what_went_well_is_sent_with_its_receipt_and_never_again(home: House, account: WithHooks) -> None:
    told(home, "Here we go")
    assert publish(home) == 1
    assert publish(home, after_s=3600) == 0
    (delivery,) = deliveries(home)
    assert (delivery.state.value, delivery.receipt, delivery.attempts) == ("sent", Receipt("1"), 1)
    assert account.standing() == ["Official: Here we go"]
    assert calls(account) == ["publish"]
    assert [line.why for line in home.log("sent")] == ["1"]
    assert status(home) == "ok"


def test_unavailable_is_owed_again_and_waits_longer_each_time(home: House, account: WithHooks) -> None:
    told(home, "Here we go")
    account.fail = [Unavailable("connection refused")] * 3
    for wait in (5, 10, 20):
        assert publish(home) == 1
        assert states(home) == ["owed"]
        assert publish(home, after_s=wait - 1) == 0
        home.machine.forward(seconds=1)
    assert publish(home) == 1
    assert states(home) == ["sent"]
    assert len({key for _, key in account.calls}) == 1, "the same key on every try"
    assert calls(account) == ["publish"] * 4
    assert [line.what for line in home.log() if line.update] == ["told", "delayed", "sent"], "told once, not each time"
    assert status(home) == "ok"


def test_while_one_delivery_waits_for_its_account_the_others_wait_too(home: House, account: WithHooks) -> None:
    told(home, "One")
    told(home, "Two")
    account.fail = [Unavailable("connection refused")]
    publish(home)
    assert states(home) == ["owed", "owed"]
    assert calls(account) == ["publish"]
    publish(home, after_s=5)
    assert states(home) == ["sent", "sent"]


def test_a_failure_is_forgotten_when_it_goes_well_again(home: House, account: WithHooks) -> None:
    told(home, "One")
    account.fail = [Unavailable("connection refused"), Unavailable("connection refused"), None]
    publish(home)
    assert status(home) == "failing"
    publish(home, after_s=5)
    publish(home, after_s=10)
    told(home, "Two")
    account.fail = [Unavailable("connection refused")]
    publish(home)
    assert publish(home, after_s=5) == 1, "the wait is the first one again"
    assert states(home) == ["sent", "sent"]


def test_what_was_provably_not_sent_so_often_is_given_up_and_says_so(home: House, account: WithHooks) -> None:
    told(home, "Here we go")
    account.fail = [Unavailable("connection refused")] * 9
    for _ in range(9):
        publish(home, after_s=3600)
    (delivery,) = deliveries(home)
    assert (delivery.state.value, delivery.error) == ("failed", "given up after 4 tries: connection refused")
    assert calls(account) == ["publish"] * 4
    assert home.log("refused")[-1].why == "Unavailable: given up after 4 tries: connection refused"
    (one,) = look.accounts(home.app)
    assert one.failed == 1


def test_a_limit_holds_for_the_whole_account_until_its_time_and_no_longer(home: House, account: WithHooks) -> None:
    told(home, "One")
    told(home, "Two")
    account.fail = [RateLimited("slow down", IN_AN_HOUR)]
    publish(home)
    home.machine.at = IN_AN_HOUR - timedelta(seconds=1)
    assert home.app.publish("social").wait_until == IN_AN_HOUR
    assert calls(account) == ["publish"]
    assert publish(home, after_s=1) == 2
    assert states(home) == ["sent", "sent"]


def test_a_limit_that_is_past_by_our_clock_is_still_waited_for(home: House, account: WithHooks) -> None:
    told(home, "One")
    account.fail = [RateLimited("slow down", MACHINE_START - timedelta(seconds=1))] * 3
    assert publish(home) == 1
    assert calls(account) == ["publish"], "not asked again and again at once"
    assert publish(home, after_s=5) == 1


def test_a_limit_outlasts_a_restart(home: House, account: WithHooks) -> None:
    told(home, "One")
    account.fail = [RateLimited("slow down", IN_AN_HOUR)]
    publish(home)
    again = reopened(home)
    again.app.retry_refused()
    assert publish(again) == 0
    again.app.close()


def test_what_is_refused_for_good_is_never_tried_again_and_holds_nobody_up(home: House, account: WithHooks) -> None:
    told(home, "One")
    told(home, "Two")
    account.fail = [Rejected("that word is not allowed")]
    assert publish(home) == 2
    home.app.retry_refused()
    publish(home, after_s=1e6)
    assert states(home) == ["failed", "sent"]
    assert calls(account) == ["publish"] * 2
    (line,) = home.log("refused")
    assert line.why == "Rejected: that word is not allowed"
    assert "account social: 1 delivery was refused: `milepost log --what refused`" in look.status(home.app).problems


def test_without_a_key_to_the_door_everything_waits_for_a_person(home: House, account: WithHooks) -> None:
    told(home, "One")
    account.fail = [Unauthorized("the password is wrong"), Unauthorized("the password is wrong")]
    publish(home)
    assert (states(home), status(home)) == (["owed"], "unauthorized")
    assert publish(home, after_s=599) == 0
    assert publish(home, after_s=1) == 1
    assert calls(account) == ["publish"] * 2
    home.app.retry_refused()  # a new start, perhaps with a new password
    assert publish(home) == 0, "the delivery itself waits for its time"
    assert publish(home, after_s=600) == 1
    assert states(home) == ["sent"]


def test_a_try_without_an_answer_that_stands_is_found_and_not_repeated(home: House, account: WithHooks) -> None:
    told(home, "Here we go")
    account.fail_after = [Unanswered("the answer was lost")]
    publish(home)
    assert states(home) == ["unconfirmed"]
    assert "being looked up" in "".join(look.status(home.app).problems)
    assert publish(home, after_s=4) == 0
    publish(home, after_s=1)
    assert states(home) == ["sent"]
    assert calls(account) == ["publish", "find"]
    assert account.standing() == ["Official: Here we go"]
    assert home.log("sent")[-1].why == "found after a try without an answer: 1"


def test_a_try_without_an_answer_that_does_not_stand_is_sent_as_it_was_first_fitted(
    home: House, account: WithHooks
) -> None:
    told(home, "Here we go")
    account.fail = [Unanswered("the answer was lost")]
    publish(home)
    first = deliveries(home)[0]
    account.bound = replace(account.bound, length=50)
    publish(home, after_s=5)
    last = deliveries(home)[0]
    assert calls(account) == ["publish", "find", "publish"]
    assert (last.state.value, last.key, last.payload) == ("sent", first.key, first.payload)
    assert account.standing() == ["Official: Here we go"]
    assert [line.what for line in home.log() if line.update] == ["told", "unconfirmed", "not sent", "sent"]


def test_a_look_goes_back_to_before_the_try(home: House, account: WithHooks) -> None:
    told(home, "Here we go")
    account.fail = [Unanswered("the answer was lost")]
    publish(home)
    publish(home, after_s=3600)
    assert account.sinces == [MACHINE_START - timedelta(minutes=5)]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stands", [True, False])
def test_while_nobody_can_look_nothing_is_sent(
    home: House, account: WithHooks, error: OutsideError, stands: bool
) -> None:
    told(home, "Here we go")
    (account.fail_after if stands else account.fail).append(Unanswered("the answer was lost"))
    publish(home)
    account.fail_find = [error] * 3
    for _ in range(3):
        publish(home, after_s=3700)
        assert states(home) == ["unconfirmed"]
    assert calls(account) == ["publish", "find", "find", "find"]
    publish(home, after_s=3700)
    assert states(home) == ["sent"]
    assert account.standing() == ["Official: Here we go"]


@pytest.mark.parametrize("stands", [True, False])
def test_a_process_that_ended_while_it_sent_is_looked_up_at_the_next_start(
    home: House, account: WithHooks, stands: bool
) -> None:
    told(home, "Here we go")

    def cut() -> None:
        raise PowerCutError

    if stands:
        account.made = cut
    else:
        account.before = cut
    with pytest.raises(PowerCutError):
        publish(home)
    account.made = account.before = lambda: None
    home.app.close()
    again = reopened(home)
    assert states(again) == ["sending"]
    publish(again, after_s=100)
    assert states(again) == ["sent"]
    assert account.standing() == ["Official: Here we go"]
    assert [what for what in calls(account) if what == "find"] == ["find"]
    again.app.close()


def test_looking_up_what_a_dead_process_left_waits_longer_each_time(home: House, account: WithHooks) -> None:
    told(home, "Here we go")

    def cut() -> None:
        raise PowerCutError

    account.made = cut
    with pytest.raises(PowerCutError):
        publish(home)
    account.made = lambda: None
    account.fail_find = [Unavailable("connection refused")] * 12
    for _ in range(60):
        publish(home, after_s=10)
    assert len([what for what in calls(account) if what == "find"]) <= 8, "not every ten seconds for ever"
    publish(home, after_s=300)
    account.fail_find = []
    publish(home, after_s=300)
    assert states(home) == ["sent"]


@pytest.mark.parametrize("error", EVERY_ERROR, ids=lambda error: type(error).__name__)
def test_what_must_go_is_tried_until_it_is_gone_whatever_happens(
    home: House, account: WithHooks, error: OutsideError
) -> None:
    update = told(home, "Wrong runner")
    publish(home)
    verbs.take_back(home.app, update.slug, by="ana")
    account.fail_retract = [error] * 12
    for _ in range(12):
        publish(home, after_s=3700)
        assert states(home) == ["retracting"]
    assert account.standing() == ["Official: Wrong runner"]
    publish(home, after_s=3700)
    assert states(home) == ["retracted"]
    assert account.standing() == []
    assert calls(account) == ["publish", *["retract"] * 13]


def test_a_retraction_that_is_refused_rests_an_hour_and_holds_nobody_up(home: House, account: WithHooks) -> None:
    update = told(home, "Wrong runner")
    publish(home)
    verbs.take_back(home.app, update.slug, by="ana")
    told(home, "The right runner")
    account.fail_retract = [Rejected("too old to delete")]
    publish(home)
    assert states(home) == ["retracting", "sent"]
    assert publish(home, after_s=3599) == 0
    assert publish(home, after_s=1) == 1
    assert states(home) == ["retracted", "sent"]


@pytest.mark.parametrize("error", [None, *EVERY_ERROR], ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("stands", [True, False])
def test_what_is_taken_back_while_it_is_being_sent_does_not_stand_in_the_end(
    home: House, account: WithHooks, error: OutsideError | None, stands: bool
) -> None:
    update = told(home, "Wrong runner")

    def regret() -> None:
        account.made = account.before = lambda: None
        verbs.take_back(home.app, update.slug, by="ana")

    if stands:
        account.made = regret
        account.fail_after = []
    else:
        account.before = regret
        account.fail = [error]
    for _ in range(4):
        publish(home, after_s=3700)
    assert account.standing() == []
    assert states(home)[0] in (("retracted",) if stands or error is None else ("cancelled", "retracted"))
    assert len([what for what in calls(account) if what == "publish"]) == 1


@pytest.mark.parametrize(
    ("error", "stands"),
    [*((error, False) for error in EVERY_ERROR), (Unanswered("lost"), True)],  # no other is raised once it stands
    ids=lambda value: type(value).__name__ if isinstance(value, OutsideError) else "",
)
def test_whatever_a_try_ends_with_it_never_stands_twice(
    home: House, account: WithHooks, error: OutsideError, stands: bool
) -> None:
    told(home, "Here we go")
    told(home, "On we go")
    for again in (home, home, home, reopened(home)):
        (account.fail_after if stands else account.fail).append(error)
        publish(again, after_s=3700)
    account.fail, account.fail_after = [], []
    for _ in range(4):
        publish(again, after_s=3700)
    assert len(account.standing()) == len(set(account.standing()))
    assert set(states(home)) <= {"sent", "failed"}
    assert [state == "sent" for state in states(home)].count(True) == len(account.standing())
    again.app.close()


def test_what_is_older_than_the_desks_patience_is_not_sent(
    database: Database, build_house: Callable[..., House]
) -> None:
    house = build_house(database)  # a quarter of an hour
    told(house, "In time")
    house.clock.forward(minutes=15)
    told(house, "Just now")
    house.clock.forward(seconds=1)
    publish(house)
    assert states(house) == ["cancelled", "sent"]
    (line,) = house.log("expired")
    assert line.why == "owed since 09:00:00 UTC, older than 15m: not sent late"
    assert line.text == "In time"


def test_exactly_at_the_end_of_patience_it_is_still_sent(database: Database, build_house: Callable[..., House]) -> None:
    house = build_house(database)
    told(house, "In time")
    house.clock.forward(minutes=15)
    publish(house)
    assert states(house) == ["sent"]


def test_sends_keep_the_accounts_pace_and_a_retraction_does_not_wait_for_it(home: House, account: WithHooks) -> None:
    account.bound = replace(account.bound, pace_s=30)
    first = told(home, "One")
    told(home, "Two")
    assert publish(home) == 1
    assert home.app.publish("social").wait_until == MACHINE_START + timedelta(seconds=30)
    verbs.take_back(home.app, first.slug, by="ana")
    assert publish(home, after_s=29) == 1
    assert states(home) == ["retracted", "owed"]
    assert publish(home, after_s=1) == 1
    assert states(home) == ["retracted", "sent"]


def test_what_fits_nowhere_is_not_sent_empty(home: House, account: WithHooks) -> None:
    account.bound = Limits(0, LengthUnit.CHARACTERS)
    told(home, "Here we go")
    publish(home)
    (delivery,) = deliveries(home)
    assert (delivery.state.value, delivery.error) == (
        "failed",
        "nothing of it fits this account's limits: post it there by hand",
    )
    assert account.calls == []


@pytest.mark.parametrize("scope", ["social", ""])
def test_a_pause_that_comes_after_the_look_and_before_the_claim_wins(
    home: House, account: WithHooks, scope: str
) -> None:
    told(home, "Here we go")

    def stop() -> None:
        account.on_limits = lambda: None
        verbs.pause(home.app, scope, by="ana")

    account.on_limits = stop
    assert publish(home) == 0
    assert account.calls == []
    verbs.resume(home.app, scope, by="ana")
    publish(home)
    assert account.standing() == ["Official: Here we go"]


def test_quiet_mode_that_comes_after_the_look_and_before_the_claim_wins(home: House, account: WithHooks) -> None:
    held(home, "What a lovely morning")  # by nobody: the rule publishes it

    def hush() -> None:
        account.on_limits = lambda: None
        verbs.quiet(home.app, True, by="ana")

    account.on_limits = hush
    assert publish(home) == 0
    assert account.calls == []
    told(home, "The race is stopped")
    publish(home)
    assert account.standing() == ["Official: The race is stopped"]
    assert states(home) == ["owed", "sent"]


def test_words_that_change_between_the_look_and_the_claim_are_the_ones_that_are_sent(
    home: House, account: WithHooks
) -> None:
    update = told(home, "Road closed")

    def correct() -> None:
        account.on_limits = lambda: None
        verbs.edit(home.app, update.slug, changes={"text": "Road open"}, by="ana")

    account.on_limits = correct
    publish(home)
    assert account.standing() == ["Official: Road open"]


def test_the_oldest_is_sent_first(home: House, account: WithHooks) -> None:
    for number in range(5):
        told(home, f"Number {number}")
    assert publish(home) == 5
    assert account.standing() == [f"Official: Number {number}" for number in range(5)]


def test_after_an_outage_what_is_worth_most_goes_first_and_what_must_go_before_all(
    home: House, account: WithHooks
) -> None:
    stands = told(home, "Stands, and must go")
    publish(home)
    account.fail = [Unauthorized("the token was taken back")]
    number = held(home, "Go on Alice")
    verbs.approve(home.app, str(number), by="ana")
    publish(home)
    official(home, "Here we go", "o1")
    announce(
        home.app.database,
        home.app.desk,
        Plan("plan", (Milestone("one", "mass", timedelta(0), "The masses are off", strand="official"),)),
        now=home.clock(),
    )
    verbs.write(home.app, verbs.manuscript("Give way to ambulances", strand="official", tone=Tone.SAFETY), by="ana")
    withdraw.withdraw(home.app.database, stands.id, now=home.clock(), by="ana", why="wrong")
    account.calls.clear()
    home.machine.forward(minutes=11)
    publish(home)
    assert [what for what, _ in account.calls] == ["retract", "publish", "publish", "publish", "publish"]
    order = ["Give way to ambulances", "The masses are off", "Here we go", "Go on Alice"]
    assert all(words in text for words, text in zip(order, account.standing(), strict=True)), account.standing()
