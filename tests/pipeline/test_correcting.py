"""Words that changed after they were told: corrected where they stand, and said where that cannot be. On both databases."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.app import look, verbs
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import LengthUnit, Limits, Receipt, Snippet, Update
from bot.store.database import Database
from tests.conftest import OPEN_RULES, House
from tests.fakes import MACHINE_START
from tests.pipeline.houses import Forgetful, deliveries, reopened, states
from tests.pipeline.incoming import told

IN_AN_HOUR = MACHINE_START + timedelta(hours=1)


class PowerCutError(BaseException):
    """The process is no more."""


@dataclass
class Editable(Forgetful):
    """An account whose posts can be edited."""

    revised: list[tuple[str, str]] = field(default_factory=list)
    fail_revise: list[OutsideError | None] = field(default_factory=list)
    after_revise: Callable[[], None] = lambda: None
    made: Callable[[], None] = lambda: None

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        receipt = super().publish(snippet, key)
        self.made()
        return receipt

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        self.calls.append(("revise", key))
        self._maybe(self.fail_revise)
        own, _, there = self.posts[int(receipt.id) - 1]
        self.posts[int(receipt.id) - 1] = (own, snippet.text, there)
        self.revised.append((key, snippet.text))
        self.after_revise()
        return receipt


LIMITS = Limits(300, LengthUnit.GRAPHEMES, link=False)


@pytest.fixture
def account() -> Editable:
    return Editable(bound=LIMITS)


@pytest.fixture
def home(database: Database, build_house: Callable[..., House], account: Editable) -> House:
    return build_house(database, publisher=account, rules=OPEN_RULES)


@pytest.fixture
def stubborn(database: Database, build_house: Callable[..., House]) -> House:
    """A house whose account cannot edit."""
    return build_house(database, publisher=Forgetful(bound=LIMITS), rules=OPEN_RULES)


def publish(house: House, *, after: timedelta = timedelta(0)) -> int:
    house.machine.at += after
    house.clock.at += after
    return house.app.publish("social").done


def reword(house: House, update: Update, text: str) -> str:
    return verbs.edit(house.app, update.slug, changes={"text": text}, by="ana").note


def calls(account: Forgetful) -> list[str]:
    return [what for what, _ in account.calls]


def test_new_words_take_the_place_of_those_that_stand(home: House, account: Editable) -> None:
    update = told(home, "39,689 are set to start")
    publish(home)
    assert reword(home, update, "39,698 are set to start") == "being corrected at social"
    assert states(home) == ["correcting"]
    assert publish(home) == 1
    assert account.standing() == ["Official: 39,698 are set to start"]
    (delivery,) = deliveries(home)
    assert (delivery.state.value, delivery.payload and delivery.payload.text) == (
        "sent",
        "Official: 39,698 are set to start",
    )
    assert calls(account) == ["publish", "revise"]
    assert [line.what for line in home.log() if line.update] == ["told", "sent", "edited", "corrected"]
    assert publish(home, after=timedelta(hours=1)) == 0


def test_an_account_that_cannot_edit_keeps_the_old_words_and_the_log_says_so(stubborn: House) -> None:
    update = told(stubborn, "39,689 are set to start")
    publish(stubborn)
    assert "these accounts carry the old words: social" in reword(stubborn, update, "39,698 are set to start")
    publish(stubborn)
    assert states(stubborn) == ["sent"]
    (line,) = stubborn.log("not corrected")
    assert f"milepost withdraw {update.slug}" in line.why


def test_what_the_account_does_not_show_is_no_correction(home: House, account: Editable) -> None:
    update = told(home, "Here we go")
    publish(home)
    verbs.edit(home.app, update.slug, changes={"title": "Off"}, by="ana")
    publish(home)
    assert states(home) == ["sent"]
    before = len(account.calls)
    verbs.edit(home.app, update.slug, changes={"title": "Off"}, by="ana", note="nothing new")
    publish(home)
    assert (states(home), len(account.calls)) == (["sent"], before)


def test_what_is_edited_while_it_is_sent_is_corrected_next(home: House, account: Editable) -> None:
    update = told(home, "39,689 are set to start")

    def meanwhile() -> None:
        account.made = lambda: None
        reword(home, update, "39,698 are set to start")

    account.made = meanwhile
    publish(home)
    assert account.standing() == ["Official: 39,698 are set to start"]
    assert (states(home), calls(account)) == (["sent"], ["publish", "revise"])


def test_what_is_edited_while_it_is_corrected_is_corrected_again(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")

    def meanwhile() -> None:
        account.after_revise = lambda: None
        reword(home, update, "Three")

    account.after_revise = meanwhile
    publish(home)
    assert account.standing() == ["Official: Three"]
    assert [text for _, text in account.revised] == ["Official: Two", "Official: Three"]
    assert len({key for key, _ in account.revised}) == 2
    assert states(home) == ["sent"]


def test_taking_down_wins_over_correcting(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")
    verbs.take_back(home.app, update.slug, by="ana", why="wrong")
    publish(home)
    assert (states(home), account.standing()) == (["retracted"], [])
    assert "revise" not in calls(account)


@pytest.mark.parametrize("error", [None, Unavailable("reset"), Unanswered("lost"), RateLimited("slow", IN_AN_HOUR)])
def test_what_is_taken_back_while_it_is_corrected_is_taken_down(
    home: House, account: Editable, error: OutsideError | None
) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")

    def back() -> None:
        verbs.take_back(home.app, update.slug, by="ana", why="wrong")
        if error is not None:
            raise error

    account.after_revise = back
    publish(home)
    publish(home, after=timedelta(hours=1))
    assert (states(home), account.standing()) == (["retracted"], [])


def test_a_correction_that_failed_is_made_again_under_the_same_key(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")
    account.fail_revise = [Unavailable("reset"), Unanswered("lost"), Unauthorized("sign in")]
    for _ in range(4):
        publish(home, after=timedelta(minutes=10))
    assert (states(home), account.standing()) == (["sent"], ["Official: Two"])
    assert len({key for what, key in account.calls if what == "revise"}) == 1


def test_a_correction_that_is_refused_leaves_the_old_words_and_says_so(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")
    account.fail_revise = [Rejected("too old to edit")]
    publish(home)
    assert (states(home), account.standing()) == (["sent"], ["Official: One"])
    (line,) = home.log("not corrected")
    assert line.why == "the old words stay: too old to edit"
    (one,) = look.accounts(home.app)
    assert one.state == "ok"


def test_a_limit_on_corrections_stops_nothing_else(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")
    account.fail_revise = [RateLimited("slow down", IN_AN_HOUR, stops_all=False)]
    told(home, "More")
    publish(home)
    assert states(home) == ["correcting", "sent"]
    publish(home, after=timedelta(hours=1))
    assert states(home) == ["sent", "sent"]


def test_a_process_that_ends_in_the_middle_of_a_correction_goes_on_with_it(home: House, account: Editable) -> None:
    update = told(home, "One")
    publish(home)
    reword(home, update, "Two")

    def cut() -> None:
        raise PowerCutError

    account.after_revise = cut
    with pytest.raises(PowerCutError):
        home.app.publish("social")
    account.after_revise = lambda: None
    again = reopened(home)
    again.machine.forward(minutes=5)
    again.app.publish("social")
    assert (states(again), account.standing()) == (["sent"], ["Official: Two"])
    assert len({key for key, _ in account.revised}) == 1
    again.app.close()


def test_corrections_go_before_what_is_new_and_after_what_must_go(home: House, account: Editable) -> None:
    wrong, typo = told(home, "Wrong"), told(home, "Typpo")
    publish(home)
    told(home, "New")
    reword(home, typo, "Typo")
    verbs.take_back(home.app, wrong.slug, by="ana", why="wrong")
    account.calls.clear()
    publish(home)
    assert calls(account) == ["retract", "revise", "publish"]


def test_a_paused_account_is_corrected_when_it_goes_on(home: House, account: Editable) -> None:
    update = told(home, "Typpo")
    publish(home)
    verbs.pause(home.app, "social", by="ana", why="a look")
    reword(home, update, "Typo")
    assert publish(home) == 0
    (one,) = look.accounts(home.app)
    assert (one.state, one.correcting) == ("paused", 1)
    verbs.resume(home.app, "social", by="ana", why="done")
    publish(home)
    assert account.standing() == ["Official: Typo"]


def test_pictures_that_stand_stay(home: House, account: Editable) -> None:
    account.bound = replace(LIMITS, media=4)
    update = told(home, "One")
    publish(home)
    (before,) = deliveries(home)
    reword(home, update, "Two")
    publish(home)
    (after,) = deliveries(home)
    assert before.payload is not None
    assert after.payload is not None
    assert (after.payload.media, after.payload.created_at) == (before.payload.media, before.payload.created_at)
