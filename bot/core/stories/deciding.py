"""Which story a post belongs to, given the posts that it may repeat: what sameness is, in one place."""

from collections.abc import Container, Sequence
from typing import TypedDict

import msgspec

from bot.core.stories.bridging import bridges
from bot.core.stories.candidates import BY_PICTURE, RELATION, Candidate, Kind, Rows, Weighed, can_matter, weigh_all
from bot.core.stories.differing import Likeness, compare
from bot.core.stories.evidence import Evidence
from bot.core.stories.slips import Known
from bot.core.stories.walk import Care
from bot.core.stories.words import Words

_SHOWN_CHARS = 120
_STOCK_PICTURE = 3  # a picture that goes with more stories than this is a poster, which says nothing
_NO_CHORUS = Evidence.LINKS_DIFFER | Evidence.LONG | Evidence.ANSWER
_BY_CONTENT = Evidence.REPOST | Evidence.COMPARE | Evidence.PICTURE


class Decision(msgspec.Struct, frozen=True, gc=False):
    """What came of the candidates.

    Attributes:
        stories: Stories that it tells, what speaks most for them first; several where they turn out to be one story.
        reason: Why, for the journal; "" where it tells none of them.
        alike_id: The post by which it joins, or that it adds to.
        words: The words that matched.
        words_seen: One of them says the same words.
        update_of: The story to which it adds a fact; 0 for none.
        chorus_of: The first of other people's posts that say the same few words; 0 for none.
        pictured_in: Another story that carries the same picture with other words; 0 for none.
        is_ours: We said it ourselves.
        elsewhere: Another story that a version of a told post tells by its words now; 0 for none.
    """

    stories: tuple[int, ...] = ()
    reason: str = ""
    alike_id: int = 0
    words: str = ""
    words_seen: bool = False
    update_of: int = 0
    chorus_of: int = 0
    pictured_in: int = 0
    is_ours: bool = False
    elsewhere: int = 0


_NEW = Decision()


class _SaysNow(TypedDict, total=False):
    elsewhere: int
    chorus_of: int


def decide(
    candidates: Sequence[Candidate],
    others: Sequence[int],
    words: Words,
    rows: Rows,
    *,
    made: int,
    original: str,
    anew: bool = False,
) -> Decision:
    """Find the story of a post.

    A story that holds a post which says something else in the same form is not joined by words, only by a relation. Of two
    stories that a post shows to be one, neither is left over, unless their own words say that they are two, or a person did.

    Args:
        candidates: The best first; at least one.
        others: Rows of posts that say other numbers in the same form.
        words: Of the post.
        rows: Where the candidates' own things lie.
        made: When the post was made, in seconds since 1970.
        original: What it repeats by its platform's word; "" for nothing.
        anew: It is an edit of what was never told: its words alone decide, as for a new post.
    """
    if anew:
        found = _decide_anew(candidates, others, words, rows, made, original)
        if found is not None:
            return found
    if not can_matter(candidates, words, rows):
        return _of_nothing(candidates, words, rows)
    weighed = weigh_all(candidates, words, rows, made, original)
    weighed.sort(key=_rank)
    against = _against(weighed, others, words, rows)
    joined = _joined(weighed, against, words, rows)
    words_seen = any(one.evidence & Evidence.WORDS for one in candidates)
    if joined:
        first = next(iter(joined.values()))
        return Decision(
            tuple(joined),
            first.reason,
            first.candidate.post,
            _shown(first.compared.words),
            words_seen,
            pictured_in=_pictured_in(weighed, joined),
            is_ours=any(one.candidate.is_ours and one.story in joined for one in weighed),
            **_says_now(weighed, against, words, rows, first) if first.candidate.evidence & Evidence.VERSION else {},
        )
    for one in weighed:
        if one.kind is Kind.ADDS and one.story not in against:
            return Decision((), "", one.candidate.post, _shown(one.compared.words), words_seen, update_of=one.story)
    found = _of_nothing(candidates, words, rows)
    if found.chorus_of:
        return found
    pictured = [one for one in weighed if one.kind is Kind.PICTURED]
    if 0 < len({one.story for one in pictured}) <= _STOCK_PICTURE:
        return Decision(alike_id=pictured[0].candidate.post, words_seen=words_seen, pictured_in=pictured[0].story)
    return Decision(words_seen=words_seen)


def _decide_anew(
    candidates: Sequence[Candidate], others: Sequence[int], words: Words, rows: Rows, made: int, original: str
) -> Decision | None:
    """What is said of an edit whose earlier versions do not count; None where a person keeps it from what it says now."""
    before = {rows.story_of(one.row) for one in candidates if one.evidence & Evidence.VERSION}
    free = []
    others = [*others, *(one.row for one in candidates if one.evidence & Evidence.NUMBERS_DIFFER)]
    for one in candidates:
        evidence = one.evidence
        if evidence & Evidence.NUMBERS_DIFFER:
            continue
        if evidence & Evidence.VERSION:  # they have a permalink in common, which says nothing
            evidence &= ~(Evidence.VERSION | Evidence.POINTS)
        if evidence & _BY_CONTENT or (evidence & Evidence.WORDS and not evidence & Evidence.ANSWER):
            free.append(msgspec.structs.replace(one, evidence=evidence))
    found = decide(free, others, words, rows, made=made, original=original) if free else _NEW
    return None if any(rows.are_apart(story, old) for story in found.stories for old in before) else found


def _says_now(
    weighed: Sequence[Weighed], against: Container[int], words: Words, rows: Rows, version: Weighed
) -> _SaysNow:
    """What else a version of a told post says by its words: another story, or the few words of other people."""
    found = [one for one in weighed if not one.candidate.evidence & Evidence.VERSION and one.story != version.story]
    found = [one for one in found if not rows.are_apart(one.story, version.story)]
    joined = _joined(found, against, words, rows)
    if joined:
        return {"elsewhere": next(iter(joined))}
    return {"chorus_of": _of_nothing([one.candidate for one in found], words, rows).chorus_of}


