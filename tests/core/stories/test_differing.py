"""Are two texts copies of one another? Single cases, what must always hold, and figures over pairs whose truth is known."""

import json
import random
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.stories.differing import Compared, Likeness, can_be_one, compare, laid_out
from bot.core.stories.words import read
from tests.core.stories.pairs import (
    Figures,
    Pair,
    copies,
    hard_negatives,
    held_out_pairs,
    known_words,
    measure,
    real_texts,
    structural,
    total,
)
from tests.core.text.hostile import texts

SAME, ADDS, DIFFERENT, UNLIKE = Likeness

RHINO = "The rhino has stopped for a rest on the grass and is being fed jelly babies by a steward"


def said(one: str, other: str, known: Callable[[str], int] | None = None) -> Compared:
    return compare(read(one), read(other), known=known)


@pytest.mark.parametrize(
    ("one", "other", "likeness"),
    [
        ("", "", UNLIKE),
        (RHINO, "", UNLIKE),
        (RHINO, RHINO.upper(), SAME),
        (RHINO, f"RT @ana: {RHINO[:60]}…", SAME),
        (RHINO, f"{RHINO[:60]}...", SAME),
        (RHINO, RHINO.replace("rest", "rset"), SAME),
        (RHINO, RHINO.replace("being", "beeing").replace("steward", "stewrad"), SAME),
        (RHINO, RHINO.replace("jelly babies", "jellybabies"), SAME),
        (RHINO, RHINO.replace("for a rest", "for a a rest"), SAME),
        (RHINO, f"{RHINO} via The Morning Paper", SAME),
        (RHINO, f"Wow, {RHINO}", SAME),
        (RHINO, f"{RHINO} #rhino 🦏", SAME),
        (RHINO, f"{RHINO} #rhino 🦏 and who can blame it", ADDS),
        (RHINO, RHINO.replace("the grass", "the #grass"), SAME),
        (RHINO, RHINO.replace("rhino has", "rhino @ana has"), SAME),
        (RHINO, f"{RHINO} at mile nine", ADDS),
        (RHINO, f"{RHINO}, 2 miles to go", ADDS),
        (f"RT @ana: {RHINO}", f"{RHINO}, 2 miles to go", ADDS),
        (RHINO, f"{RHINO} called Beth", ADDS),
        (RHINO, f"{RHINO} until Monday", ADDS),
        (RHINO, f"{RHINO}, not by us", ADDS),
        (RHINO, RHINO.replace("the grass", "the grass at mile 21"), ADDS),
        (RHINO, f"{RHINO}. It has died", ADDS),
        (RHINO, f"{RHINO}. It was a hoax", ADDS),
        (RHINO, f"{RHINO}. Cancelled", ADDS),
        (RHINO, f"{RHINO} (retracted)", ADDS),
        (RHINO, f"{RHINO} while everybody stands around it", ADDS),
        (RHINO, RHINO[:60], ADDS),
        (RHINO, f"Retracted: {RHINO}", ADDS),
        (RHINO, f"BREAKING: {RHINO}", SAME),
        (RHINO, f"{RHINO} so true", SAME),
        (RHINO, f"{RHINO} this! wow", SAME),
        (RHINO, f"{RHINO}. Please share", SAME),
        (RHINO, f"{RHINO} vai @x1", SAME),
        (RHINO, RHINO[:-1], SAME),
        (f"{RHINO} htt…", RHINO, SAME),
        (RHINO, RHINO.replace("has stopped", "has not stopped"), DIFFERENT),
        (RHINO, RHINO.replace("has stopped", "has never stopped"), DIFFERENT),
        (RHINO, RHINO.replace("rhino", "dinosaur"), DIFFERENT),
        (RHINO, RHINO.replace("a steward", "two stewards"), DIFFERENT),
        (RHINO, f"They say everywhere on the course this morning that {RHINO}", DIFFERENT),
        (RHINO, f"What a wonderful sight this is everybody: {RHINO}", DIFFERENT),
        (RHINO, RHINO.replace("rest on the grass", "rset no hte garss"), DIFFERENT),
        (" ".join(RHINO.split()[:7]), "Teh rhion hsa stopepd for a rset", UNLIKE),
        ("They say that he has won the race", "They say that she has won the race", DIFFERENT),
        ("Suerte a mi hermano y a mi primo en la carrera", "Suerte a mi hermana y a mi prima en la carrera", DIFFERENT),
        (RHINO, "Good luck to everyone who runs today", UNLIKE),
        ("She is through 10K", "She is through 20K", DIFFERENT),
        ("It ended 1-0 in the rain", "It ended 10 in the rain", DIFFERENT),
        ("We have raised £1,000 for them", "We have raised £1000 for them", SAME),
        ("We have raised £1,000 for them", "We have raised €1,000 for them", DIFFERENT),
        ("We have raised £12 for them", "We have raised £12,500 for them", DIFFERENT),
        ("It is 3 degrees at the start", "It is -3 degrees at the start", DIFFERENT),
        ("They met the conscious runner at the tent", "They met the unconscious runner at the tent", DIFFERENT),
        ("It finished in 2:03:05, they say", "It finished in 2.03.05, they say", SAME),
        ("See you all on Sunday at the start", "See you all on Monday at the start", DIFFERENT),
        ("The men have started on Blackheath", "The women have started on Blackheath", DIFFERENT),
        ("Mucha suerte a mi hermano que corre hoy", "Mucha suerte a mi hermana que corre hoy", DIFFERENT),
        ("Mañana corremos por la montaña", "Manana corremos por la montana", SAME),
        ("Das Rennen ist vorbei, sagt er", "Das Rennen ist nicht vorbei, sagt er", DIFFERENT),
        ("Good luck Tom, run well today", "Good luck Tim, run well today", DIFFERENT),
        (RHINO, "fed", UNLIKE),
        ("é", "\u0301", UNLIKE),
        ("김민수 선수가 오늘 1위로 들어왔습니다", "김민주 선수가 오늘 1위로 들어왔습니다", DIFFERENT),
        ("#a #b", "#c #d", UNLIKE),
        ("Well done today @ana", "Well done today @bob", DIFFERENT),
        ("Well done today @ana", "Well done today", SAME),
        ("We are in #TeamTom today, all of us", "We are in #TeamTim today, all of us", DIFFERENT),
        ("Through #10K and still running well", "Through and still running well", DIFFERENT),
        ("Nobody walks today #a 🏃 #b 🏃", "Nobody walks today #c 🏃", SAME),
        ("テムズ川沿いを走っています、最高の天気です", "テムズ川沿い走っています！最高の天気です", SAME),
        (
            "テムズ川沿いを10キロ走っています、最高の天気です",
            "テムズ川沿いを20キロ走っています、最高の天気です",
            DIFFERENT,
        ),
        ("テムズ川沿いを走っています、最高の天気です", "テムズ川沿いを走っています、最高の天気です。中止", ADDS),
        ("テムズ川沿いを走っています、最高の天気です", "テムズ川沿いを走っています、最高の天気ですよー", SAME),
        ("兄がテムズ川沿いを走っています、最高の天気です", "妹がテムズ川沿いを走っています、最高の天気です", DIFFERENT),
        ("テムズ川沿いを走っています、最高の天気です", "テムズ川沿いを走っています、最…", SAME),
        ("Бегун остановился отдохнуть на траве у реки", "Бегун остановилься отдохнуть на траве у реки", SAME),
        ("أخي يركض اليوم في الماراثون لأول مرة", "أختي لا تركض اليوم في الماراثون لأول مرة", DIFFERENT),
    ],
)
def test_what_two_texts_are(one: str, other: str, likeness: Likeness) -> None:
    assert said(one, other).likeness is likeness
    assert said(other, one).likeness is likeness


