"""The menu of platforms: complete, lazy, clear about what it does not know."""

import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from bot.core.errors import NotFoundError
from bot.platforms.registry import ACCOUNTS, ALARMS, SOURCES, account_class, account_kinds, source_class, source_kinds
from tests.platforms.stands.stand import module_of


def test_the_kinds() -> None:
    assert source_kinds() == ("bluesky", "feeds", "inbox", "mail", "mastodon", "replay", "results", "x")
    assert account_kinds() == ("bluesky", "discord", "file", "mastodon", "slack", "webhook", "x")


@pytest.mark.parametrize("kind", SOURCES)
def test_every_source_is_made_the_same_way(kind: str) -> None:
    found = source_class(kind)
    check_settings(found)
    assert callable(found.fetch)
    assert callable(found.missing)


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_every_account_is_made_the_same_way(kind: str) -> None:
    found = account_class(kind)
    check_settings(found)
    for name in ("limits", "publish", "find", "retract"):
        assert callable(getattr(found, name))


def check_settings(found: type) -> None:
    settings = vars(found)["Settings"]
    assert issubclass(settings, BaseModel)
    assert settings.model_config.get("frozen") is True
    assert settings.model_config.get("extra") == "forbid"
    secrets = vars(found)["secrets"]
    assert isinstance(secrets, tuple)
    assert all(isinstance(name, str) for name in secrets)
    assert not set(secrets) & set(settings.model_fields), "a secret is no setting"


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("blusky", 'did you mean "bluesky"?'),
        ("feed", 'did you mean "feeds"?'),
        ("zzz", "choose one of these"),
        ("", "choose one of these"),
        ("os:system", "choose one of these"),
    ],
)
def test_an_unknown_kind_is_named_with_what_there_is(kind: str, says: str) -> None:
    with pytest.raises(NotFoundError, match="bluesky, feeds, inbox, mail, mastodon, replay, results, x") as raised:
        source_class(kind)
    assert says in str(raised.value)
    with pytest.raises(NotFoundError, match="bluesky, discord, file, mastodon, slack, webhook, x"):
        account_class(kind)


def test_the_menu_loads_no_platform() -> None:
    code = (
        "import sys, bot.platforms.registry as r; r.source_kinds();"
        "print([n for n in sys.modules if n.split('.')[0] in {'atproto', 'feedparser', 'httpx2', 'pydantic'}"
        " or n.startswith('bot.platforms.') and n != 'bot.platforms.registry'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_settings_are_known_without_any_sdk() -> None:
    """The configuration asks every class for its settings, also for `milepost --help`'s neighbours."""
    code = (
        "import sys; from bot.platforms.registry import *;"
        "[source_class(k).Settings for k in source_kinds()]; [account_class(k).Settings for k in account_kinds()];"
        "print([n for n in ('atproto', 'feedparser', 'mastodon', 'requests', 'tweepy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_registered_kind_has_a_contract() -> None:
    """The laws of sources, accounts and alarms are held against each: what stands in for its outside is what they need."""
    menus = {"source": SOURCES, "account": ACCOUNTS, "alarm": ALARMS}
    wanted = {(kind, what) for what, menu in menus.items() for kind in menu}
    folder = Path(module_of("file").__file__ or "").parent
    found = {
        (path.stem, what)
        for path in folder.glob("*.py")
        for what in menus
        if path.stem not in {"stand", "channel"} and hasattr(module_of(path.stem), what)
    }
    assert found == wanted
    assert all(isinstance(module_of(kind).SPEAKS_HTTP, bool) for kind, _ in wanted)
