"""consent and optout as a person uses them: what they say, and what they say to mistakes."""

import json

from tests.cli.small_race import Desk


def held(ran: Desk) -> str:
    return str(json.loads(ran("queue", "--json").out)[0]["id"])


def test_an_answer_is_kept_shown_and_listed(ran: Desk) -> None:
    number = held(ran)
    said = ran("consent", "record", number, "--answer", "yes", "--evidence", "her mail of 13:20", "--as", "ana")
    assert said.out == f"post {number}  yes: the page alone\n"
    assert f"milepost queue approve {number}" in said.err
    shown = ran("consent", "show", number)
    assert "yes: the page alone, asked by ana: her mail of 13:20\n" in shown.out
    assert "Nothing speaks against showing it." in shown.err
    (listed,) = json.loads(ran("consent", "list", "--json").out)
    assert (listed["answer"], listed["page"], listed["accounts"], listed["by"]) == ("yes", True, False, "ana")
    assert "yes: the page alone; her mail of 13:20" in ran("log", "--what", "consent").out
    said = ran("consent", "revoke", number, "--evidence", "by phone")
    assert said.out == f"post {number}  revoked: nothing\n  it waited in the queue, and is dropped\n"
    assert ran("queue").out == ""


def test_mistakes_about_answers_are_said_and_change_nothing(ran: Desk) -> None:
    number = held(ran)
    assert "needs its evidence" in ran("consent", "record", number, "--answer", "yes", "--evidence", " ", code=1).err
    wrong = ("consent", "record", number, "--answer", "yes", "--evidence", "x", "--scope", "everything")
    assert "'everything' is no scope: write page, accounts or page,accounts" in ran(*wrong, code=1).err
    assert "no yes to take back" in ran("consent", "revoke", number, "--evidence", "x", code=1).err
    assert "is unknown" in ran("consent", "show", "987", code=1).err
    assert "maybe" in ran("consent", "record", number, "--answer", "maybe", "--evidence", "x", code=2).err
    assert "No answer was kept yet" in ran("consent", "list").err


def test_somebody_is_left_out_and_let_in_again(ran: Desk) -> None:
    said = ran("optout", "add", "@ann.example", "--as", "bo", "--reason", "asked by phone")
    first, second = said.out.splitlines()
    assert first == "bluesky:did:plc:ann  (@ann.example)  left out from now on"
    assert second.startswith("  taken off, everywhere: ")
    assert "taken off with the next `milepost run`" in said.err
    assert "left out already" in ran("optout", "add", "bluesky:did:plc:ann").out
    listed = " ".join(ran("optout", "list").out.split())
    assert listed.endswith("bluesky:did:plc:ann @ann.example by bo asked by phone")
    ran("run", "--once")
    assert json.loads(ran("optout", "list", "--json").out)[0]["is_done"] is True
    assert "consent: its author asked at" in ran("log", "--author", "ann.example").out
    assert ran("optout", "remove", "@ann.example").out == "bluesky:did:plc:ann  left out no more\n"
    assert ran("optout", "remove", "@ann.example").out == "bluesky:did:plc:ann  was not left out\n"
    assert "Nobody is left out." in ran("optout", "list").err


def test_nobody_of_that_name(ran: Desk) -> None:
    assert "nobody is called '@zoe'" in ran("optout", "add", "@zoe", code=1).err
