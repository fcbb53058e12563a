"""A crowd's texts for the story bench: natural lengths, 5 % from templates, 5 % near copies of what was said before.

The other nine of ten have words as a language has them: a few stand in every text, most are rare (Zipf), so that two texts have
about as much in common by chance as two posts have. Every text is made of our own words, and text `n` is the same in every run.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from random import Random

from tests.core.stories import templates
from tests.core.stories.pairs import TRANSFORMATIONS

CHUNK = 5_000
AUTHORS = 50_000
_VOCABULARY = 30_000
_COMMON = """
the to and a of in is for you on that it with this are we be have so at all my your was just as not our from but what
they out will up can me if more about he now one today has or who by an day go good great time when do how their get
like no people see there here good know had she us some been would her his them over love new really back still after
only well think then much off into first down because than why could any two way even too did last come these every
where make other going next look right before never again best long through year always home most own says
""".split()  # noqa: SIM905 - it is read as text
_SYLLABLES = (
    "an", "be", "ca", "do", "el", "fi", "ga", "ha", "io", "ju", "ka", "la", "mi", "no", "ola", "pe", "qu", "ri", "sa", "to", "ul",
    "va", "wen", "xi", "ya", "zo", "bri", "dal", "fer", "gus", "lin", "mar", "st", "er", "ing", "ton", "ly", "ent",
)  # fmt: skip
_STOCK = (
    "Good luck everyone running today!",
    "Good luck to all the runners out there, you are amazing and we are cheering for every one of you",
    "I just donated to a great cause, you can too: every pound counts and every runner matters today",
    "Watching the race with a cup of tea",
    "This is your sign to sign up for the ballot next year, the places open on Friday at noon sharp",
)
_TAGS = ("#GetInspired", "#getinspired", "#LondonMarathon", "#running")
_SIGNS = ("🏃", "👏👏", "🎉", "💪🏽", "❤️", "😭", "🙌")


@cache
def _words() -> tuple[Sequence[str], Sequence[float]]:
    """The vocabulary, the most common first, and the weights of its words, summed up."""
    chance = Random(26)
    found = dict.fromkeys(_COMMON)
    while len(found) < _VOCABULARY:
        found["".join(chance.choices(_SYLLABLES, k=chance.choice((1, 2, 2, 3, 3, 4))))] = None
    return list(found), list(accumulate(1 / (rank + 2.7) for rank in range(len(found))))


@cache
def _templates() -> Sequence[tuple[str, Sequence[str]]]:
    return [one for kind in templates.TEMPLATES.values() for one in kind]


def natural(chance: Random) -> str:
    """A text of a few sentences, 3 to about 50 words, most of them short."""
    vocabulary, weights = _words()
    words = chance.choices(vocabulary, cum_weights=weights, k=3 + int(min(chance.expovariate(1 / 14), 45)))
    at = 0
    while at < len(words):
        words[at] = words[at].capitalize()
        at += chance.randint(5, 14)
        if at < len(words):
            words[at - 1] += chance.choice((".", "!", ",", ":", "?"))
    if chance.random() < 0.4:
        place = chance.randrange(len(words))
        words[place] = words[place].capitalize()
    if chance.random() < 0.25:
        words[chance.randrange(len(words))] = str(chance.randint(1, 40_000))
    if chance.random() < 0.1:
        words[chance.randrange(len(words))] += "’s"
    if chance.random() < 0.2:
        words.append(chance.choice(_SIGNS))
    if chance.random() < 0.12:
        words.append(f"https://news.example/{chance.getrandbits(32):x}")
    if chance.random() < 0.7:
        words.append(chance.choice(_TAGS))
    return " ".join(words)


def texts(start: int, count: int) -> Iterator[tuple[int, str]]:
    """Texts `start` to `start + count - 1` with the number of who says each.

    Args:
        start: A multiple of 5,000.
        count: How many.
    """
    changes = list(TRANSFORMATIONS.values())
    for first in range(start, start + count, CHUNK):
        chance = Random(first)
        said: list[str] = []
        for _ in range(min(CHUNK, start + count - first)):
            kind = chance.random()
            if kind < 0.02:
                text = chance.choice(_STOCK)
            elif kind < 0.05:
                template, fillings = chance.choice(_templates())
                text = template.format(chance.choice(fillings))
            elif kind < 0.1 and said:
                text = chance.choice(changes)(chance.choice(said), chance)
            else:
                text = natural(chance)
                said.append(text)
            yield int(AUTHORS * chance.random() ** 2), text
