"""The page is a drawing of the feed: the same feed gives the same bytes, and whatever happens to the folder is mended."""

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from bot.app import verbs
from bot.core.errors import StoreError
from bot.core.model import Media, Update
from bot.pipeline import refresh
from bot.store import media
from bot.store.database import Database
from tests.conftest import House
from tests.pipeline.houses import reopened
from tests.pipeline.incoming import told

OURS = {"index.html", "feed.atom", "feed.json", "style.css", "page.js", "icon.svg"}


def files(folder: Path) -> dict[str, bytes]:
    """Everything that readers can see in a folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def drawn(house: House) -> dict[str, bytes]:
    house.app.refresh()
    return files(house.app.page_folder)


def anew(house: House) -> dict[str, bytes]:
    """The page as it is drawn into no folder."""
    shutil.rmtree(house.app.page_folder)
    return drawn(house)


def changed(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_only_what_was_drawn_is_shown_whatever_else_lies_in_the_folder(house: House) -> None:
    with house.app.database.begin() as tx:
        media.keep(tx, "a.png", b"picture", house.clock())
    update = _pictured(house, "Rain over the bridge")
    ours = drawn(house)
    assert "media/a.png" in ours
    assert f"u/{update.slug}.html" in ours
    foreign = [
        "config.toml",
        "robots.txt",
        "about.html",
        "u/notes.txt",
        "page/x.html",
        "media/theirs.png",
        "rules/a.toml",
    ]
    for name in foreign:
        (house.app.page_folder / name).parent.mkdir(exist_ok=True)
        (house.app.page_folder / name).write_text("not for readers")
    again = reopened(house).app
    for app in (house.app, again):  # with the files in memory, and with those on the disk
        app.refresh()
        shown = {name: file.body for name in (*ours, *foreign) if (file := app.page_file(name))}
        assert shown == ours
        assert app.page_file("u/../config.toml") is app.page_file("media/../config.toml") is None
    again.close()


def test_the_same_feed_gives_the_same_bytes_however_often_and_wherever_it_is_drawn(house: House) -> None:
    for number in range(3):
        told(house, f"Number {number}")
        house.clock.forward(minutes=1)
    first = drawn(house)
    house.clock.forward(hours=5)
    house.machine.forward(days=1)
    assert drawn(house) == first
    assert anew(house) == first
    again = reopened(house)
    assert anew(again) == first
    again.app.close()


def test_a_page_that_grew_step_by_step_is_the_page_that_is_drawn_at_once(house: House) -> None:
    updates = []
    for number in range(6):
        updates.append(told(house, f"Number {number}"))
        drawn(house)
        house.clock.forward(minutes=1)
    verbs.take_back(house.app, updates[1].slug, by="ana", note="Wrong runner")
    drawn(house)
    verbs.edit(house.app, updates[2].slug, changes={"text": "Number two"}, by="ana")
    step_by_step = drawn(house)
    assert step_by_step == anew(house)


def test_a_second_look_at_the_same_feed_writes_nothing(house: House) -> None:
    told(house, "Here we go")
    assert house.app.refresh().files
    before = {path: path.stat().st_mtime_ns for path in house.app.page_folder.rglob("*")}
    again = house.app.refresh()
    assert (again.files, again.removed) == ({}, ())
    assert {path: path.stat().st_mtime_ns for path in house.app.page_folder.rglob("*")} == before


def test_only_what_changed_is_written(house: House) -> None:
    first, second = told(house, "One"), told(house, "Two")
    before = drawn(house)
    verbs.edit(house.app, second.slug, changes={"text": "Too"}, by="ana")
    found = house.app.refresh()
    after = files(house.app.page_folder)
    assert (
        set(found.files) == changed(before, after) == {"index.html", "feed.atom", "feed.json", f"u/{second.slug}.html"}
    )
    assert f"u/{first.slug}.html" in after
    assert all(after[name] == content for name, content in found.files.items())


def test_the_front_page_is_written_last_so_that_its_links_lead_somewhere(house: House) -> None:
    told(house, "One")
    assert list(house.app.refresh().files)[-1] == "index.html"


def test_a_page_without_updates_is_a_page(house: House) -> None:
    assert set(drawn(house)) == OURS


def test_a_withdrawn_update_keeps_its_permalink_without_its_words(house: House) -> None:
    update = told(house, "Wrong runner")
    drawn(house)
    verbs.take_back(house.app, update.slug, by="ana", note="It was somebody else")
    after = drawn(house)
    assert b"It was somebody else" in after[f"u/{update.slug}.html"]
    assert not [name for name, content in after.items() if b"Wrong runner" in content]


def test_a_draft_is_nowhere_on_the_page_not_even_when_it_is_taken_back(house: House) -> None:
    draft = verbs.write(house.app, verbs.manuscript("Not for you", draft=True), by="ana").update
    before = drawn(house)
    verbs.take_back(house.app, draft.slug, by="ana", note="Never told")
    after = drawn(house)
    assert not [name for name, content in after.items() if b"Not for you" in content or b"Never told" in content]
    assert set(after) == set(before) == OURS


def test_pages_that_are_no_more_part_of_the_coverage_go_and_nothing_else_does(house: House) -> None:
    told(house, "Here we go")
    drawn(house)
    folder = house.app.page_folder
    (folder / "page").mkdir(exist_ok=True)
    (folder / "media").mkdir(exist_ok=True)
    (folder / "own").mkdir()
    theirs = ["robots.txt", "CNAME", "about.html", "media/map.png", "own/u.html", "u/notes.txt"]
    for name in theirs:
        (folder / name).write_text("theirs")
    for name in ("page/9.html", "u/oldslug9.html"):
        (folder / name).write_text("ours, of another day")
    told(house, "On we go")
    found = house.app.refresh()
    assert found.removed == ("page/9.html", "u/oldslug9.html")
    assert [name for name in theirs if (folder / name).read_text() != "theirs"] == []
    assert house.app.refresh().removed == ()


BESIDE = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"7",
    b"\xff\xfe",
    b"{}",
    b'{"seq": 2}',
    b'{"seq": null, "frame": null}',
    b'{"seq": "many", "frame": "x"}',
    b'{"seq": [1], "frame": "x"}',
    b'{"seq": 1e400, "frame": "x"}',
    b'{"seq": -7, "frame": "x"}',
]


@pytest.mark.parametrize("beside", BESIDE)
def test_a_foreign_folder_is_drawn_anew(house: House, beside: bytes) -> None:
    told(house, "One")
    told(house, "Two")
    whole = drawn(house)
    folder = house.app.page_folder
    for name in whole:
        (folder / name).write_text("foreign")
    (folder / ".drawn.json").write_bytes(beside)
    assert isinstance(refresh.drawn_seq(folder), int)
    assert drawn(house) == whole
    assert refresh.drawn_seq(folder) == 2


@pytest.mark.parametrize("lost", ["index.html", "feed.atom", "style.css", "u"])
def test_what_is_lost_of_the_folder_is_drawn_again_with_the_next_change(house: House, lost: str) -> None:
    update = told(house, "One")
    drawn(house)
    name = f"u/{update.slug}.html" if lost == "u" else lost
    (house.app.page_folder / name).unlink()
    told(house, "Two")
    assert name in drawn(house)


def test_a_lost_front_page_is_drawn_again_at_once(house: House) -> None:
    told(house, "One")
    whole = drawn(house)
    (house.app.page_folder / "index.html").unlink()
    assert drawn(house) == whole


def test_the_page_of_another_store_is_drawn_anew(
    build_house: Callable[..., House], house: House, sqlite_template: Path, tmp_path: Path
) -> None:
    """The database was thrown away and the page was not: its numbers say nothing about the new feed."""
    for number in range(4):
        told(house, f"Of yesterday {number}")
    drawn(house)
    path = tmp_path / "new.db"
    shutil.copyfile(sqlite_template, path)
    again = build_house(Database(f"sqlite:///{path}"))
    assert again.app.page_folder == house.app.page_folder
    updates = [told(again, f"Of today {number}") for number in range(2)]
    after = drawn(again)
    for update in updates:
        assert update.text.encode() in after.get(f"u/{update.slug}.html", b"")
    updates += [told(again, f"Of this evening {number}") for number in range(9)]
    after = drawn(again)
    for update in updates:
        assert update.text.encode() in after.get(f"u/{update.slug}.html", b"")
    assert b"Of yesterday" not in b"".join(after.values())


def test_a_folder_that_cannot_be_written_leaves_the_old_page_and_says_what_to_do(house: House) -> None:
    told(house, "One")
    before = drawn(house)
    told(house, "Two")
    folder = house.app.page_folder
    (folder / "feed.json").unlink()
    (folder / "feed.json").mkdir()
    with pytest.raises(StoreError, match=r"the page cannot be written: .*: check the folder and the disk"):
        house.app.refresh()
    assert (folder / "index.html").read_bytes() == before["index.html"]
    (folder / "feed.json").rmdir()
    assert b"Two" in drawn(house)["index.html"]


def test_a_crash_between_two_files_is_mended_at_the_next_look(house: House) -> None:
    told(house, "One")
    drawn(house)
    beside = (house.app.page_folder / ".drawn.json").read_bytes()
    told(house, "Two")
    whole = drawn(house)
    (house.app.page_folder / ".drawn.json").write_bytes(beside)  # it was to be written last
    (house.app.page_folder / "feed.atom").write_text("half of i")
    (house.app.page_folder / ".index.html.new").write_text("half of i")
    assert drawn(house) == whole


def test_a_picture_of_ours_is_put_beside_the_page_and_comes_back_when_it_is_lost(house: House) -> None:
    with house.app.database.begin() as tx:
        media.keep(tx, "a.png", b"picture", house.clock())
    _pictured(house, "One")
    assert drawn(house)["media/a.png"] == b"picture"
    (house.app.page_folder / "media" / "a.png").unlink()
    told(house, "Two")
    assert drawn(house)["media/a.png"] == b"picture"


def test_a_picture_is_nowhere_before_an_update_shows_it_and_gone_with_it(house: House) -> None:
    with house.app.database.begin() as tx:
        media.keep(tx, "a.png", b"picture", house.clock())
        media.keep(tx, "b.png", b"private", house.clock())
    told(house, "One")
    assert "media/a.png" not in drawn(house)
    update = _pictured(house, "Two")
    assert "media/a.png" in drawn(house)
    assert not (house.app.page_folder / "media" / "b.png").exists()
    assert house.app.page_file("media/b.png") is None
    verbs.take_back(house.app, update.slug, by="ana", why="wrong")
    assert "media/a.png" not in drawn(house)
    assert not (house.app.page_folder / "media" / "a.png").exists()
    assert house.app.page_file("media/a.png") is None


def _pictured(house: House, text: str) -> Update:
    shown = (Media("image", "media/a.png", alt="a runner", width=4, height=3),)
    return verbs.write(house.app, verbs.manuscript(text, strand="official", media=shown), by="ana").update


def test_what_is_kept_beside_the_page_says_up_to_where_it_is_drawn(house: House) -> None:
    update = told(house, "One")
    drawn(house)
    assert json.loads((house.app.page_folder / ".drawn.json").read_bytes())["seq"] == update.seq
