"""people: who is who, from an account's handle to a line of the file."""

import json

from bot.core.people import FILE
from tests.cli.small_race import ROOT, Desk

ANN = '[[person]]\nid = "ann-lee"\nname = "Ann Lee"\naccounts = ["bluesky:did:plc:ann", "x:12345"]\n'


def test_from_a_handle_to_a_person(ran: Desk) -> None:
    said = ran("people")
    assert said.out == ""
    assert said.err.startswith("Nobody is listed: name people in rules/people.toml; `milepost people HANDLE`")
    said = ran("people", "@ann.example")
    assert said.out.splitlines()[0] == "not listed in rules/people.toml"
    assert said.out.splitlines()[1].split() == (
        ["bluesky:did:plc:ann", "1", "post", "seen,", "1", "published", "@ann.example", "ann"]
    )
    (ran.folder / "rules" / FILE).write_text(ANN, encoding="utf-8")
    assert "people: good; 1 with 2 accounts\n" in ran("rules", "check").out
    assert "0 people, 0 accounts; on disk are others, good and not in force yet" in ran("rules", "status").out
    ran("run", "--once")
    assert "people     1 person, 2 accounts\n" in ran("rules", "status").out
    said = ran("people")
    assert said.out.splitlines()[0] == "ann-lee  Ann Lee"
    assert "1 post seen, 1 published" in said.out
    assert said.out.splitlines()[2].split()[:4] == ["x:12345", "not", "seen", "yet"]
    assert ran("people", "ann.example").out == said.out
    (found,) = json.loads(ran("people", "--json").out)
    assert found["accounts"][0] == {
        "account": "bluesky:did:plc:ann",
        "handle": "ann.example",
        "name": "ann",
        "seen": 1,
        "published": 1,
    }


def test_nobody_of_that_name(ran: Desk) -> None:
    assert "nobody is called 'nemo'" in ran("people", "nemo", code=1).err


def test_a_mistake_is_found_wherever_rules_are_checked(ran: Desk) -> None:
    path = ran.folder / "rules" / FILE
    path.write_text(ANN.replace("x:12345", "x:@ann"), encoding="utf-8")
    place = "rules/people.toml:4:36: '@ann' is no permanent account id of x"
    for arguments in (("rules", "check"), ("rules", "check", "rules/people.toml")):
        said = ran(*arguments, code=1)
        assert place in said.err
        assert "`milepost people HANDLE`" in said.err
    assert place in ran("config", "check", code=78).err
    assert place in ran("rules", "status", code=1).out
    assert place in ran("run", "--once").err
    assert "People on disk are refused" in ran("status").out
    found = json.loads(ran("rules", "check", "--json", code=1).out)["mistakes"]
    assert [(one["line"], one["column"]) for one in found] == [(4, 36)]


def test_a_file_that_would_be_refused_as_emptied_is_a_mistake_before_it_is_saved_for_good(ran: Desk) -> None:
    path = ran.folder / "rules" / FILE
    path.write_text(ANN, encoding="utf-8")
    ran("run", "--once")
    path.write_text("# nobody\n", encoding="utf-8")
    assert "rules/people.toml:1:1: the file has no people any more" in ran("rules", "check", code=1).err


def test_what_people_call_themselves_stays_on_its_line(desk: Desk) -> None:
    day = desk.folder / "day.jsonl"
    text = day.read_text(encoding="utf-8").replace('"name":"ann"', '"name":"ann\\u001b[2J\\nroot"')
    day.write_text(text, encoding="utf-8")
    desk("run", "--once")
    said = desk("people", "ann.example").out
    assert "\x1b" not in said
    assert len(said.splitlines()) == 2


def test_the_starter_file_means_nobody_and_its_schema_ships_beside_it(bare: Desk) -> None:
    bare("init", ".")
    said = bare("rules", "schema", "--people").out
    shipped = ROOT / "rules"
    name = "people.schema.json"
    assert (shipped / name).read_text(encoding="utf-8") == said, f"milepost rules schema --people > rules/{name}"
    assert (bare.folder / "rules" / name).read_text(encoding="utf-8") == said
    text = (bare.folder / "rules" / FILE).read_text(encoding="utf-8")
    assert text.startswith(f"#:schema ./{name}\n")
    assert "people" not in bare("rules", "check").out
    head, mark, example = text.partition("# [[person]]")
    example = "\n".join(line.removeprefix("# ") for line in f"{mark}{example}".splitlines())
    (bare.folder / "rules" / FILE).write_text(f"{head}{example}\n", encoding="utf-8")
    assert "people: good; 1 with 3 accounts" in bare("rules", "check").out
