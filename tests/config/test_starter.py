"""`milepost init`: writes all or nothing, and never over anything."""

from pathlib import Path

import pytest

from bot.config.load import load
from bot.config.starter import starter_folder, write_starter
from bot.core.errors import RefusedError
from tests.config.stand_ins import MODELS


def _rules() -> list[str]:
    starter = starter_folder()
    found = (path for path in (starter / "rules").rglob("*") if path.suffix in {".toml", ".txt", ".md", ".json"})
    return sorted(str(path.relative_to(starter)) for path in found)


def _all(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_it_writes_a_configuration_that_loads_and_all_rules(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "desk"
    written = write_starter(folder)
    assert [str(path.relative_to(folder)) for path in written] == ["config.toml", *_rules()]
    assert (folder / "config.toml").read_bytes() == (starter_folder() / "config.example.toml").read_bytes()
    assert (folder / "rules" / "lists").is_dir()
    assert load(folder / "config.toml", models=MODELS, environ={}).settings.page.port == 8016


def test_what_lies_there_already_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    write_starter(tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_second_time_it_refuses(tmp_path: Path) -> None:
    write_starter(tmp_path)
    (tmp_path / "config.toml").write_text("mine")
    before = _all(tmp_path)
    with pytest.raises(RefusedError) as caught:
        write_starter(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: nothing was written, because there is already {tmp_path}/config.toml: "
        "name an empty folder, or move these away"
    )
    assert (tmp_path / "config.toml").read_text() == "mine"
    assert _all(tmp_path) == before


def test_it_names_all_that_is_in_the_way_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "mine.toml").write_text("x")
    (tmp_path / "config.toml").symlink_to(tmp_path / "absent")
    with pytest.raises(RefusedError) as caught:
        write_starter(tmp_path)
    assert f"{tmp_path}/config.toml, {tmp_path}/rules/mine.toml" in str(caught.value)
    assert _all(tmp_path) == ["config.toml", "rules", "rules/mine.toml"]


def test_starter_rules_that_lie_there_word_for_word_are_left_as_they_are(tmp_path: Path) -> None:
    write_starter(tmp_path)
    (tmp_path / "config.toml").unlink()
    assert write_starter(tmp_path) == (tmp_path / "config.toml",)


@pytest.mark.parametrize("name", ["desk", "desk/rules"])
def test_a_file_where_a_folder_must_be(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    with pytest.raises(RefusedError, match="nothing was written"):
        write_starter(tmp_path / "desk")
    assert path.read_text() == "mine"


def test_where_it_cannot_write_it_takes_back_what_it_wrote(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(RefusedError, match=r"cannot be written .*: name a folder that this user may write"):
        write_starter(tmp_path / "file" / "desk")
    assert _all(tmp_path) == ["file"]
