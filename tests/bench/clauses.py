"""Seeded rules as a desk writes them, each of them again as a programmer writes it by hand (see `spellings`).

Rule `n` of a seed is the same in every run.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from random import Random

from tests.bench import events
from tests.bench.spellings import Rules, Said, Written

_NOUNS = (
    "tuba", "banner", "coffee", "whistle", "orange", "choir", "trains", "rain", "cake", "socks", "drums", "costume", "queue", "charity", "bakery",
    "ticket", "refund", "crypto", "giveaway", "promo", "parade", "helicopter", "ambulance", "drone", "medal", "podium", "wall", "blister",
)  # fmt: skip
_PHRASES = (
    "cheer point", "brass band", "cup of tea", "see you at", "good luck", "sold out", "link in bio", "click here", "road closed", "keep going",
    "full results", "lost child", "follow me", "next year",
)  # fmt: skip
_PATTERNS = (
    r"(?i)\bmile {0}\d?\b", r"(?i)\b(team|number) {0}\d+\b", r"(?i)\b{1}s?\s+(for|from|of)\s+\w+", r"\b{2}\b", r"(?i)\b{0}\d?\s+(pounds|minutes)\b",
    r"(?i)\bwin (a|an|the) {1}\b",
)  # fmt: skip
LABELS = ("!hide", "!warn", "porn", "nudity", "graphic-media", "spam", "rude", "threat", "spoiler", "intolerant")
_HOSTS = ("news.example", "bit.ly", "give.example", "shop.example", "t.co", "bets.example", "films.example")
_LANGS = ("en", "de", "fr", "es", "ja", "pt", "nl")
_SYLLABLES = (
    "an",
    "be",
    "ca",
    "do",
    "el",
    "fi",
    "ga",
    "ha",
    "io",
    "ju",
    "ka",
    "la",
    "mi",
    "no",
    "pe",
    "ri",
    "sa",
    "to",
    "va",
    "zo",
)


def _texts(entries: Sequence[str]) -> str:
    return "[" + ", ".join(f'"{entry}"' for entry in entries) + "]"


def made_up(chance: Random) -> str:
    """A word that nobody writes, three to six syllables."""
    return "".join(chance.choices(_SYLLABLES, k=chance.randrange(3, 7)))


def terms(chance: Random, count: int) -> tuple[str, ...]:
    """Entries of a word list: one in ten a word that posts have, one in five a phrase, half of the rest begin like one."""
    found: dict[str, None] = {}
    while len(found) < count:
        kind = chance.random()
        word = made_up(chance)
        if kind < 0.1 and len(found) < 2 * len(_NOUNS):
            word = chance.choice(_NOUNS)
        elif kind < 0.3:
            word = f"{chance.choice(_NOUNS)} {word}"
        elif kind < 0.65:
            word = chance.choice(_NOUNS) + word
        found[word] = None
    return tuple(found)


def _word_list(chance: Random, rules: Rules) -> Said:
    name = f"words{len(rules.lists)}"
    entries = rules.lists[name] = terms(chance, chance.randrange(8, 40))
    return Said(f"has_any(text, lists.{name})", _by_hand(rules, entries))


def _by_hand(rules: Rules, entries: Sequence[str]) -> str:
    """A test for terms: a set for the words; for the phrases `in`, which is quick, and a pattern only where one is there."""
    words = frozenset(entry for entry in entries if " " not in entry)
    phrases = tuple(entry for entry in entries if " " in entry)
    tests = [f"not {rules.keep('w', words)}.isdisjoint(words(post))"] if words else []
    if phrases:
        pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, phrases))})\b")
        named, search = rules.keep("f", phrases), rules.keep("p", pattern.search)
        tests.append(f"(any(map(folded(post).__contains__, {named})) and {search}(folded(post)))")
    return " or ".join(tests)


def _phrases(chance: Random, rules: Rules) -> Said:
    entries = chance.sample(_PHRASES, 3)
    return Said(f"has_any(text, {_texts(entries)})", _by_hand(rules, entries))


def _pattern(chance: Random, rules: Rules) -> Said:
    noun = chance.choice(_NOUNS)
    text = chance.choice(_PATTERNS).format(chance.randrange(1, 10), noun, noun.upper())
    return Said(f'matches(text, r"{text}")', f"{rules.keep('p', re.compile(text).search)}(post.text)")


def _tags(chance: Random, rules: Rules) -> Said:
    names = chance.sample(_NOUNS, 3)
    if chance.random() < 0.2:
        names[0] = "getinspired"
    return _shared("tags", names, rules, "post.tags")


def _labels(chance: Random, rules: Rules) -> Said:
    return _shared("labels", chance.sample(LABELS, 4), rules, "(post.labels + post.author.labels)")


def _shared(name: str, entries: Sequence[str], rules: Rules, python: str) -> Said:
    listed = _texts(entries)
    return Said(
        f"any_in({name}, {listed})",
        f"not {rules.keep('s', frozenset(entries))}.isdisjoint({python})",
        f"{name}.exists(one, one in {listed})",
        f"$any([one in {listed} for one in {name}])",
    )


def _domains(chance: Random, rules: Rules) -> Said:
    known = chance.sample(_HOSTS, 3)
    ends = rules.keep("d", tuple(f".{host}" for host in known))
    return Said(
        f"domain_under(domains, {_texts(known)})", f"any(('.' + host).endswith({ends}) for host in hosts(post))"
    )


def _handles(chance: Random, rules: Rules) -> Said:
    names = [events.handle(chance.randrange(events.AUTHORS)) for _ in range(12)]
    return Said(
        f"author.handle in {_texts(names)}",
        f"post.author.handle.lower() in {rules.keep('h', frozenset(names))}",
        f"handle in {_texts(names)}",
        f"handle in {_texts(names)}",
    )


_NUMBERS = (
    ("author.seen", "around.author_seen", "author_seen", 10),
    ("author.published", "around.author_published", "author_published", 5),
    ("author.rejected", "around.author_rejected", "author_rejected", 4),
    ("author.followers", "(post.author.followers or 0)", "followers", 2_000),
    ("story.size", "around.story_size", "story_size", 8),
    ("count(tags)", "len(post.tags)", "tag_count", 8),
    ("media.count", "len(post.media)", "media_count", 4),
)


def _number(chance: Random, _rules: Rules) -> Said:
    clause, python, name, most = chance.choice(_NUMBERS)
    test = f"{chance.choice(('>', '==', '>='))} {chance.randrange(most // 2, most)}"
    return Said(f"{clause} {test}", f"{python} {test}", f"{name} {test}", f"{name} {test}")


def _account_age(chance: Random, rules: Rules) -> Said:
    days = chance.choice((1, 3, 7, 14, 30, 90))
    length = rules.keep("t", timedelta(days=days))
    other = f"author_age_s < {days * 86_400}.0"
    return Said(
        f'author.age < "{days}d"',
        f"(post.author.created_at is None or around.now - post.author.created_at < {length})",
        other,
        other,
    )


def _age(chance: Random, rules: Rules) -> Said:
    minutes = chance.randrange(4, 60)
    length = rules.keep("t", timedelta(minutes=minutes))
    other = f"age_s > {minutes * 60}.0"
    return Said(f'age > "{minutes}m"', f"around.now - post.created_at > {length}", other, other)


def _lang(chance: Random, rules: Rules) -> Said:
    known = ["", *chance.sample(_LANGS, 3)]
    return Said(
        f"lang not in {_texts(known)}",
        f"post.lang not in {rules.keep('l', frozenset(known))}",
        f"!(lang in {_texts(known)})",
        f"lang not in {_texts(known)}",
    )


_FLAGS = (
    Said("is_reply", 'post.reply_to != ""', "is_reply", "is_reply"),
    Said("not is_reply", 'post.reply_to == ""', "!is_reply", "not is_reply"),
    Said("is_quote", 'post.quote_of != ""', "is_quote", "is_quote"),
    Said("sensitive", "post.sensitive", "sensitive", "sensitive"),
    Said("links != []", "post.links", "has_links", "has_links"),
    Said("story.published", "around.story_published", "story_published", "story_published"),
    Said("known(author.followers)", "post.author.followers is not None", "followers_known", "followers_known"),
)
_OFFICIAL = Said("is_official", "around.is_official", "is_official", "is_official")


def _flag(chance: Random, _rules: Rules) -> Said:
    return chance.choice(_FLAGS)


def _either(chance: Random, rules: Rules) -> Said:
    one, other = chance.choice((_number, _flag, _lang))(chance, rules), _number(chance, rules)
    return Said(
        f"{one.clause} or {other.clause}",
        f"({one.python} or {other.python})",
        f"({one.cel} || {other.cel})",
        f"({one.engine} or {other.engine})",
    )


_Kind = Callable[[Random, Rules], Said]
FACTS: Mapping[_Kind, int] = {
    _tags: 3, _labels: 2, _handles: 2, _number: 6, _account_age: 2, _age: 1, _lang: 2, _flag: 3, _either: 2,
}  # fmt: skip
"""What every engine can express, and how often it comes."""
ALL: Mapping[_Kind, int] = {**FACTS, _word_list: 9, _phrases: 2, _pattern: 3, _domains: 2}
"""What a desk writes: two rules in five look into the text."""


def _one(kinds: Mapping[_Kind, int], chance: Random) -> _Kind:
    return chance.choices(list(kinds), list(kinds.values()))[0]


def rules(count: int, kinds: Mapping[_Kind, int] = ALL, *, seed: int = 3) -> Rules:
    """Make rules of one to three clauses, two in three with an exemption."""
    chance = Random(seed)
    made = Rules()
    for number in range(count):
        when = [_one(kinds, chance)(chance, made)]
        while len(when) < 3 and chance.random() < 0.6:
            when.append(_one(FACTS, chance)(chance, made))
        unless = (_OFFICIAL,) if chance.random() < 0.66 else ()
        effect = chance.choices(('action = "hold"', 'action = "drop"', 'score = 1\ntag = ["seen"]'), (6, 2, 2))[0]
        made.written.append(Written(f"rule-{number}", tuple(when), unless, effect))
    return made


def wide(count: int) -> Rules:
    """One rule with one list of so many terms."""
    made = Rules()
    made.lists["wide"] = terms(Random(count), count)
    said = Said("has_any(text, lists.wide)", _by_hand(made, made.lists["wide"]))
    made.written.append(Written("wide", (said,), (), 'action = "hold"'))
    return made
