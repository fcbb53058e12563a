"""milepost sources, and what explain and queue say of rights."""

import json

from tests.cli.small_race import Desk

X = '\n[[source]]\nname = "hashtag-x"\nkind = "x"\nenabled = false\ntags = ["LondonMarathon"]\n'
NEWS = '\n[[source]]\nname = "news"\nkind = "feeds"\nurl = "https://news.example/a.xml"\nrights = { cross_post = false, approve = true }\n'


def with_sources(desk: Desk, more: str) -> None:
    path = desk.folder / "config.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}{more}", encoding="utf-8")


def test_every_source_is_listed_with_what_it_does_not_allow_before_the_first_run_too(desk: Desk) -> None:
    with_sources(desk, X + NEWS)
    lines = desk("sources").out.splitlines()
    assert [line.split() for line in lines if line.startswith("hashtag-x")] == [
        [
            "hashtag-x",
            "x",
            "off",
            "on",
            "the",
            "page",
            "whole",
            "or",
            "not",
            "at",
            "all;",
            "in",
            "feeds",
            "the",
            "link",
            "alone;",
            "at",
            "accounts",
            "the",
            "link",
            "alone",
        ]
    ]
    assert [line.split() for line in lines if line.startswith("news")] == [
        ["news", "feeds", "on", "a", "person", "approves", "each", "post;", "not", "at", "accounts"]
    ]
    assert "everything is allowed" in lines[0]
    found = {one["name"]: one for one in json.loads(desk("sources", "--json").out)}
    assert found["news"]["rights"] == {
        "full_text": True,
        "feeds": True,
        "cross_post": False,
        "quote": True,
        "approve": True,
        "altered": True,
    }
    assert found["hashtag-x"]["said"][-1] == "at accounts the link alone"


def test_too_much_is_refused_with_what_to_write(desk: Desk) -> None:
    with_sources(desk, f"{X}rights = {{ quote = true }}\n")
    said = desk("sources", code=78)
    assert "allows more than its platform" in said.err
    assert "write quote = false, or take it out" in said.err


def test_explain_and_queue_say_what_is_not_allowed_of_a_post(ran: Desk) -> None:
    path = ran.folder / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('kind = "replay"\n', 'kind = "replay"\nrights = { quote = false }\n', 1), encoding="utf-8"
    )
    assert "Rights   at accounts the link alone" in ran("explain", "1").out
    for item in json.loads(ran("queue", "--json").out):
        assert item["rights"] == ["at accounts the link alone"]
    if json.loads(ran("queue", "--json").out):
        assert "    rights: at accounts the link alone" in ran("queue").out
