"""A change of the configuration is noticed once, and what is no change is not."""

from pathlib import Path

from bot.app.config_file import ConfigFile


def test_each_new_content_is_noticed_once(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("a = 1")
    file = ConfigFile(path)
    assert not file.is_newly_changed()
    path.write_text("a = 1")  # saved again as it was
    assert not file.is_newly_changed()
    path.write_text("a = 2")
    assert [file.is_newly_changed(), file.is_newly_changed()] == [True, False]
    path.unlink()  # an editor that writes it anew
    assert not file.is_newly_changed()
    path.write_text("a = 2")
    assert not file.is_newly_changed()
    path.write_text("a = 3")
    assert file.is_newly_changed()
    path.write_text("a = 1")  # back at what is in force
    assert not file.is_newly_changed()


def test_without_a_file_nothing_changes() -> None:
    assert not ConfigFile(None).is_newly_changed()
