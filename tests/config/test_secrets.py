"""Secrets: where they come from, who wins, and that nobody ever sees one."""

from pathlib import Path

import pytest

from bot.app.opening import load_config
from bot.config.load import Loaded
from bot.config.secrets import Secrets
from bot.config.show import show
from bot.core.errors import ConfigError
from bot.core.ports import Secret
from tests.config.stand_ins import EVENT, MODELS, loaded, told

ACCOUNT = EVENT + '[[account]]\nname = "wall"\nkind = "wall"\nidentifier = "desk"\n'
SOURCE = EVENT + '[[source]]\nname = "my-wire"\nkind = "wire"\nurl = "https://a.example"\n'
ADVICE = "give it as MILEPOST_WALL_PASSWORD, as a file named by MILEPOST_WALL_PASSWORD_FILE, or as the credential milepost_wall_password"
PLANTED = "hunter2-correct-horse"


def _given(found: Loaded, owner: str = "wall", name: str = "password") -> str | None:
    secret = found.secrets.find(owner, name)
    return secret.reveal() if secret else None


def _file(folder: Path, name: str, text: str, mode: int = 0o600) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_none_is_given(tmp_path: Path) -> None:
    found = loaded(tmp_path, ACCOUNT)
    assert _given(found) is None
    assert found.secrets.where("wall", "password") == "not given"
    assert found.secrets.find("nobody", "password") is None


def test_later_places_win(tmp_path: Path) -> None:
    environ = {"MILEPOST_WALL_PASSWORD": "from-env"}
    found = loaded(tmp_path, ACCOUNT, **environ)
    assert (_given(found), found.secrets.where("wall", "password")) == (
        "from-env",
        "environment MILEPOST_WALL_PASSWORD",
    )
    file = _file(tmp_path, "secret", "from-file\n")
    environ["MILEPOST_WALL_PASSWORD_FILE"] = str(file)
    found = loaded(tmp_path, ACCOUNT, **environ)
    assert _given(found) == "from-file"
    assert found.secrets.where("wall", "password") == f"file {file} (MILEPOST_WALL_PASSWORD_FILE)"
    folder = tmp_path / "credentials"
    folder.mkdir()
    environ["CREDENTIALS_DIRECTORY"] = str(folder)
    assert _given(loaded(tmp_path, ACCOUNT, **environ)) == "from-file"
    _file(folder, "wall_password", "from-short-credential")
    found = loaded(tmp_path, ACCOUNT, **environ)
    assert (_given(found), found.secrets.where("wall", "password")) == (
        "from-short-credential",
        "credential wall_password",
    )
    _file(folder, "milepost_wall_password", "from-credential\r\n")
    found = loaded(tmp_path, ACCOUNT, **environ)
    assert (_given(found), found.secrets.where("wall", "password")) == (
        "from-credential",
        "credential milepost_wall_password",
    )
    assert found.warnings == ()


def test_a_name_with_a_dash_and_the_store_own_secrets_too(tmp_path: Path) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir()
    _file(folder, "milepost_store_password", "db\n")
    environ = {"MILEPOST_MY_WIRE_API_KEY": "k", "CREDENTIALS_DIRECTORY": str(folder)}
    found = loaded(tmp_path, SOURCE, **environ)
    assert _given(found, "my-wire", "api_key") == "k"
    assert _given(found, "store", "password") == "db"


def test_only_one_line_end_is_dropped(tmp_path: Path) -> None:
    file = _file(tmp_path, "secret", " two words \n\n")
    assert _given(loaded(tmp_path, ACCOUNT, MILEPOST_WALL_PASSWORD_FILE=str(file))) == " two words \n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read (no such file or directory): mend its path or its rights"),
        (b"\n", "is empty: write the secret into it"),
        (b"\xff\xfe", "is not UTF-8: name the right file"),
        (b"x" * 70_000, "is longer than 65536 bytes: name the right file"),
    ],
)
def test_a_named_file_that_is_no_secret_is_a_mistake(tmp_path: Path, content: bytes | None, why: str) -> None:
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)
        file.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, ACCOUNT, MILEPOST_WALL_PASSWORD_FILE=str(file))
    assert str(caught.value) == f"MILEPOST_WALL_PASSWORD_FILE: the secret's file {file} {why}"


