"""Settings from the environment win over the file, and slips of the pen are told."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config.settings import PageSettings
from tests.config.stand_ins import EVENT, loaded, told

SOURCE = EVENT + '[[source]]\nname = "my-wire"\nkind = "wire"\nurl = "https://a.example"\n'


def test_the_environment_wins_and_says_so(tmp_path: Path) -> None:
    found = loaded(tmp_path, EVENT + "[page]\nport = 1\n", MILEPOST_PAGE__PORT="8017", MILEPOST_LOG__LEVEL="debug")
    assert (found.settings.page.port, found.settings.log.level) == (8017, "debug")
    assert found.origins["page.port"] == "MILEPOST_PAGE__PORT"
    assert found.origins["log.level"] == "MILEPOST_LOG__LEVEL"
    assert found.origins["event.name"] == "config.toml:2"
    assert found.origins["page.feed"] == "default"
    assert found.warnings == ()


def test_a_right_variable_mends_a_wrong_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, EVENT + '[page]\nport = "x"\n', MILEPOST_PAGE__PORT="1").settings.page.port == 1


def test_even_the_event_can_come_from_the_environment(tmp_path: Path) -> None:
    assert loaded(tmp_path, "", MILEPOST_EVENT__NAME="Race").settings.event.name == "Race"


def test_named_blocks_and_the_keys_of_platforms(tmp_path: Path) -> None:
    text = SOURCE + '[[strand]]\nid = "a"\nname = "A"\n[[account]]\nname = "w"\nkind = "wall"\nidentifier = "x"\n'
    found = loaded(
        tmp_path,
        text,
        MILEPOST_SOURCE__MY_WIRE__EVERY="30s",
        MILEPOST_SOURCE__MY_WIRE__LIMIT="7",
        MILEPOST_SOURCE__MY_WIRE__TAGS="one, two,",
        MILEPOST_SOURCE__MY_WIRE__ENABLED="false",
        MILEPOST_SOURCE__MY_WIRE__RETRY__TIMES="9",
        MILEPOST_STRAND__A__ACCOUNTS='["w"]',
        MILEPOST_STRAND__A__TONE="safety",
    )
    source = found.settings.source[0]
    assert (source.every, source.enabled) == (timedelta(seconds=30), False)
    assert (source.own.limit, source.own.tags, source.own.retry.times) == (7, ("one", "two"), 9)
    assert found.settings.strand[0].accounts == ("w",)
    assert found.origins["source.my-wire.limit"] == "MILEPOST_SOURCE__MY_WIRE__LIMIT"
    assert found.origins["source.my-wire.retry.times"] == "MILEPOST_SOURCE__MY_WIRE__RETRY__TIMES"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("MILEPOST_PAGE__PROT", "s3cret", "MILEPOST_PAGE__PROT: there is no such setting: did you mean MILEPOST_PAGE__PORT?"),
        ("MILEPOST_PAGE_PORT", "s3cret", "MILEPOST_PAGE_PORT: there is no such variable: did you mean MILEPOST_PAGE__PORT?"),
        ("MILEPOST_MY_WIRE_APIKEY", "s3cret", "MILEPOST_MY_WIRE_APIKEY: there is no such variable: did you mean MILEPOST_MY_WIRE_API_KEY?"),
        (
            "MILEPOST_SOURCE__MY_WIRE__API_KEY",
            "s3cret",
            "MILEPOST_SOURCE__MY_WIRE__API_KEY: there is no such setting: did you mean MILEPOST_MY_WIRE_API_KEY?",
        ),
        ("MILEPOST_QQ__ZZ", "s3cret", "MILEPOST_QQ__ZZ: there is no such setting: `milepost config show` lists what is set"),
        ("MILEPOST_PAGE__PORT", "many", 'MILEPOST_PAGE__PORT: "port" must be a whole number, not "many"'),
        ("MILEPOST_PAGE__PORT", "70000", 'MILEPOST_PAGE__PORT: 70000 is out of range: "port" must be at most 65535'),
        ("MILEPOST_EVENT__ZONE", "Europe/Londn", 'MILEPOST_EVENT__ZONE: "Europe/Londn" is not a time zone: did you mean "Europe/London"?'),
        ("MILEPOST_SOURCE__MY_WIRE__TAGS", "[1,", "MILEPOST_SOURCE__MY_WIRE__TAGS: cannot be read: write it as in the file, e.g. [1, 2] or { a = 1 }"),
        ("MILEPOST_SOURCE__MY_WIRE__STRAND", "b", 'MILEPOST_SOURCE__MY_WIRE__STRAND: [[source]] "my-wire" names the strand "b", which does not exist: add a [[strand]] with that id, or take it out'),
    ],
)  # fmt: skip
def test_mistakes_of_the_environment(tmp_path: Path, name: str, value: str, message: str) -> None:
    assert told(tmp_path, SOURCE, **{name: value}) == message
    assert "s3cret" not in told(tmp_path, SOURCE, **{name: value})


def test_our_other_variables_are_no_settings(tmp_path: Path) -> None:
    environ = {"MILEPOST_CONFIG": "x", "MILEPOST_REQUIRE": "all", "PATH": "/bin", "_MILEPOST_COMPLETE": "x"}
    assert loaded(tmp_path, EVENT, **environ).warnings == ()


def test_a_variable_that_nobody_uses_is_a_warning(tmp_path: Path) -> None:
    found = loaded(tmp_path, EVENT, MILEPOST_BLUESKY_PASSWORD="hunter2")
    assert found.warnings == ("MILEPOST_BLUESKY_PASSWORD is set, but no setting, source or account uses it",)


def test_every_setting_of_a_block_has_its_variable(tmp_path: Path) -> None:
    defaults = PageSettings()
    written = {name: getattr(defaults, name) for name in PageSettings.model_fields}
    environ = {
        f"MILEPOST_PAGE__{name.upper()}": ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in written.items()
    }
    assert loaded(tmp_path, EVENT, **environ).settings.page == defaults
