import json
from dataclasses import replace
from pathlib import Path
from xml.etree.ElementTree import fromstring

import feedparser
import pytest

from bot.core.model import Copy, Credit, Entity, Media, Update, UpdateKind
from bot.page.draw import draw, fragment
from bot.page.view import CoverageView, Point
from tests.page.html_reader import read
from tests.page.marathon_day import START, desk, fan, view

ELEMENTS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "link",
        "script",
        "body",
        "header",
        "footer",
        "main",
        "nav",
        "section",
        "article",
    ),
    *(
        "div",
        "p",
        "span",
        "h1",
        "h2",
        "h3",
        "ul",
        "li",
        "a",
        "time",
        "em",
        "strong",
        "br",
        "bdi",
        "blockquote",
        "button",
    ),
    *("figure", "figcaption", "img", "details", "summary", "svg", "path"),
}
ADDRESSES = {"href", "src", "cite"}


@pytest.fixture(scope="module")
def naughty(shared_data: Path) -> list[str]:
    strings: list[str] = json.loads((shared_data / "lists" / "blns.json").read_text(encoding="utf-8"))
    assert len(strings) > 400
    return strings


def everywhere(string: str, number: int) -> Update:
    """An update that says the string wherever a stranger can say anything."""
    media = (
        Media("image", f"https://cdn.example/{number}.jpg", string),
        Media("image", string, string),
        Media(string, string),
    )
    return replace(
        fan(number, "12:00", string, string, string),
        slug=f"n{number:07}",
        at=START,
        title=string,
        url=string,
        lang=string,
        note=string,
        changed_at=START,
        credit=Credit(string, string, ("bluesky", "feeds", "", string)[number % 4], string, string),
        media=media,
        entities=(Entity("link", 0, 3, string), Entity("tag", 3, 6, string), Entity("mention", 6, 9, string)),
        kind=tuple(UpdateKind)[number % 3],
        is_official=number % 5 == 0,
        strand="hostile",
        also=number % 4 + 1,
        chorus=number % 3,
        copies=(
            Copy(1, string, string, string),
            Copy(2, "x", f"https://x.example/{number}", string),
            Copy(3, string, f"https://y.example/{number}", string),
            Copy(4, string, f"https://z.example/{number}", string, is_same=True),
        ),
        follows=string,
        followed=string,
    )


TURNS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def test_no_text_turns_the_words_around_it() -> None:
    string = f"Ignore \u202eelim ta retaw\u2067 {TURNS}at mile 9"
    update = everywhere(string, 1)
    drawn = draw(
        replace(view(), title=string, about=string, byline=string, headlines=(Point(string),), updates=(update,))
    )
    for name, body in drawn.items():
        found = set(body.decode()) & set(TURNS) if name.endswith((".html", ".atom", ".json")) else set()
        assert not found, name
        assert name != "feed.json" or not any(f"\\u{ord(sign):04x}" in body.decode().lower() for sign in TURNS)
    assert "Ignore elim ta retaw at mile 9" in drawn["index.html"].decode()
    assert not set(fragment(update, view())) & set(TURNS)


def check(html: bytes | str, string: str) -> None:
    page = read(html)
    assert {tag for tag, _ in page.tags} <= ELEMENTS, string
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc", "action")], (
            string
        )
        for name in ADDRESSES & set(attributes):
            scheme = attributes[name].split(":", 1)[0].lower() if ":" in attributes[name] else ""
            assert scheme in ("", "http", "https", "mailto"), string
        if tag == "script":
            assert attributes["src"].startswith("page.js?v="), string


def test_no_naughty_string_becomes_markup(naughty: list[str]) -> None:
    for number, string in enumerate(naughty):
        update = everywhere(string, number)
        whole = view(
            title=string,
            about=string,
            byline=string,
            event=string,
            contact=string,
            headlines=(Point(string),),
            notice=string,
            strands={"hostile": string},
            updates=(update,),
        )
        drawn = draw(whole)
        for name, body in drawn.items():
            if name.endswith(".html"):
                check(body, string)
        feed = feedparser.parse(drawn["feed.atom"])
        assert not feed.bozo, string
        assert len(feed.entries) == 1, string
        (item,) = json.loads(drawn["feed.json"])["items"]
        check(f"<div>{item['content_html']}</div>", string)


def test_all_naughty_strings_on_one_page(naughty: list[str]) -> None:
    updates = tuple(everywhere(string, number) for number, string in enumerate(naughty))
    drawn = draw(view(updates=updates[::-1], latest=1000, feed=1000))
    check(drawn["index.html"], "all of them")
    assert len(read(drawn["index.html"]).every("article")) == len(naughty)
    feed = fromstring(drawn["feed.atom"])  # noqa: S314 - our own bytes
    assert len(feed.findall("{http://www.w3.org/2005/Atom}entry")) == len(naughty)


def test_words_stay_what_they_were(naughty: list[str]) -> None:
    for string in naughty:
        page = read(fragment(replace(desk(1, "12:00", string), title="t"), view()))
        seen = [letter for letter in "".join(page.words) if letter.isalnum()]
        meant = [letter for letter in string if letter.isalnum()]
        assert "".join(meant) in "".join(seen), string


@pytest.mark.parametrize("language", ['en"><script>', "en' onload='x", "<!--"])
def test_even_the_configuration_is_escaped(language: str) -> None:
    whole: CoverageView = view(language=language, public_url='https://h.example/"><script>alert(1)</script>')
    check(draw(whole)["index.html"], language)


def test_real_posts_are_drawn(shared_data: Path) -> None:
    texts = []
    for file in sorted((shared_data / "bluesky").rglob("*.json*")):
        for found in file.read_text(encoding="utf-8", errors="replace").splitlines():
            texts.extend(_texts(found))
    assert len(texts) > 50
    updates = tuple(
        replace(fan(number, "12:00", "a", "a", text), slug=f"r{number:07}") for number, text in enumerate(texts[:2000])
    )
    drawn = draw(view(updates=updates, latest=1000, feed=1000))
    for name, body in drawn.items():
        if name.endswith(".html"):
            check(body, name)
    assert not feedparser.parse(drawn["feed.atom"]).bozo


def _texts(json_line: str) -> list[str]:
    try:
        found = [json.loads(json_line)]
    except ValueError:
        return []
    texts = []
    while found:
        value = found.pop()
        if isinstance(value, dict):
            if isinstance(value.get("text"), str):
                texts.append(value["text"])
            found.extend(value.values())
        elif isinstance(value, list):
            found.extend(value)
    return texts