def test_a_credential_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "milepost_wall_password").mkdir()
    path = tmp_path / "milepost_wall_password"
    assert told(tmp_path, ACCOUNT, CREDENTIALS_DIRECTORY=str(tmp_path)) == (
        "milepost_wall_password: the secret's file cannot be read (is a directory): mend its path or its rights"
    )
    assert path.is_dir()


def test_an_empty_variable_is_a_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, ACCOUNT, MILEPOST_WALL_PASSWORD="") == (
        "MILEPOST_WALL_PASSWORD: is empty: give the secret, or unset the variable"
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_a_warning(tmp_path: Path, mode: int) -> None:
    file = _file(tmp_path, "secret", "s", mode)
    found = loaded(tmp_path, ACCOUNT, MILEPOST_WALL_PASSWORD_FILE=str(file))
    assert found.warnings == (f"{file}: group or others can read this secret: chmod 600 {file}",)


def test_a_credential_may_be_open_to_the_group_of_the_service_only(tmp_path: Path) -> None:
    file = _file(tmp_path, "milepost_wall_password", "s", 0o440)
    assert loaded(tmp_path, ACCOUNT, CREDENTIALS_DIRECTORY=str(tmp_path)).warnings == ()
    file.chmod(0o444)
    found = loaded(tmp_path, ACCOUNT, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert found.warnings == (f"{file}: others can read this secret: chmod 600 {file}",)


def test_a_secret_in_the_file_is_told_without_its_value(tmp_path: Path) -> None:
    assert told(tmp_path, ACCOUNT + f'password = "{PLANTED}"\n') == (
        'config.toml:7:1: "password" is a secret and must not stand in this file: take it out\n'
        "    7 | password = ***\n"
        f"      | ^^^^^^^^ {ADVICE}"
    )


def test_a_password_in_the_address_of_the_store(tmp_path: Path) -> None:
    assert told(tmp_path, EVENT + f'[store]\nurl = "postgresql://me:{PLANTED}@db/x"\n') == (
        "config.toml:4:7: an address must not hold a password: take it out\n"
        "    4 | url = ***\n"
        "      |       ^^^ give it as MILEPOST_STORE_PASSWORD, as a file named by MILEPOST_STORE_PASSWORD_FILE, "
        "or as the credential milepost_store_password"
    )


def test_a_password_in_the_address_of_a_feed_is_one_mistake_and_names_nobody(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'{EVENT}[[source]]\nname = "a"\nkind = "feeds"\nurl = "https://somebody:{PLANTED}@race.example/feed"\n'
    )
    with pytest.raises(ConfigError) as caught:
        load_config(path, {})
    (mistake,) = caught.value.mistakes
    assert mistake.reason == 'an address must not hold a password: take it out, [[source]] "a" needs no secret'
    assert "somebody" not in str(caught.value)


def test_a_password_in_the_environments_address_of_the_store(tmp_path: Path) -> None:
    text = told(tmp_path, EVENT, MILEPOST_STORE__URL=f"postgresql://me:{PLANTED}@db/x")
    assert text.startswith(
        "MILEPOST_STORE__URL: an address must not hold a password: take it out: give it as MILEPOST_STORE_PASSWORD"
    )
    assert PLANTED not in text


@pytest.mark.parametrize(
    "text",
    [
        ACCOUNT + f'password = "{PLANTED}"\n',
        ACCOUNT + f'pasword = "{PLANTED}"\n',
        ACCOUNT + f'App-Password = "{PLANTED}"\n',
        ACCOUNT + f'"bearer token" = "{PLANTED}"\n',
        ACCOUNT + f'password = """\n{PLANTED}"""\n',
        ACCOUNT + f'password = ["{PLANTED}", \n"{PLANTED}"]\n',
        ACCOUNT + f'extra = {{ token = "{PLANTED}", prot = 1 }}\n',
        ACCOUNT + f'[account.secrets]\nvalue = "{PLANTED}"\nother = "{PLANTED}"\n',
        ACCOUNT + f'service = "https://me:{PLANTED}@wall.example"\n',
        SOURCE + f'api_key = "{PLANTED}"\n',
        SOURCE + f'retry = {{ apiKey = "{PLANTED}", tims = 1 }}\n',
        SOURCE.replace("https://a.example", f"https://me:{PLANTED}@a.example"),
        SOURCE + f'tags = ["https://me:{PLANTED}@a.example"]\n',
        EVENT + f'[page]\ntoken = "{PLANTED}"\n',
        f'secret_key = "{PLANTED}"\n' + EVENT,
        EVENT + f'[secrets]\nwall = "{PLANTED}"\n',
        EVENT + f'[[source]]\nname = "x"\nkind = "none"\nkey = "a"\naccess_token = "{PLANTED}"\n',
        EVENT + f'[store]\nurl = "postgresql://db/x?password={PLANTED}"\n',
        EVENT + f'[store]\nurl = "postgresql://me:{PLANTED}/@db/x"\n',
        EVENT + f'[store]\nurl = "mysql://me:{PLANTED}@db/x"\n',
        EVENT + f'[store]\npassword = "{PLANTED}"\nurl = "mysql://db"\n',
        # broken TOML
        ACCOUNT + f'password = "{PLANTED}\n',
        ACCOUNT + f"password = {PLANTED}\n",
        ACCOUNT + f'password = "{PLANTED}" "\n',
        ACCOUNT + f'extra = {{ password = "{PLANTED}", oops }}\n',
        ACCOUNT + f'password = """\n{PLANTED} \x01\n"""\n',
        ACCOUNT + f'service = "https://me:{PLANTED}@wall.example\n',
        ACCOUNT + f'password = "{PLANTED}"\npassword = "{PLANTED}"\n',
    ],
)
def test_a_planted_secret_is_always_told_and_never_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text)
    everything = str(caught.value) + repr(caught.value) + repr(caught.value.mistakes)
    assert PLANTED not in everything
    assert "hunter2" not in everything


def test_a_key_that_only_sounds_like_a_secret_is_a_setting(tmp_path: Path) -> None:
    assert loaded(tmp_path, SOURCE + "max_tokens = 7\n").settings.source[0].own.max_tokens == 7


@pytest.mark.parametrize("url", ["https://a.example:8080/@me", "at://did:plc:abc/x", "https://me@a.example/x"])
def test_an_address_without_a_password_is_a_setting(tmp_path: Path, url: str) -> None:
    assert loaded(tmp_path, SOURCE.replace("https://a.example", url)).settings.source[0].own.url == url


def test_a_loaded_configuration_never_shows_a_secret(tmp_path: Path) -> None:
    environ = {"MILEPOST_WALL_PASSWORD": PLANTED, "MILEPOST_STORE_PASSWORD": PLANTED}
    found = loaded(tmp_path, ACCOUNT, **environ)
    assert _given(found) == PLANTED
    shown = show(found, MODELS)
    assert PLANTED not in repr(found) + str(found) + repr(shown) + repr(found.secrets)
    hidden = {line.path: (line.value, line.origin) for line in shown if line.is_secret}
    assert hidden == {
        "store.password": ("***", "environment MILEPOST_STORE_PASSWORD"),
        "account.wall.password": ("***", "environment MILEPOST_WALL_PASSWORD"),
    }


def test_secrets_do_not_show_themselves() -> None:
    secrets = Secrets({("a", "b"): Secret(PLANTED)}, {("a", "b"): "environment X"})
    assert PLANTED not in repr(secrets)
    assert secrets.find("a", "b") == Secret(PLANTED)
