"""bluesky-social/atproto's own cases: tags, links and mentions, with byte ranges."""

import json
from collections.abc import Callable
from pathlib import Path

from bot.core.text.facets import facets
from bot.core.text.hashtags import hashtags

_FILE = ("atproto", "rich-text-detection.cases.json")


def _cases(shared_data: Path) -> dict[str, list[list[object]]]:
    cases: dict[str, list[list[object]]] = json.loads(shared_data.joinpath(*_FILE).read_text(encoding="utf-8"))
    return cases


def _segments(text: str) -> list[list[str]]:
    """The text in pieces, each with its target where it has one; a mention's is the id that the suite invents."""
    pieces: list[list[str]] = []
    last = 0
    for entity in facets(text):
        if entity.kind == "tag":
            continue
        if entity.start > last:
            pieces.append([text[last : entity.start]])
        target = f"did:fake:{entity.target}" if entity.kind == "mention" else entity.target
        pieces.append([text[entity.start : entity.end], target])
        last = entity.end
    if last < len(text):
        pieces.append([text[last:]])
    return pieces


def test_links_and_mentions(shared_data: Path, tally: Callable[[str, int], None]) -> None:
    cases = _cases(shared_data)
    inputs, outputs = cases["detectFacets :: inputs"], cases["detectFacets :: outputs"]
    assert len(inputs) == len(outputs) == 40
    assert {str(text): _segments(str(text)) for text in inputs} == {
        str(text): out for text, out in zip(inputs, outputs, strict=True)
    }
    tally("atproto links and mentions", len(inputs))


def _check_tags(cases: list[list[object]], count: int) -> None:
    assert len(cases) == count
    for text, tags, ranges in cases:
        assert isinstance(text, str)
        found = [entity for entity in facets(text) if entity.kind == "tag"]
        assert [entity.target for entity in found] == tags, text
        assert [
            {"byteStart": len(text[: entity.start].encode()), "byteEnd": len(text[: entity.end].encode())}
            for entity in found
        ] == ranges, text


def test_tags(shared_data: Path, tally: Callable[[str, int], None]) -> None:
    cases = _cases(shared_data)["detectFacets / correctly detects tags inline :: inputs"]
    _check_tags(cases, 39)
    for text, tags, _ in cases:
        assert [tag.target for tag in hashtags(str(text), "bluesky")] == tags
    tally("atproto tags", len(cases))


def test_cashtags(shared_data: Path, tally: Callable[[str, int], None]) -> None:
    cases = _cases(shared_data)["detectFacets / correctly detects cashtags inline :: inputs"]
    _check_tags(cases, 18)
    tally("atproto cashtags", len(cases))
