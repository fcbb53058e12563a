"""What somebody wrote in a letter themselves: without what it quotes, without the signature."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.mail.body import own_words


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ("Hello\r\n\r\nthere\r\n", "Hello\n\nthere"),
        ("Yes\n\nOn Sun, 24 Apr 2016 at 13:00, Desk <desk@example.org> wrote:\n> May we quote you?\n", "Yes"),
        (
            "Yes\n\nOn Sun, 24 Apr 2016 at 13:00, The Desk of the London Marathon\n<desk@example.org> wrote:\n> May we?\n",
            "Yes",
        ),
        ("Ja\n\nAm 24.04.2016 um 13:00 schrieb Desk:\n> Dürfen wir?\n", "Ja"),
        ("Oui\n\nLe 24 avril 2016 à 13:00, Desk a écrit :\n> Pouvons-nous ?\n", "Oui"),
        ("Sí\n\nEl 24 abr 2016, Desk escribió:\n> ¿Podemos?\n", "Sí"),
        ("Fine.\n\n-----Original Message-----\nFrom: Desk\nSent: Sunday\n", "Fine."),
        ("Fine.\n\nFrom: Desk <desk@example.org>\nSent: Sunday, 24 April 2016\nTo: Ada\n", "Fine."),
        ("Fine.\n________________________________\nFrom: Desk\n", "Fine."),
        ("> What did you wear?\nA banana suit.\n> And then?\nNothing.", "A banana suit.\nNothing."),
        ("I won!\n-- \nAda Lovelace\n0171 000000\n", "I won!"),
        ("I won!\n\nSent from my iPhone\n", "I won!"),
        ("Gewonnen!\n\nVon meinem iPhone gesendet\n", "Gewonnen!"),
        ("Get Outlook for iOS\n", ""),
        ("On the day I wrote:\nnothing else", "On the day I wrote:\nnothing else"),
        (
            "On mile 20 I read what my daughter wrote:\nGo on, Dad!",
            "On mile 20 I read what my daughter wrote:\nGo on, Dad!",
        ),
        (
            "For Ana.\nFrom: London\nTo: Brighton\nWe ran it all.",
            "For Ana.\nFrom: London\nTo: Brighton\nWe ran it all.",
        ),
        (
            "On Fri, 27 Nov 2026 at 09:00, Desk <d@x.example> wrote:\n> How was it?\n> Well?\n\nI ran with my sister.",
            "I ran with my sister.",
        ),
        (
            "Hi,\n\nOn Fri, 27 Nov 2026, Desk wrote:\n\n> How?\n\nWith my sister.\n> And?\nIt rained.",
            "Hi,\n\nWith my sister.\nIt rained.",
        ),
        ("From: the bridge\nwe saw it all", "From: the bridge\nwe saw it all"),
        ("", ""),
    ],
)
def test_words_of_ones_own(plain: str, words: str) -> None:
    assert own_words(plain, "") == words


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<p>I ran<br>it.</p><p>In a   suit &amp; a hat</p>", "I ran\nit.\n\nIn a suit & a hat"),
        ("<style>p{}</style><script>alert(1)</script><p>Hi</p>", "Hi"),
        ("<p>Yes</p><blockquote>May we?<blockquote>Who?</blockquote>still</blockquote>", "Yes"),
        ('<div>Yes</div><div class="gmail_quote">On … wrote:<div>May we?</div>and more</div>', "Yes"),
        ("<p>unclosed <b>words", "unclosed words"),
        ("<html><head><meta charset=utf-8><body><p>No end of the head</p></body></html>", "No end of the head"),
        ('<br class="gmail_quote"><p>After a line of its own</p>', "After a line of its own"),
        ("<p>Hi</p><![x[y]]> there", "Hi"),
        (f"<p>Hi</p>&#{'9' * 6_000}; there", "Hi"),
        ("", ""),
    ],
)
def test_words_of_html_where_there_is_no_plain_text(html: str, words: str) -> None:
    assert own_words("", html) == words


def test_plain_text_wins_over_html() -> None:
    assert own_words("plain", "<p>html</p>") == "plain"


@given(st.text(), st.text())
def test_any_text_comes_to_an_end(plain: str, html: str) -> None:
    assert len(own_words(plain, html)) <= 20_000


@pytest.mark.parametrize(
    "hostile",
    [
        "\n" * 24_000_000,
        "on\n" * 8_000_000,
        "On " * 100_000,
        "<div>" * 50_000,
        "<blockquote>" * 50_000,
        "> " * 200_000,
        "_" * 400_000,
    ],
)
def test_hostile_letters_are_read_in_time(hostile: str) -> None:
    assert len(own_words(hostile, hostile)) <= 20_000
    own_words("", hostile)
