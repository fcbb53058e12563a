"""A post becomes an update: a heading that the text begins with is not said twice, and no sentence loses its beginning."""

import pytest

from bot.core.compose import compose
from bot.core.model import Entity, Limits
from bot.core.snippets import fit
from tests.builders import START, a_desk, a_post

WATER = "Water stations"


@pytest.mark.parametrize(
    ("title", "text", "body"),
    [
        (WATER, "Water stations open at mile 3.", "Water stations open at mile 3."),
        (WATER, "Water stations, nine of them, are open", "Water stations, nine of them, are open"),
        (WATER, "Water stationsmasters", "Water stationsmasters"),
        ("Half", "Half-way is reached", "Half-way is reached"),
        ("Pace", "Pace - steady", "steady"),
        ("Version 3", "Version 3.5 is out", "Version 3.5 is out"),
        ("10", "10:30 is the start", "10:30 is the start"),
        ("Is it far", "Is it far? Yes.", "Is it far? Yes."),
        ("Is it far?", "Is it far? Yes.", "Yes."),
        ("Go!", "Go!Go!Go!", "Go!Go!Go!"),
        (WATER, "Water stations\n\nThey open at mile 3.", "They open at mile 3."),
        (WATER, "Water stations. They open at mile 3.", "They open at mile 3."),
        (WATER, "Water stations: open at mile 3", "open at mile 3"),
        (WATER, "Water stations — open at mile 3", "open at mile 3"),
        (WATER, "Water stations—open at mile 3", "open at mile 3"),
        (WATER, "Water stations – open at mile 3", "open at mile 3"),
        (WATER, "Water stations", ""),
        (WATER, "Water stations.\n", ""),
        ("", "Water stations", "Water stations"),
    ],
)
def test_the_text_below_a_heading(title: str, text: str, body: str) -> None:
    update = compose(a_post(text, title=title), a_desk(), "official", START, post_id=1)
    assert (update.title, update.text) == (title, body)


def test_a_text_with_places_in_it_stays_whole() -> None:
    text = "Water stations\nsee organiser.example"
    post = a_post(text, title=WATER, entities=(Entity("link", 19, 36, "https://organiser.example"),))
    assert compose(post, a_desk(), "official", START, post_id=1).text == text


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Water stations open at mile 3.", "Water stations open at mile 3."),
        ("Water stations. They open at mile 3.", "Water stations\nThey open at mile 3."),
        ("Bring a bottle", "Water stations\nBring a bottle"),
        ("", "Water stations"),
    ],
)
def test_an_account_hears_the_heading_once(text: str, quote: str) -> None:
    update = compose(a_post(text, title=WATER), a_desk(), "official", START, post_id=1)
    assert fit(update, Limits(300), created_at=START).text.partition("“")[2].partition("”")[0] == quote
