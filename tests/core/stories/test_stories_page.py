"""docs/stories.md: every example of what joins and what stays apart does so."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bot.core.stories.index import Arrived
from bot.core.stories.match import Match
from tests.builders import a_post
from tests.core.stories.arriving import arrived
from tests.core.stories.indexed import an_index

PAGE = Path(__file__).resolve().parents[3] / "docs" / "stories.md"
_LINK = re.compile(r"https?://\S+")


def rows(begin: str, end: str) -> list[list[str]]:
    """The cells of the tables between two headings that hold examples."""
    part = PAGE.read_text(encoding="utf-8").split(begin, 1)[1].split(end, 1)[0]
    found = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines() if "| A: `" in line]
    assert found
    return [[cell.strip(" |") for cell in row] for row in found]


def said(cell: str, name: str, minutes: int) -> Arrived:
    """The post that a cell shows: who, in what relation to the post "one", and its words."""
    text = "".join(re.findall(r"`([^`]*)`", cell))
    more: dict[str, Any] = {}
    if "reposts it" in cell:
        more["repost_of"] = "one"
    if "quotes it" in cell:
        more["quote_of"] = "one"
    if "an edit" in cell:
        more |= {"native_id": "one", "version": "2", "is_edit": True}
    values: dict[str, Any] = {"author": f"did:plc:{cell[0]}", "native_id": name, "links": tuple(_LINK.findall(text))}
    post = a_post(text, minutes=minutes, **(values | more))
    (one,) = arrived([post], minutes)
    return msgspec.structs.replace(one, has_pictures=True, cids=("bafyone",)) if "picture" in cell else one


def matched(one: str, other: str) -> Match:
    index = an_index()
    index.match([said(one, "one", 1)])
    (match,) = index.match([said(other, "two", 2)])
    return match


@pytest.mark.parametrize("row", rows("## What is the same story", "## What stays apart"), ids=lambda row: row[0])
def test_what_is_said_to_join_joins_for_that_reason(row: list[str]) -> None:
    _, one, other, reason = row
    assert matched(one, other).reason == reason


@pytest.mark.parametrize("row", rows("## What stays apart", "### What it cannot see"), ids=lambda row: row[0])
def test_what_is_said_to_stay_apart_does(row: list[str]) -> None:
    what, one, other = row
    match = matched(one, other)
    assert (match.story_id, match.reason) == (2, "")
    assert match.update_of == (1 if what == "a fact more" else 0)
    assert (matched(other, one).reason != "") == (what == "a fact more")


@pytest.mark.parametrize("row", rows("### What it cannot see", "## Who leads"), ids=lambda row: row[0])
def test_what_it_is_said_not_to_see_it_does_not_see(row: list[str]) -> None:
    _, one, other = row
    assert matched(one, other).story_id == 1


def test_a_copy_without_a_link_belongs_to_both() -> None:
    (row,) = [row for row in rows("## What stays apart", "### What it cannot see") if row[0] == "other pages by others"]
    index = an_index()
    for number, cell in enumerate(row[1:], 1):
        index.match([said(cell, str(number), number)])
    (match,) = index.match([said(f"C: `{_LINK.sub('', row[1])[4:]}`", "three", 3)])
    assert (match.story_id, match.merged) == (1, (2,))