def test_a_person_reads_what_matched_and_what_differs() -> None:
    found = said("Good luck to my sister today", "Good luck to my brother today")
    assert found == Compared(DIFFERENT, 1, "good luck to my today", "'brother' instead of 'sister'")
    assert said(f"{RHINO} at mile 9", RHINO) == Compared(ADDS, -1, RHINO.lower(), "'at mile 9' is left out")
    assert said(RHINO, f"{RHINO} at mile 9").differs == "'at mile 9' is added"
    assert said(RHINO, RHINO) == Compared(SAME, 0, RHINO.lower(), "")
    assert len(said(RHINO * 9, RHINO * 9).words) <= 120


def test_a_word_that_other_texts_know_is_another_word() -> None:
    one, other = "they met on the bank of the river", "they met on the bank of the rider"
    assert said(one, other).likeness is SAME
    assert said(one, other, lambda _: 40).likeness is DIFFERENT
    assert said(one, other, lambda word: 40 if word == "river" else 0).likeness is SAME
    assert said("there they saw a cat asleep", "there they saw a bat asleep", lambda _: 9).likeness is DIFFERENT


def test_one_likely_slip_needs_another_one_beside_it() -> None:
    text = "there is a time for each of us to walk and then to run"
    assert said(text, text.replace("time", "tife")).likeness is DIFFERENT
    assert said(text, text.replace("time", "tife").replace("each", "eahc")).likeness is SAME


