"""Names of runners and places that hold a rude word inside: no filter may take offence at a person's name."""

import json
from pathlib import Path

import pytest

from bot.core.rules.examples import build
from bot.core.rules.judge import judge
from bot.core.rules.ruleset import RuleSet, load
from bot.core.rules.words import WordIndex, fold

RULES = Path(__file__).resolve().parents[3] / "rules"
PEOPLE = (
    *("Dick Beardsley", "Inge Simonsen", "Fanny Blankers-Koen", "Caster Semenya", "Tatyana Shitova", "Irina Slutskaya"),
    *("Wang Wankui", "Nguyen Van Phuc", "Ann Titsworth", "Nobby Butt", "Mike Cock", "Charlotte Purdue", "Kara Goucher"),
    *(
        "Jemma Sexton",
        "Alan Cummings",
        "E. E. Cummings",
        "Ada Hancock",
        "Ben Cockburn",
        "Cara Dickinson",
        "Dan Babcock",
    ),
    *("Eve Woodcock", "Finn Peacock", "Gail Hiscock", "Hal Glasscock", "Ida Allcock", "Jon Adcock", "Kit Alcock"),
    *("Lea Laycock", "Mo Hitchcock", "Nia Moorcock", "Olaf Fuchs", "Pia Kuntz", "Rolf Assmann", "Sue Bassett"),
    *("Tom Lipschitz", "Una Titmus", "Vic Titchmarsh", "Will Tittensor", "Amy Gaylord", "Bob Hoare", "Cy Fagan"),
    *("Dee Faggetter", "Eli Van Dyke", "Flo Dykes", "Gus Cooney", "Hope Wiener", "Ian Seaman", "Joy Swallow"),
    *("Ken Balls", "Lou Pratt", "Meg Rapeport", "Ned Penn", "Ora Nazario", "Pam Negrete", "Quin Spicer", "Ray Slutsky"),
    *(
        "Sam Arslan",
        "Tia Shitara",
        "Ugo Bumgarner",
        "Val Analia",
        "Wes Pornsak",
        "Yan Kumcu",
        "Zoe Hooker",
        "Aly Weiner",
    ),
)
PLACES = (
    *("Scunthorpe", "Penistone", "Clitheroe", "Lightwater", "Essex", "Sussex", "Middlesex", "Wetwang", "Cockermouth"),
    *(
        "Cockfosters",
        "Twatt",
        "Shitterton",
        "Assington",
        "Bitchfield",
        "Pratts Bottom",
        "Scratchy Bottom",
        "Lickey End",
    ),
    *("Cumbria", "Cumnock", "Cumbernauld", "Arsenal", "Sexhow", "Nob End", "Great Cockup", "Upperthong", "Rimswell"),
    *("Massachusetts", "Passau", "Phuket", "Horniman Museum", "Bassingbourn", "Kassel", "Nasserfeld", "Titlis"),
)
RACES = ("5K", "10K", "5K and 10K", "first 5K", "half", "Harriers", "Hash House Harriers", "ASICS", "classic")
NAMES = (*PEOPLE, *PLACES, *RACES)
FRAMES = ("{}", "Good luck {}", "go {}!", "#{}", "{}, number 1,", "GO {}", "well done {}’s mum")


@pytest.fixture(scope="module")
def starter() -> RuleSet:
    paths = [*RULES.glob("*.toml"), *RULES.glob("lists/*.txt")]
    return load({str(path.relative_to(RULES)): path.read_text(encoding="utf-8") for path in paths})


def test_there_are_enough_names_and_none_twice() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len(PEOPLE) >= 60
    assert len(PLACES) >= 30


@pytest.mark.parametrize("name", NAMES)
def test_no_rule_that_ships_takes_offence_at_a_name(starter: RuleSet, name: str) -> None:
    for frame in FRAMES:
        for text in (frame.format(name), frame.format(name.upper())):
            assert judge(starter, *build(text)).rules == (), text


def test_other_peoples_words_are_found_in_names_as_whole_words_only(shared_data: Path) -> None:
    words: list[str] = json.loads((shared_data / "lists" / "ldnoobw_en.json").read_text(encoding="utf-8"))
    assert len(words) > 400
    index = WordIndex(dict.fromkeys(map(fold, words), 1))
    listed = load(
        {
            "a.toml": "[[rule]]\nid = 'all'\naction = 'drop'\nwhen = ['has_any(text, lists.rude)']\n",
            "lists/rude.txt": "\n".join(words),
        }
    )
    struck = set()
    for name in NAMES:
        for frame in FRAMES:
            text = fold(frame.format(name))
            inside = {word for word in words if fold(word) in fold(name)}
            for hit in index.hits(text, 1):
                around = text[hit.start - 1 : hit.start] + text[hit.end : hit.end + 1]
                assert not any(sign.isalnum() for sign in around), (hit, text)
                struck.add(name)
            found = bool(judge(listed, *build(frame.format(name))).rules)
            assert found is bool(index.hits(text, 1)), text
            if not inside:
                assert not found, text
    assert "Scunthorpe" not in struck
    assert struck <= {name for name in NAMES if set(fold(name).split()) & set(words)}, "only names that are such a word"


def test_the_starter_set_with_other_peoples_words_would_strike_names(shared_data: Path) -> None:
    """Why the starter set has lists of its own: that list names Dick and Butt."""
    words = json.loads((shared_data / "lists" / "ldnoobw_en.json").read_text(encoding="utf-8"))
    insults = (RULES / "lists" / "insults.txt").read_text(encoding="utf-8")
    ours = {fold(line) for line in insults.splitlines() if line and not line.startswith("# ")}
    alone = {fold(word) for word in words} & {fold(part) for name in NAMES for part in name.split()}
    assert alone
    assert not alone & ours
