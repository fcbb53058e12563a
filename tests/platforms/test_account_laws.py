"""What every registered kind of account and of alarm does, whatever stands behind it."""

from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.core.alarms import Alarm, Condition, Notice
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unavailable
from bot.core.model import Snippet
from bot.core.ports import ByHand, Revising
from bot.platforms import registry
from tests.platforms.answers import ANSWERS, WAIT, Answer, keeps_secrets
from tests.platforms.contract import check_lost_answer, check_publisher, new_key
from tests.platforms.stands.stand import AccountStand, AlarmStand, Ground, speaks_http, stand_of

_KINDS = registry.account_kinds()
_BY_HAND = tuple(kind for kind in _KINDS if issubclass(registry.account_class(kind), ByHand))
_FINDS = tuple(kind for kind in _KINDS if kind not in _BY_HAND)
_REVISES = tuple(kind for kind in _KINDS if issubclass(registry.account_class(kind), Revising))
_HTTP = tuple(kind for kind in _KINDS if speaks_http(kind))
_HTTP_ALARMS = tuple(kind for kind in registry.alarm_kinds() if speaks_http(kind))
_numbers = count(1)


def said(at: datetime) -> Snippet:
    """Words that nobody has said before."""
    return Snippet(f"{next(_numbers)} runners set to start", at)


def notice(at: datetime) -> Notice:
    condition = Condition(
        "account bluesky: unauthorized", "account bluesky is refused", "milepost accounts login bluesky"
    )
    return Notice("n1", "London Marathon", at, (Alarm(condition, at),))


def account(kind: str, ground: Ground) -> tuple[AccountStand, datetime]:
    """A stand, and a moment before all that happens there."""
    stand: AccountStand = stand_of("account", kind, ground)
    return stand, stand.now() - timedelta(minutes=5)


@pytest.mark.parametrize("kind", _FINDS)
def test_each_update_stands_once_is_found_and_goes(kind: str, ground: Ground) -> None:
    stand, since = account(kind, ground)
    check_publisher(stand.make, stand.standing, [said(stand.now()), said(stand.now())], since)


@pytest.mark.parametrize("kind", [kind for kind in _FINDS if kind in _HTTP])
def test_what_stands_though_its_answer_was_lost_is_found_and_not_said_again(kind: str, ground: Ground) -> None:
    stand, since = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    proxy, to = stand.wire.proxy, stand.wire.to
    check_lost_answer(stand.make, lambda: proxy.lose(1, to), stand.standing, said(stand.now()), since)
    assert proxy.lost == 1


@pytest.mark.parametrize("kind", _BY_HAND)
def test_where_nobody_can_be_asked_a_person_is(kind: str, ground: Ground) -> None:
    stand, since = account(kind, ground)
    assert stand.wire is not None
    key, before = new_key(), len(stand.standing())
    stand.wire.proxy.lose(1, stand.wire.to)
    with pytest.raises(Unanswered):
        stand.make().publish(said(stand.now()), key)
    assert len(stand.standing()) == before + 1
    publisher = stand.make()
    assert isinstance(publisher, ByHand)
    with pytest.raises(Rejected, match="accounts settle"):
        publisher.find(key, since)
    assert publisher.seen("").id
    with pytest.raises(Rejected, match="by hand"):
        publisher.retract(publisher.seen(""))
    receipt = publisher.publish(said(stand.now()), new_key())
    assert len(stand.standing()) == before + 2
    with suppress(Rejected):
        publisher.retract(receipt)
        stand.make().retract(receipt)
        assert len(stand.standing()) == before + 1


@pytest.mark.parametrize("kind", _KINDS)
def test_where_nobody_listens_nothing_was_said(kind: str, ground: Ground) -> None:
    stand, since = account(kind, ground)
    key, before, snippet = new_key(), len(stand.standing()), said(stand.now())
    with pytest.raises(Unavailable):
        stand.nowhere().publish(snippet, key)
    if kind in _FINDS:
        assert stand.make().find(key, since) is None
    assert len(stand.standing()) == before
    assert stand.make().publish(snippet, key).id
    assert len(stand.standing()) == before + 1


@pytest.mark.parametrize("kind", _REVISES)
def test_other_words_take_the_place_of_those_that_stand(kind: str, ground: Ground) -> None:
    stand, _ = account(kind, ground)
    publisher = stand.make()
    assert isinstance(publisher, Revising)
    receipt = publisher.publish(said(stand.now()), new_key())
    before = list(stand.standing())
    key, other = new_key(), said(stand.now())
    for _ in range(2):
        publisher = stand.make()
        assert isinstance(publisher, Revising)
        assert publisher.revise(receipt, other, key).id == receipt.id
    assert len(stand.standing()) == len(before)
    assert [text for text in stand.standing() if text not in before] == [other.text]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", _HTTP)
def test_each_answer_has_its_name_and_the_update_is_said_once_after_it(
    kind: str, answer: Answer, ground: Ground
) -> None:
    stand, since = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    key, before, snippet = new_key(), len(stand.standing()), said(stand.now())
    stand.wire.proxy.answer(answer.on_the_wire(stand.now()), stand.wire.to)
    if answer.is_yes and not stand.wire.answers_are_read:
        assert stand.make().publish(snippet, key).id
        return
    at = stand.now()
    with pytest.raises(OutsideError) as found:
        stand.make().publish(snippet, key)
    check_name(found.value, answer, at)
    assert len(stand.standing()) == before
    stand.wire.proxy.mend()
    stand.later()
    settled = None
    if kind in _FINDS and isinstance(found.value, Unanswered):
        settled = stand.make().find(key, since)
    receipt = settled or stand.make().publish(snippet, key)
    assert receipt.id
    assert len(stand.standing()) == before + 1