_edits = st.sampled_from(
    [
        "",
        "rhino",
        "teh",
        "steward…",
        "not",
        "10",
        "#tag",
        "@ana",
        "Beth",
        "via",
        "RT",
        "テムズ川",
        "走",
        "…",
        "a",
        "stewards",
    ]
)


@st.composite
def _edited(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts that came from one, so that they are alike now and then."""
    base = draw(
        st.sampled_from([RHINO, "Good luck Tom", "テムズ川沿いを走っています 最高", "a b c d e f g h", draw(texts)])
    )
    both = []
    for _ in range(2):
        words = base.split(" ")
        for _ in range(draw(st.integers(0, 3))):
            place = draw(st.integers(0, len(words) - 1))
            words[place : place + draw(st.integers(0, 1))] = [draw(_edits)]
        both.append(" ".join(words[: draw(st.integers(1, 40))]))
    return both[0], both[1]


@given(_edited())
def test_the_order_of_two_texts_makes_no_difference(pair: tuple[str, str]) -> None:
    there, back = said(*pair), said(pair[1], pair[0])
    assert there.likeness is back.likeness
    assert there.longer == -back.longer
    assert there.words == back.words
    assert len(there.words) <= 120


@given(texts)
def test_a_text_is_the_same_as_itself(text: str) -> None:
    found = said(text, text)
    assert found.likeness is (SAME if read(text).text else UNLIKE)
    assert found.differs == ""


@given(texts, texts)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert said(one, other).likeness is said(other, one).likeness


def test_naughty_strings_can_be_compared(shared_data: Path) -> None:
    naughty = json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8"))
    for one, other in pairwise(naughty):
        assert said(one, other).likeness is said(other, one).likeness
        assert said(one, f"{RHINO} {one}").likeness is said(f"{RHINO} {one}", one).likeness


def test_very_long_texts_cost_little() -> None:
    one, other = "lorem ipsum dolor " * 20_000, "dolor sit amet " * 20_000
    assert said(one, other).likeness is UNLIKE
    assert said(one, one + "more").likeness is SAME


@pytest.fixture(scope="module")
def real(shared_data: Path) -> list[str]:
    return real_texts(shared_data)


def wrong(figures: dict[str, Figures]) -> list[tuple[str, str, str]]:
    return [(str(likeness), pair.one, pair.other) for found in figures.values() for pair, likeness in found.wrong]


@pytest.mark.parametrize("cold", [True, False])
def test_copies_of_real_texts_are_found(real: list[str], *, cold: bool) -> None:
    known = None if cold else known_words(real)
    pairs = copies(real)
    long = measure((pair for pair in pairs if not pair.short), known)
    short = measure((pair for pair in pairs if pair.short), known)
    assert total(long) >= 0.98
    assert total(short) >= 0.90
    assert all(found.share >= 0.99 for family, found in long.items() if family not in {"typos", "several at once"})
    assert long["typos"].share >= 0.85
    assert sum(found.pairs for found in long.values()) > 5_000


@pytest.mark.parametrize("cold", [True, False])
def test_templates_that_differ_in_a_fact_stay_apart(real: list[str], *, cold: bool) -> None:
    figures = measure(hard_negatives(), None if cold else known_words(real))
    assert total(figures) <= 0.005, wrong(figures)
    assert sum(found.pairs for found in figures.values()) > 500


def test_what_the_platforms_say_of_pairs_is_found_in_their_words(shared_data: Path) -> None:
    figures = measure(structural(shared_data))
    assert figures["retweet_vs_original"].share == 1.0
    assert figures["two_retweets_same_original"].share == 1.0
    apart = [figures[family] for family in ("reply_vs_parent", "quote_vs_quoted", "random_same_query")]
    assert sum(found.joined for found in apart) <= 0.01 * sum(found.pairs for found in apart)


def test_real_texts_are_not_taken_for_each_other(real: list[str]) -> None:
    chance = random.Random(1)
    known = known_words(real)
    pairs = [(chance.choice(real), chance.choice(real)) for _ in range(25_000)]
    figures = measure((Pair("random", *pair, same=False) for pair in pairs if read(pair[0]) != read(pair[1])), known)
    kept = [both for both in wrong(figures) if not _is_cut_of_the_other(*both[1:])]
    assert kept == []


def test_real_texts_that_share_words_are_only_joined_where_one_is_in_the_other(real: list[str]) -> None:
    holders: dict[tuple[str, ...], list[int]] = {}
    read_texts = [read(text) for text in real]
    for number, words in enumerate(read_texts):
        parts = words.text.split(" ")
        for at in range(len(parts) - 2):
            holders.setdefault(tuple(parts[at : at + 3]), []).append(number)
    together = {pair for found in holders.values() for pair in combinations(dict.fromkeys(found), 2)}
    joined = 0
    for one, other in together:
        if compare(read_texts[one], read_texts[other]).likeness is SAME:
            joined += 1
            assert _is_cut_of_the_other(real[one], real[other]), (real[one], real[other])
    assert joined > 50


def _is_cut_of_the_other(one: str, other: str) -> bool:
    """Whether the shorter text's words, but for the last one and a tag before them, stand in the other one."""
    short, long = sorted((read(one).text, read(other).text), key=len)
    return short[-70:].rpartition(" ")[0] in long or long[-70:].rpartition(" ")[0] in short


def test_fields_that_nothing_was_tuned_to_do_as_well(real: list[str]) -> None:
    pairs = held_out_pairs()
    for known in (None, known_words(real)):
        assert total(measure((pair for pair in pairs if pair.same and not pair.short), known)) >= 0.98
        assert total(measure((pair for pair in pairs if not pair.same), known)) <= 0.005


@pytest.mark.parametrize("known", [None, lambda _: 3], ids=["nothing known", "every word known"])
def test_what_is_ruled_out_beforehand_is_never_a_copy_nor_more(known: Callable[[str], int] | None) -> None:
    found = [*hard_negatives(), *held_out_pairs()]
    mixed = [Pair("mixed", one.one, other.other, same=False) for one, other in zip(found, found[7:], strict=False)]
    ruled_out = 0
    for pair in found + mixed:
        one, other = read(pair.one), read(pair.other)
        possible = can_be_one(one, other, (laid_out(one), laid_out(other)), known=known)
        assert possible or compare(one, other, known=known).likeness in {DIFFERENT, UNLIKE}, pair
        ruled_out += not possible
    assert ruled_out > len(found) / 3, "it would save nothing"


@given(texts, texts)
def test_ruling_out_is_total_and_agrees_on_any_texts(first: str, second: str) -> None:
    one, other = read(first), read(second)
    if not can_be_one(one, other, (laid_out(one), laid_out(other))):
        assert compare(one, other).likeness in {DIFFERENT, UNLIKE}
