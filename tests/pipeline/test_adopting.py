"""Rule files become a set in the store: only whole, only when nobody writes any more, and never an old one again."""

import os
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import look
from bot.app.hall import App
from bot.core.errors import Mistake, RuleError
from bot.core.rules.ruleset import load
from bot.pipeline import adopt
from bot.pipeline.adopt import Adopted, Folder
from bot.store import rulesets
from bot.store.database import Database
from tests.builders import START
from tests.conftest import OPEN_RULES, House
from tests.pipeline.houses import same_store
from tests.pipeline.incoming import held

RULE = """
[[rule]]
id = "{word}"
about = "No {word}."
action = "drop"
when = ['has(text, "{word}")']
catches = ["a {word}"]
spares = ["hello"]
"""
BROKEN = RULE.format(word="rain").replace('"drop"', '"dorp"')


def rule(word: str) -> str:
    return RULE.format(word=word)


def rules_now(house: House) -> set[str]:
    """Ids of the rules that are in force."""
    with house.app.database.read() as tx:
        stored = rulesets.active(tx, rulesets.RULES)
    assert stored is not None
    return {one.id for one in load(stored.files).rules}


def refused(house: House) -> str:
    return look.status(house.app).rules_refused


BOTH = {"official-accounts", "spam"}


def test_a_change_is_believed_at_the_second_equal_look(house: House) -> None:
    house.app.adopt()
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    assert house.app.adopt() == Adopted()
    assert rules_now(house) == BOTH
    found = house.app.adopt()
    assert (found.changed, found.refused) == (True, False)
    assert rules_now(house) == {*BOTH, "rain"}
    assert house.app.adopt() == Adopted(), "once"
    assert len(house.log("adopted")) == 3, "rules and plan at the start, and this one"


def test_what_is_still_being_written_is_not_believed_although_its_first_half_is_valid(house: House) -> None:
    house.app.adopt()
    whole = OPEN_RULES + rule("rain") + rule("snow")
    path = house.rules / "10-rules.toml"
    for end in (OPEN_RULES + rule("rain"), whole):
        path.write_text(end)
        house.app.adopt()
        assert rules_now(house) == BOTH
    house.app.adopt()
    assert rules_now(house) == {*BOTH, "rain", "snow"}
    assert len(house.log("adopted")) == 3