@pytest.mark.parametrize("kind", _HTTP)
def test_a_host_that_never_answers_may_have_heard_it(
    kind: str, ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand, _ = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    stand.make().publish(said(stand.now()), new_key())  # signed in, and the server is known
    monkeypatch.setattr(*stand.wire.patience)
    stand.wire.proxy.keep_silent(stand.wire.to)
    with pytest.raises(Unanswered):
        stand.make().publish(said(stand.now()), new_key())


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", [kind for kind in _FINDS if kind in _HTTP])
def test_what_cannot_be_looked_for_is_not_called_unsaid(kind: str, answer: Answer, ground: Ground) -> None:
    stand, since = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    key, before, snippet = new_key(), len(stand.standing()), said(stand.now())
    stand.wire.proxy.lose(1, stand.wire.to)
    with pytest.raises(Unanswered):
        stand.make().publish(snippet, key)
    stand.wire.proxy.answer(answer.on_the_wire(stand.now()), stand.wire.finds)
    try:
        assert stand.make().find(key, since) is not None
    except OutsideError as error:
        fault: OutsideError | None = error
    else:
        fault = None
    assert fault is None or type(fault) in answer.reading | answer.posting, repr(fault)
    assert fault is None or keeps_secrets(fault)
    stand.wire.proxy.mend()
    stand.later()
    assert stand.make().find(key, since) is not None
    assert len(stand.standing()) == before + 1


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", [kind for kind in _REVISES if kind in _HTTP])
def test_words_that_could_not_be_put_there_are_put_at_the_next_try(kind: str, answer: Answer, ground: Ground) -> None:
    stand, _ = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    first = stand.make()
    assert isinstance(first, Revising)
    receipt, other, key = first.publish(said(stand.now()), new_key()), said(stand.now()), new_key()
    before = len(stand.standing())
    stand.wire.proxy.answer(answer.on_the_wire(stand.now()), stand.wire.revises)
    if answer.is_yes and not stand.wire.answers_are_read:
        return
    try:
        first.revise(receipt, other, key)
    except OutsideError as error:
        fault: OutsideError | None = error
    else:
        fault = None
    if fault is None:
        assert answer.is_yes, "only a yes is one"
        return
    assert type(fault) in answer.reading | answer.posting, repr(fault)
    stand.wire.proxy.mend()
    stand.later()
    second = stand.make()
    assert isinstance(second, Revising)
    assert second.revise(receipt, other, key).id == receipt.id
    assert other.text in stand.standing()
    assert len(stand.standing()) == before


@pytest.mark.parametrize("answer", [answer for answer in ANSWERS if not answer.is_yes], ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", _HTTP)
def test_what_was_not_taken_down_stays_and_is_taken_down_at_the_next_try(
    kind: str, answer: Answer, ground: Ground
) -> None:
    stand, _ = account(kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    receipt = stand.make().publish(said(stand.now()), new_key())
    before = len(stand.standing())
    if not stand.wire.retracts:
        with pytest.raises(Rejected, match="by hand"):
            stand.make().retract(receipt)
        return
    stand.wire.proxy.answer(answer.on_the_wire(stand.now()), stand.wire.retracts)
    try:
        stand.make().retract(receipt)
    except OutsideError as error:
        fault = error
    else:
        assert answer.status in {404, 410}, "whoever says that it is not there means that it is gone"
        return
    # Whether it was done matters to nobody: it is done again.
    assert isinstance(fault, (*answer.reading, *answer.posting)), repr(fault)
    assert keeps_secrets(fault)
    assert len(stand.standing()) == before
    stand.wire.proxy.mend()
    stand.later()
    stand.wire.proxy.lose(1, stand.wire.retracts)
    with pytest.raises((Unavailable, Unanswered)):
        stand.make().retract(receipt)
    assert len(stand.standing()) == before - 1
    stand.make().retract(receipt)
    assert len(stand.standing()) == before - 1


def check_name(error: OutsideError, answer: Answer, at: datetime) -> None:
    """Hold that an error has one of an answer's names, and says until when where it must."""
    assert type(error) in answer.posting, repr(error)
    assert keeps_secrets(error)
    if isinstance(error, RateLimited):
        assert at < error.until <= at + timedelta(days=1, seconds=5)
        if answer.says_until:
            assert abs(error.until - at - WAIT) <= timedelta(seconds=5)


@pytest.mark.parametrize("kind", registry.alarm_kinds())
def test_an_alarm_arrives_and_where_nobody_listens_that_is_certain(kind: str, ground: Ground) -> None:
    stand: AlarmStand = stand_of("alarm", kind, ground)
    with pytest.raises(Unavailable):
        stand.nowhere().send(notice(stand.now()))
    assert stand.arrived() == 0
    stand.make().send(notice(stand.now()))
    assert stand.arrived() == 1


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.name)
@pytest.mark.parametrize("kind", _HTTP_ALARMS)
def test_each_answer_to_an_alarm_has_its_name(kind: str, answer: Answer, ground: Ground) -> None:
    stand: AlarmStand = stand_of("alarm", kind, ground)
    assert stand.wire is not None, "it speaks HTTP: its stand says over which wire"
    stand.wire.proxy.answer(answer.on_the_wire(stand.now()), stand.wire.to)
    if answer.is_yes and not stand.wire.answers_are_read:
        stand.make().send(notice(stand.now()))
        return
    with pytest.raises(OutsideError) as found:
        stand.make().send(notice(stand.now()))
    check_name(found.value, answer, stand.now())
