"""The consent policy: each signal has a reason, and who yields to what is as docs/consent.md says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.core.consent import STOP_WORDS, WEIGHTS, Answer, ConsentPolicy, Signal, page_alone
from bot.core.model import NEEDS_CONSENT, Entity, Post, Verdict
from tests.builders import a_post
from tests.conftest import ROOT

OWN = {"bluesky:did:plc:desk", "mastodon:https://running.example/users/desk"}
POLICY = ConsentPolicy()
SIGNALLED = {
    Signal.PROTECTED: "protected",
    Signal.WITHHELD: "withheld:GB",
    Signal.TAKEN_DOWN: "!takedown",
    Signal.HIDDEN: "!hide",
    Signal.NOT_PUBLIC: "visibility:unlisted",
    Signal.LOGGED_IN_ONLY: "!no-unauthenticated",
    Signal.NO_BOTS: "#nobot",
    Signal.NO_INDEX: "noindex",
    Signal.NOT_INDEXABLE: "not-indexable",
    Signal.NOT_DISCOVERABLE: "not-discoverable",
    Signal.LIMITED: "limited",
    Signal.MEMORIAL: "memorial",
    Signal.NOT_ASKED: NEEDS_CONSENT,
    Signal.UNKNOWN: "!unknown-labels",
}


def labelled(*labels: str, platform: str = "bluesky") -> Post:
    post = structs.replace(a_post("Go on Alice", author="did:plc:ana"), platform=platform)
    return structs.replace(post, author=structs.replace(post.author, labels=labels))


def signals(post: Post, policy: ConsentPolicy = POLICY, **more: object) -> list[Signal]:
    return [one.signal for one in policy.objections(post, **more)]  # type: ignore[arg-type] # arguments by name


@pytest.mark.parametrize("signal", SIGNALLED)
def test_each_signal_is_seen_on_the_author_on_the_post_and_later(signal: Signal) -> None:
    label = SIGNALLED[signal]
    assert signals(labelled(label)) == [signal]
    assert signals(structs.replace(labelled(), labels=(label,))) == [signal]
    assert signals(labelled(), labels=(label,)) == [signal]
    (found,) = POLICY.objections(labelled(label))
    assert found.verdict is WEIGHTS[signal].verdict
    assert found.why.startswith(f"consent: {signal.value}: ")


@pytest.mark.parametrize("signal", SIGNALLED)
def test_a_yes_helps_against_what_its_author_can_allow_and_nothing_else(signal: Signal) -> None:
    post = labelled(SIGNALLED[signal])
    yields = WEIGHTS[signal].yields
    assert bool(signals(post, answer=Answer(page=True))) is not yields
    assert bool(signals(post, ConsentPolicy(agreed=frozenset({"bluesky:did:plc:ana"})))) is not yields
    assert signals(post, ConsentPolicy(agreed=frozenset({"mastodon:did:plc:ana"}))) == [signal]
    assert bool(signals(post, is_official=True)) is not WEIGHTS[signal].to_officials
    if yields:
        assert signals(post, ConsentPolicy(disregard=frozenset({signal}))) == []


def test_every_signal_has_a_weight_and_a_row_in_the_document() -> None:
    assert set(WEIGHTS) == set(Signal)
    assert set(SIGNALLED) | {Signal.OPTED_OUT, Signal.SAID_NO} == set(Signal)
    rows = re.findall(r"^\| `([a-z-]+)` \| .*? \| (dropped|held)", (ROOT / "docs/consent.md").read_text(), re.MULTILINE)
    assert [(Signal(name), what) for name, what in rows] == [
        (signal, "dropped" if WEIGHTS[signal].verdict is Verdict.DROP else "held") for signal in Signal
    ]


def test_nothing_speaks_against_an_ordinary_post() -> None:
    assert signals(labelled()) == []
    assert signals(labelled("bot", "indexable", "discoverable", "spoiler", platform="mastodon")) == []


def test_opt_outs_and_a_no_help_against_every_yes() -> None:
    agreed = ConsentPolicy(agreed=frozenset({"bluesky:did:plc:ana"}))
    assert signals(labelled(), agreed, opted_out=True, answer=Answer(page=True)) == [Signal.OPTED_OUT]
    assert signals(labelled(), agreed, is_official=True, answer=Answer()) == [Signal.SAID_NO]


def test_the_strongest_comes_first() -> None:
    assert signals(labelled("!unknown-labels", "noindex", "protected"), opted_out=True) == [
        Signal.OPTED_OUT,
        Signal.PROTECTED,
        Signal.NO_INDEX,
        Signal.UNKNOWN,
    ]


def test_strict_takes_silence_for_no_agreement_where_people_can_agree() -> None:
    strict = ConsentPolicy(strict=True)
    silent = [Signal.NOT_INDEXABLE, Signal.NOT_DISCOVERABLE]
    assert signals(labelled(platform="mastodon"), strict) == silent
    assert signals(labelled("indexable", platform="mastodon"), strict) == silent[1:]
    assert signals(labelled("indexable", "discoverable", platform="mastodon"), strict) == []
    assert signals(labelled(platform="bluesky"), strict) == []


@given(
    st.lists(st.sampled_from(sorted(SIGNALLED.values()))),
    st.booleans(),
    st.none() | st.builds(Answer, st.booleans(), st.booleans()),
    st.booleans(),
)
def test_more_that_speaks_against_a_post_never_shows_it(
    labels: list[str], is_official: bool, answer: Answer | None, opted_out: bool
) -> None:
    found = signals(labelled(*labels), is_official=is_official, answer=answer, opted_out=opted_out)
    more = signals(labelled(*labels, "protected"), is_official=is_official, answer=answer, opted_out=opted_out)
    assert set(found) | {Signal.PROTECTED} == set(more)


def to_us(text: str) -> Post:
    return structs.replace(labelled(), text=text, reply_to="at://did:plc:desk/app.bsky.feed.post/3k")


@pytest.mark.parametrize("words", STOP_WORDS)
def test_who_tells_us_to_stop_is_heard(words: str) -> None:
    for text in (words, f"{words.upper()}!", f"@desk.example {words}, please.", f"Hi, {words} 🙏 #GetInspired"):
        assert POLICY.is_stop(to_us(text), OWN), text


@pytest.mark.parametrize(
    "text",
    [
        "Don't stop!",
        "stop it, you two 😂",
        "Non-stop since mile 20",
        "I cannot stop crying",
        "Full stop.",
        "Please do not remove me from the results",
        "they had to stop the race",
        "Stop motion of the start: https://example.org",
        "",
        "👍",
        "#stop",
        "remove me and I will sue, see you in court",
    ],
)
def test_who_says_something_else_is_not_silenced(text: str) -> None:
    assert not POLICY.is_stop(to_us(text), OWN)


def test_stop_counts_only_where_it_is_said_to_us() -> None:
    said = structs.replace(labelled(), text="stop")
    assert not POLICY.is_stop(said, OWN)
    assert not POLICY.is_stop(structs.replace(said, reply_to="at://did:plc:bo/app.bsky.feed.post/3k"), OWN)
    assert not POLICY.is_stop(to_us("stop"), ())
    mention = (Entity("mention", 0, 5, "did:plc:desk"),)
    assert POLICY.is_stop(structs.replace(said, text="@desk stop", entities=mention), OWN)
    elsewhere = structs.replace(labelled(platform="mastodon"), text="@desk stop")
    page = (Entity("mention", 0, 5, "https://running.example/@desk"),)
    assert POLICY.is_stop(structs.replace(elsewhere, entities=page), OWN)
    status = "https://running.example/users/desk/statuses/12"
    assert POLICY.is_stop(structs.replace(elsewhere, reply_to=status), OWN)
    assert not POLICY.is_stop(structs.replace(elsewhere, reply_to=status.replace("/desk/", "/desks/")), OWN)


def test_accounts_are_reached_only_by_a_yes_that_says_so() -> None:
    assert page_alone(None) == page_alone(Answer(page=True, accounts=True)) == ""
    assert page_alone(Answer(page=True)) == "its author agreed to the page alone"
