"""What a right configuration becomes."""

from pathlib import Path

from bot.config.load import load
from bot.config.settings import Settings
from bot.config.show import ShownSetting, show
from tests.config.stand_ins import EVENT, MODELS, Wire, loaded

RICH = (
    EVENT
    + 'zone = "Europe/London"\n'
    + '[[clock]]\nid = "mass"\nname = "m"\nstart = 2016-04-24T10:00:00+01:00\n'
    + '[[official]]\nname = "A"\nids = ["x:1"]\n'
    + '[collect]\nevery = "90s"\n'
    + '[[strand]]\nid = "news"\nname = "News"\naccounts = ["wall"]\n'
    + '[[source]]\nname = "wire"\nkind = "wire"\nstrand = "news"\nurl = "https://a.example"\ntags = ["a", "b"]\n'
    + '[[account]]\nname = "wall"\nkind = "wall"\nidentifier = "desk"\nenabled = false\n'
)

TAPES = {"a": "", "b": 'file = "in/a.jsonl"', "c": 'file = "/srv/b.jsonl"', "d": 'file = "~/c.jsonl"'}


def test_a_flat_block_is_split_into_common_and_own_keys(tmp_path: Path) -> None:
    found = loaded(tmp_path, RICH)
    source = found.settings.source[0]
    assert (source.name, source.kind, source.strand, source.enabled) == ("wire", "wire", "news", True)
    assert source.own == Wire(url="https://a.example", tags=("a", "b"))
    assert isinstance(found.settings, Settings)
    assert found.settings.account[0].enabled is False


def test_every_setting_has_an_origin_and_is_shown_once(tmp_path: Path) -> None:
    found = loaded(tmp_path, RICH)
    shown = {line.path: line for line in show(found, MODELS)}
    assert len(shown) == len(show(found, MODELS))
    assert {path for path, line in shown.items() if not line.is_secret} == set(found.origins)
    assert shown["source.wire.url"] == ShownSetting("source.wire.url", "https://a.example", "config.toml:21")
    assert shown["source.wire.tags"].value == '["a", "b"]'
    assert shown["source.wire.retry.times"] == ShownSetting("source.wire.retry.times", "3", "default")
    assert shown["source.wire.every"] == ShownSetting("source.wire.every", "1m30s", "as collect.every")
    assert shown["clock.mass.zone"] == ShownSetting("clock.mass.zone", "Europe/London", "as event.zone")
    assert shown["clock.mass.start"].value == "2016-04-24T10:00:00+01:00"
    assert shown["official.1.ids"].value == '["x:1"]'
    assert shown["account.wall.enabled"].value == "false"
    assert shown["page.title"] == ShownSetting("page.title", "Race", "as event.name")
    assert shown["source.wire.api_key"] == ShownSetting("source.wire.api_key", "not given", "not given", is_secret=True)


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path) -> None:
    found = loaded(tmp_path, EVENT)
    assert found.folder == tmp_path
    assert found.resolve("rules") == tmp_path / "rules"
    assert found.resolve("/srv/rules") == Path("/srv/rules")
    assert found.resolve("~nobody/rules") == tmp_path / "~nobody" / "rules"
    assert found.resolve("~/rules") == Path.home() / "rules"


def test_a_platforms_paths_start_there_too(tmp_path: Path) -> None:
    text = EVENT + "".join(f'[[source]]\nname = "{name}"\nkind = "tape"\n{key}\n' for name, key in TAPES.items())
    files = [source.own.file for source in loaded(tmp_path, text).settings.source]
    assert files == [
        tmp_path / "tape.jsonl",
        tmp_path / "in" / "a.jsonl",
        Path("/srv/b.jsonl"),
        Path.home() / "c.jsonl",
    ]


def test_a_link_to_the_file_keeps_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    loaded(tmp_path / "data", EVENT)
    link = tmp_path / "config.toml"
    link.symlink_to(tmp_path / "data" / "config.toml")
    assert load(link, models=MODELS, environ={}).folder == tmp_path


def test_the_url_of_the_store_is_absolute(tmp_path: Path) -> None:
    def url(text: str) -> str:
        return loaded(tmp_path, EVENT + f'[store]\nurl = "{text}"\n').store_url()

    assert url("sqlite:///var/milepost.db") == f"sqlite:///{tmp_path}/var/milepost.db"
    assert url("sqlite:///a.db?timeout=5") == f"sqlite:///{tmp_path}/a.db?timeout=5"
    assert url("sqlite:////srv/a.db") == "sqlite:////srv/a.db"
    assert url("sqlite://") == "sqlite://"
    assert url("sqlite:///:memory:") == "sqlite:///:memory:"
    assert url("postgresql://me@db/x") == "postgresql://me@db/x"
