"""May we show it? What an author or a platform says against a post, and who has said yes: one policy, a reason for each signal.

Platforms hand on what they are told as labels of a post and of its author; here alone it is decided what follows. It is asked when
a post is judged, when a person approves it, before it is sent to an account, and by the sweep.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.core.model import NEEDS_CONSENT, Post, Verdict


class Signal(StrEnum):
    """Something that speaks against showing a post. The strongest stands first."""

    OPTED_OUT = "opted-out"
    SAID_NO = "said-no"
    PROTECTED = "protected"
    WITHHELD = "withheld"
    TAKEN_DOWN = "taken-down"
    HIDDEN = "hidden"
    NOT_PUBLIC = "not-public"
    LOGGED_IN_ONLY = "logged-in-only"
    NO_BOTS = "no-bots"
    NO_INDEX = "no-index"
    NOT_INDEXABLE = "not-indexable"
    NOT_DISCOVERABLE = "not-discoverable"
    LIMITED = "limited"
    MEMORIAL = "memorial"
    NOT_ASKED = "not-asked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class _Weight:
    """What a signal means.

    Attributes:
        why: For people, after "not shown: ".
        verdict: What becomes of the post.
        yields: To a yes that stands on record, and to accounts that have agreed once for all.
        to_officials: Also to those whom the desk has listed as officials: they speak to be heard.
    """

    why: str
    verdict: Verdict = Verdict.DROP
    yields: bool = False
    to_officials: bool = False


# Source: X agreement VI.B and "withheld" objects; Bluesky specs/label and bsky-docs resolving-identities (logged-out sites hide what
# carries !no-unauthenticated); Mastodon entities/Account and spec/activitypub (indexable, discoverable, noindex); the #nobot family is
# a convention among people.
WEIGHTS: Mapping[Signal, _Weight] = {
    Signal.OPTED_OUT: _Weight("its author has asked us to leave them out"),
    Signal.SAID_NO: _Weight("its author was asked and said no, or has taken the yes back"),
    Signal.PROTECTED: _Weight("its author shows posts to chosen followers alone"),
    Signal.WITHHELD: _Weight("the platform withholds it, or its author, at least somewhere"),
    Signal.TAKEN_DOWN: _Weight("the platform has taken it, or its author, down"),
    Signal.HIDDEN: _Weight("the platform hides it"),
    Signal.NOT_PUBLIC: _Weight("its author did not make it fully public"),
    Signal.LOGGED_IN_ONLY: _Weight("its author shows posts only to people who are logged in", yields=True),
    Signal.NO_BOTS: _Weight("its author's profile asks programs to keep away", yields=True, to_officials=True),
    Signal.NO_INDEX: _Weight("its author's profile asks not to be indexed", yields=True, to_officials=True),
    Signal.NOT_INDEXABLE: _Weight("its author has not agreed that posts are found", yields=True, to_officials=True),
    Signal.NOT_DISCOVERABLE: _Weight("its author has not agreed to be featured", yields=True, to_officials=True),
    Signal.LIMITED: _Weight(
        "the server limits who sees its author: a person decides", Verdict.HOLD, yields=True, to_officials=True
    ),
    Signal.MEMORIAL: _Weight("its author has died: a person decides", Verdict.HOLD, yields=True),
    Signal.NOT_ASKED: _Weight(
        "it was sent to the desk alone: `milepost consent record` keeps the answer of its author",
        Verdict.HOLD,
        yields=True,
    ),
    Signal.UNKNOWN: _Weight(
        "the network did not tell its author's wishes: a person decides", Verdict.HOLD, yields=True, to_officials=True
    ),
}

_LABELS: Mapping[str, Signal] = {
    "protected": Signal.PROTECTED,
    "!takedown": Signal.TAKEN_DOWN,
    "!suspend": Signal.TAKEN_DOWN,
    "suspended": Signal.TAKEN_DOWN,
    "!hide": Signal.HIDDEN,
    "!no-unauthenticated": Signal.LOGGED_IN_ONLY,
    "noindex": Signal.NO_INDEX,
    "not-indexable": Signal.NOT_INDEXABLE,
    "not-discoverable": Signal.NOT_DISCOVERABLE,
    "limited": Signal.LIMITED,
    "memorial": Signal.MEMORIAL,
    NEEDS_CONSENT: Signal.NOT_ASKED,
    "!unknown-labels": Signal.UNKNOWN,
    **dict.fromkeys(("#nobot", "#nobots", "#noai", "#norepost", "#nobridge"), Signal.NO_BOTS),
    **dict.fromkeys(("#noindex", "#noarchive", "#nosearch"), Signal.NO_INDEX),
}
_BEGINNINGS: Mapping[str, Signal] = {"withheld": Signal.WITHHELD, "visibility": Signal.NOT_PUBLIC}
_ASKING = frozenset({"mastodon"})  # platforms whose people can say that they agree to be found and featured
_ORDER = {signal: place for place, signal in enumerate(Signal)}

STOP_WORDS = (
    "stop", "unsubscribe", "opt out", "opt-out", "optout", "leave me out", "leave me alone", "do not quote me", "don't quote me", "do not use my posts",
    "don't use my posts", "remove me", "remove my post", "remove my posts", "take my post down", "take this down", "delete my post", "stopp", "bitte nicht zitieren",
    "nicht zitieren", "arrêtez", "ne me citez pas", "retirez mon message", "no me cites", "no me citéis", "basta", "non citarmi", "não me citem",
)  # fmt: skip
_COURTESY = frozenset({"please", "pls", "plz", "thanks", "thank", "you", "thx", "now", "bitte", "danke", "merci", "gracias", "grazie", "obrigado", "obrigada", "hi", "hello"})  # fmt: skip
_LONGEST_STOP_CHARS = 200
_NOT_WORDS = re.compile(r"https?://\S+|[@#＠＃][^\s]+|[^\w\s'’-]")


@dataclass(frozen=True, slots=True)
class Objection:
    """One thing that speaks against a post.

    Attributes:
        signal: What it is.
        verdict: `drop`, or `hold` where a person may decide.
        why: For people.
    """

    signal: Signal
    verdict: Verdict
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What an author said who was asked, the last word.

    Attributes:
        page: It may stand on the page and in its feeds.
        accounts: It may be sent to the desk's accounts. Both false: no.
    """

    page: bool = False
    accounts: bool = False


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """The desk's policy.

    Attributes:
        strict: Where a platform lets people say that they agree to be found and featured, silence is no agreement.
        disregard: Signals that do not count here; never one that is not `yields`.
        agreed: `platform:account id` of those who have agreed once for all.
        stop_words: Messages to one of our accounts that mean: leave me out.
    """

    strict: bool = False
    disregard: frozenset[Signal] = frozenset()
    agreed: frozenset[str] = frozenset()
    stop_words: tuple[str, ...] = STOP_WORDS
    _stops: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_stops", frozenset(_words(word) for word in self.stop_words) - {""})

    def objections(
        self,
        post: Post,
        *,
        labels: Iterable[str] = (),
        is_official: bool = False,
        opted_out: bool = False,
        answer: Answer | None = None,
    ) -> tuple[Objection, ...]:
        """What speaks against showing a post.

        Args:
            post: As it was seen.
            labels: What its author's profile has said since.
            is_official: The desk has listed its author as an official.
            opted_out: Its author is on the list of those who are left out.
            answer: What its author said who was asked about this very post; None where nobody asked.

        Returns:
            The strongest first, each signal once; empty where nothing does.
        """
        if not (post.labels or post.author.labels or labels or opted_out or answer or self.strict):
            return ()  # nearly every post
        found = {signal for label in (*post.labels, *post.author.labels, *labels) if (signal := _signal(label))}
        if self.strict and post.platform in _ASKING:
            said = {*post.author.labels, *labels}
            found |= {Signal.NOT_INDEXABLE} if "indexable" not in said else set()
            found |= {Signal.NOT_DISCOVERABLE} if "discoverable" not in said else set()
        found -= self.disregard
        agreed = f"{post.platform}:{post.author.id}" in self.agreed or (answer is not None and answer.page)
        found = {
            one
            for one in found
            if not (WEIGHTS[one].yields and (agreed or (is_official and WEIGHTS[one].to_officials)))
        }
        if opted_out:
            found.add(Signal.OPTED_OUT)
        if answer is not None and not answer.page:
            found.add(Signal.SAID_NO)
        ordered = sorted(found, key=_ORDER.__getitem__)
        return tuple(
            Objection(one, WEIGHTS[one].verdict, f"consent: {one.value}: {WEIGHTS[one].why}") for one in ordered
        )

    def is_stop(self, post: Post, own: Collection[str]) -> bool:
        """Whether a post asks one of our own accounts, or a letter the desk, to leave its author out, and says nothing else.

        Args:
            own: `platform:account id` of our accounts.
        """
        if len(post.text) > _LONGEST_STOP_CHARS or not (NEEDS_CONSENT in post.labels or _is_to_us(post, own)):
            return False
        return _words(post.text) in self._stops


def page_alone(answer: Answer | None) -> str:
    """Why a post that may stand on the page may not be sent to accounts; "" where it may."""
    return "its author agreed to the page alone" if answer is not None and answer.page and not answer.accounts else ""


def _signal(label: str) -> Signal | None:
    return _LABELS.get(label) or _BEGINNINGS.get(label.partition(":")[0])


def _is_to_us(post: Post, own: Collection[str]) -> bool:
    for account in own:
        platform, _, name = account.partition(":")
        if platform != post.platform:
            continue
        if post.reply_to.startswith((f"at://{name}/", f"{name}/statuses/")):  # Bluesky; Mastodon
            return True
        targets = {entity.target for entity in post.entities if entity.kind == "mention"}
        if not targets.isdisjoint({name, name.replace("/users/", "/@")}):
            return True
    return False


def _words(text: str) -> str:
    """A text without names, tags, links, signs and courtesies, folded."""
    plain = _NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).replace("’", "'")).casefold()
    return " ".join(word for word in plain.split() if word not in _COURTESY)