def _rank(one: Weighed) -> tuple[bool, bool, int]:
    """The order of what is joined: of several texts that may have been cut to the post's, the one to which least was added."""
    cut = one.kind is Kind.JOINS and one.is_more
    return not one.candidate.evidence & Evidence.VERSION, cut, len(one.words.text) if cut else 0


def _against(weighed: Sequence[Weighed], others: Sequence[int], words: Words, rows: Rows) -> set[int]:
    """Stories that say something else in the same form as the post."""
    joins = [one for one in weighed if one.kind is Kind.JOINS]
    found = {
        one.story for one in weighed if one.kind is Kind.SAYS_OTHER and not _is_bridged(one, words, joins, rows.known)
    }
    # A cut text may have joined what was added later: who says less than that is no copy of it, whatever the cut one says.
    found |= {one.story for one in weighed if one.kind is Kind.LACKS and not _has_all(joins, one, words, rows.known)}
    if others and any(one.kind is not Kind.NOTHING for one in weighed):
        found.update(rows.story_of(row) for row in others)
    return found


def _has_all(joins: Sequence[Weighed], more: Weighed, words: Words, known: Known) -> bool:
    """Whether the story of what says more than the post holds the whole text, of which the post is a part as well."""
    least = len(words.text)
    return any(
        one.story == more.story and len(one.words.text) >= least and not _lacks(one.words, more.words, known)
        for one in joins
    )


def _lacks(one: Words, other: Words, known: Known) -> bool:
    """Whether the second text says more than the first."""
    compared = compare(one, other, known=known)
    return compared.likeness is Likeness.ADDS and compared.longer > 0


def _joined(weighed: Sequence[Weighed], against: Container[int], words: Words, rows: Rows) -> dict[int, Weighed]:
    """The stories that the post tells, each with the candidate that shows it, what speaks most for them first."""
    # How long what the post adds to is: what is shorter has lost its end, and cannot say that the post adds nothing.
    whole: dict[int, int] = {}
    for one in weighed:
        if one.kind is Kind.ADDS:
            whole[one.story] = max(whole.get(one.story, 0), len(one.words.text))
    fuller = {one.story for one in weighed if one.is_more}
    otherwise = {
        one.story
        for one in weighed
        if one.candidate.evidence & Evidence.PICTURE and one.words.text and one.kind is not Kind.JOINS
    }
    joined: dict[int, Weighed] = {}
    for one in weighed:
        if one.kind is not Kind.JOINS or one.story in joined:
            continue
        if one.candidate.evidence & Evidence.VERSION:
            return {one.story: one}  # it may say anything now: what it said before is no other story for that
        if one.reason == BY_PICTURE and (joined or (words.text and one.story in otherwise)):
            continue  # a picture without words does not make two things one that carry it with other words
        is_less = one.story in whole and (one.is_less or len(one.words.text) < whole[one.story])
        is_apart = one.story in against or is_less
        if is_apart and not one.candidate.evidence & RELATION:
            continue
        if joined and not one.candidate.evidence & RELATION and not fuller.isdisjoint((one.story, *joined)):
            continue  # it lacks what one of the stories says, and so cannot say that they are one
        if all(_are_one(one, other, words, rows) for other in joined.values()):
            joined[one.story] = one
    return joined


def _of_nothing(candidates: Sequence[Candidate], words: Words, rows: Rows) -> Decision:
    """What is said of a post that tells none of the stories: other people may have said the same few words."""
    words_seen = any(one.evidence & Evidence.WORDS for one in candidates)
    for one in candidates:
        if one.evidence & Evidence.WORDS and not one.evidence & _NO_CHORUS:
            first = rows.chorus_of(one.row) or one.post
            return Decision((), "", one.post, _shown(words.text), words_seen, chorus_of=first)
    return Decision(words_seen=words_seen)


def _pictured_in(weighed: Sequence[Weighed], joined: Container[int]) -> int:
    """A story, other than those that a post joins, that carries its picture; 0 for none, or for a poster that all carry."""
    found = [one.story for one in weighed if one.candidate.evidence & Evidence.PICTURE and one.story not in joined]
    return found[0] if 0 < len({*found}) <= _STOCK_PICTURE else 0


def _is_bridged(against: Weighed, words: Words, joins: Sequence[Weighed], known: Known) -> bool:
    """Whether a post and one that seems to say something else are both copies of a third one of the same story."""
    together = [one for one in joins if one.story == against.story]
    return bool(together) and (
        _may_be_one(words, against.words, known) or any(bridges(one.words, words, against.words) for one in together)
    )


def _may_be_one(one: Words, other: Words, known: Known) -> bool:
    """Whether two texts do not contradict each other."""
    return compare(one, other, known=known, care=Care.LENIENT).likeness is not Likeness.DIFFERENT


def _are_one(one: Weighed, other: Weighed, words: Words, rows: Rows) -> bool:
    """Whether two stories that one post belongs to are one story."""
    if rows.are_apart(one.story, other.story):
        return False
    short, long = (one, other) if len(one.words.text) <= len(other.words.text) else (other, one)
    likeness = compare(short.words, long.words, known=rows.known).likeness
    if likeness is Likeness.ADDS and (long.is_more or len(words.text) < len(short.words.text)):
        return False  # a cut text, or one without what was added, cannot say that nothing was
    return _may_be_one(one.words, other.words, rows.known) or bridges(words, one.words, other.words)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1].rstrip() + "…"