def test_what_was_cut_off_in_the_middle_of_a_word_is_refused_as_a_whole(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    (house.rules / "30-snow.toml").write_text(rule("snow")[:60])
    found = house.app.adopt(at_once=True)
    assert (found.changed, found.refused) == (False, True)
    assert rules_now(house) == BOTH, "not even the good file of the two"
    assert "30-snow.toml" in refused(house)


def test_a_file_with_the_same_size_and_time_in_its_place_is_seen(house: House) -> None:
    path = house.rules / "20-word.toml"
    path.write_text(rule("rain"))
    before = path.stat()
    house.app.adopt(at_once=True)
    house.app.adopt()
    beside = house.rules / "beside.tmp"
    beside.write_text(rule("snow"))
    os.utime(beside, ns=(before.st_atime_ns, before.st_mtime_ns))
    beside.replace(path)  # as editors save: by renaming
    house.app.adopt()
    house.machine.forward(seconds=5)  # a rule goes
    house.app.adopt()
    assert rules_now(house) == {*BOTH, "snow"}


@pytest.mark.parametrize(
    "name",
    [".20-rain.toml.swp", ".20-rain.toml", "20-rain.toml~", ".#20-rain.toml", "20-rain.toml.bak", "20-rain.toml.tmp"],
)
def test_what_editors_leave_beside_is_no_rule_file(house: House, name: str) -> None:
    (house.rules / name).write_text(BROKEN)
    assert house.app.adopt(at_once=True) == Adopted(name=look.status(house.app).rule_set)
    assert refused(house) == ""
    assert rules_now(house) == BOTH


def test_a_renamed_file_is_an_edit_that_changes_no_rule(house: House) -> None:
    (house.rules / "10-rules.toml").rename(house.rules / "15-rules.toml")
    assert house.app.adopt(at_once=True).changed
    assert rules_now(house) == BOTH
    assert "10-rules.toml removed" in house.log("adopted")[-1].why
    assert "15-rules.toml new" in house.log("adopted")[-1].why


def test_a_deleted_folder_changes_nothing_and_says_so_until_it_is_back(house: House) -> None:
    kept = (house.rules / "10-rules.toml").read_text()
    (house.rules / "10-rules.toml").unlink()
    house.rules.rmdir()
    for _ in range(3):
        house.app.adopt(at_once=True)
    assert rules_now(house) == BOTH
    assert "the folder is gone or has no rule files any more: put them back" in refused(house)
    assert len(house.log("refused")) == 1, "said once"
    house.rules.mkdir()
    house.app.adopt(at_once=True)
    assert len(house.log("refused")) == 1, "an empty folder is the same mistake"
    (house.rules / "10-rules.toml").write_text(kept)
    house.app.adopt(at_once=True)
    assert refused(house) == ""
    assert len(house.log("adopted")) == 2, "the set in force is no new set"


def test_an_emptied_file_is_refused_and_a_deleted_one_is_meant(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    house.app.adopt(at_once=True)
    (house.rules / "20-rain.toml").write_text("")
    assert house.app.adopt(at_once=True).refused
    assert "the file has no rules any more: delete it if that is meant" in refused(house)
    assert rules_now(house) == {*BOTH, "rain"}
    (house.rules / "20-rain.toml").unlink()
    assert house.app.adopt(at_once=True).changed
    assert rules_now(house) == BOTH
    assert refused(house) == ""


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe[\x00[\x00", "is not UTF-8 at byte 0: save it as UTF-8"),
        (b"# caf\xe9", "is not UTF-8 at byte 5: save it as UTF-8"),
        (b"#" * 4_000_001, "is larger than 4000000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_refuses_the_whole(house: House, content: bytes, why: str) -> None:
    (house.rules / "20-rain.toml").write_bytes(content)
    assert house.app.adopt(at_once=True).refused
    assert refused(house) == f"20-rain.toml: {why}"
    assert rules_now(house) == BOTH


def test_of_a_file_that_is_far_too_large_nothing_is_read(tmp_path: Path) -> None:
    with (tmp_path / "10-rules.toml").open("wb") as file:
        file.truncate(100_000_000)  # takes no room on the disk
    tracemalloc.start()
    try:
        found = adopt.read(tmp_path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.problems == (("10-rules.toml", "is larger than 4000000 bytes"),)
    assert most < 1_000_000


def test_a_folder_in_the_place_of_a_file_is_a_mistake_and_no_crash(house: House) -> None:
    (house.rules / "20-rain.toml").mkdir()
    assert house.app.adopt(at_once=True).refused
    assert refused(house).startswith("20-rain.toml: cannot be read")


def test_a_dangling_link_is_a_mistake_and_no_crash(house: House) -> None:
    (house.rules / "20-rain.toml").symlink_to(house.rules / "nowhere")
    house.app.adopt()
    house.app.adopt()
    assert refused(house).startswith("20-rain.toml: cannot be read")
    assert rules_now(house) == BOTH


def test_a_byte_order_mark_is_no_mistake(house: House) -> None:
    (house.rules / "20-rain.toml").write_bytes(b"\xef\xbb\xbf" + rule("rain").encode())
    assert house.app.adopt(at_once=True).changed
    assert "rain" in rules_now(house)


def test_a_broken_edit_is_told_once_and_forgotten_when_it_is_mended(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(BROKEN)
    for _ in range(3):
        house.app.adopt(at_once=True)
    (line,) = house.log("refused")
    assert "20-rain.toml:5" in line.why
    assert "stays" in line.why
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    house.app.adopt(at_once=True)
    assert refused(house) == ""
    assert "rain" in rules_now(house)


def test_a_broken_edit_that_is_undone_leaves_the_set_in_force_and_no_stale_badge(house: House) -> None:
    (house.rules / "20-rain.toml").write_text(BROKEN)
    house.app.adopt(at_once=True)
    (house.rules / "20-rain.toml").unlink()
    assert house.app.adopt(at_once=True) == Adopted(name=look.status(house.app).rule_set)
    assert refused(house) == ""
    assert len(house.log("adopted")) == 2


def test_an_edit_that_is_undone_is_an_edit(house: House) -> None:
    first = look.status(house.app).rule_set
    (house.rules / "20-rain.toml").write_text(rule("rain"))
    house.app.adopt(at_once=True)
    (house.rules / "20-rain.toml").unlink()
    assert house.app.adopt(at_once=True).changed
    assert look.status(house.app).rule_set == first


def offer(house: House, where: str, *, database: Database | None = None, **files: str) -> Adopted:
    named = {f"{name}.toml": text for name, text in files.items()}
    return adopt.adopt(
        database or house.app.database,
        Folder(named),
        kind=rulesets.RULES,
        where=where,
        load=lambda found: load(found).name,
        now=house.clock(),
    )


def test_a_machine_with_old_files_does_not_bring_an_old_set_back(house: House) -> None:
    other = same_store(house.app.database)
    assert offer(house, "one", a=rule("rain")).changed
    assert not offer(house, "two", database=other, a=rule("rain")).changed
    assert offer(house, "one", a=rule("snow")).changed
    for _ in range(3):  # also after it was started anew: what a folder offered last is in the store
        assert not offer(house, "two", database=other, a=rule("rain")).changed
    assert rules_now(house) == {"snow"}
    assert offer(house, "two", database=other, a=rule("hail")).changed, "a new edit there counts"
    assert not offer(house, "one", a=rule("snow")).changed
    assert rules_now(house) == {"hail"}
    other.close()


def test_a_machine_whose_folder_is_lost_does_not_take_the_rules_from_the_others(house: House) -> None:
    offer(house, "one", a=rule("rain"))
    assert offer(house, "two").refused
    assert rules_now(house) == {"rain"}


def test_where_there_was_never_a_set_an_empty_folder_is_one(database: Database) -> None:
    found = adopt.adopt(
        database, Folder({}), kind=rulesets.RULES, where="x", load=lambda files: load(files).name, now=START
    )
    assert (found.changed, found.refused) == (True, False)


def test_where_there_was_never_a_set_a_broken_folder_leaves_none(database: Database) -> None:
    def load_nothing(files: Mapping[str, str]) -> str:
        raise RuleError((Mistake(next(iter(files)), 1, 1, "no"),))

    found = adopt.adopt(database, Folder({"a.toml": "x"}), kind=rulesets.RULES, where="x", load=load_nothing, now=START)
    assert found == Adopted(refused=True)
    with database.read() as tx:
        assert rulesets.active(tx, rulesets.RULES) is None
    found_wrong = adopt.refused(database, rulesets.RULES)
    assert (found_wrong.mistakes, found_wrong.at) == ("a.toml:1:1: no", START)


def test_a_start_with_broken_files_runs_on_the_stored_set(house: House) -> None:
    (house.rules / "10-rules.toml").write_text(BROKEN)
    house.app.close()
    again = App(replace(house.app.parts, database=same_store(house.app.database)))
    again.adopt(at_once=True)
    assert again.has_rules()
    (house.rules / "10-rules.toml").write_text(OPEN_RULES)
    again.close()


def test_an_adopted_edit_never_changes_what_is_public(house: House) -> None:
    (house.rules / "20-lovely.toml").write_text(rule("lovely").replace('"drop"', '"publish"'))
    house.app.adopt(at_once=True)
    held(house, "How lovely")
    before = house.log("told")
    (house.rules / "20-lovely.toml").write_text(rule("lovely"))
    house.app.adopt(at_once=True)
    house.app.curate()
    assert house.log("told") == before
    assert house.log("withdrawn") == []
    assert "1 live update would not be told now" in house.log("receipt")[-1].why


def test_what_was_seen_is_named_by_names_and_texts_alone() -> None:
    one = Folder({"a.toml": "1", "b.toml": "2"})
    assert one.name == Folder({"b.toml": "2", "a.toml": "1"}).name
    others = [
        Folder({"a.toml": "2", "b.toml": "1"}),
        Folder({"a.toml": "1"}),
        Folder({"a.toml": "1", "b.toml": "2", "c.toml": ""}),
        Folder({"a.toml": "1", "b.toml": "2"}, (("c.toml", "is not UTF-8"),)),
        Folder({}),
    ]
    assert len({one.name, *(other.name for other in others)}) == 1 + len(others)


def test_a_look_at_a_folder_that_is_not_there_finds_nothing(tmp_path: Path) -> None:
    assert adopt.signature(tmp_path / "nowhere") == ()
    assert adopt.read(tmp_path / "nowhere") == Folder({})


def test_lists_belong_to_the_rules_and_other_texts_do_not(house: House) -> None:
    (house.rules / "lists").mkdir()
    (house.rules / "lists" / "wet.txt").write_text("rain\n")
    (house.rules / "notes.txt").write_text("[[")
    (house.rules / "lists" / "notes.toml").write_text("[[")
    (house.rules / "20-wet.toml").write_text(rule("rain").replace('has(text, "rain")', "has_any(text, lists.wet)"))
    assert house.app.adopt(at_once=True).changed, refused(house)
    (house.rules / "lists" / "wet.txt").write_text("snow\n")
    assert house.app.adopt(at_once=True).refused, "its example is caught no more"
