"""Whose copy leads, from the configuration to the desk."""

from pathlib import Path

import pytest

from bot.app.opening import desk_of, load_config
from bot.core.errors import ConfigError

CONFIG = """
[event]
name = "A race"

[[source]]
name = "agency"
kind = "feeds"
url = "https://agency.example/feed.xml"
prefer = {prefer}

[[source]]
name = "other"
kind = "feeds"
url = "https://other.example/feed.xml"
"""


def write(folder: Path, prefer: str) -> Path:
    path = folder / "config.toml"
    path.write_text(CONFIG.format(prefer=prefer))
    return path


def test_a_preferred_source_is_known_to_the_desk_and_the_others_need_no_word(tmp_path: Path) -> None:
    settings = load_config(write(tmp_path, "-10"), {}).settings
    assert desk_of(settings).source_prefer == {"agency": -10}


@pytest.mark.parametrize("prefer", ["101", '"much"', "1.5"])
def test_a_preference_is_a_whole_number_in_its_bounds(tmp_path: Path, prefer: str) -> None:
    with pytest.raises(ConfigError, match=r"config.toml:9:\d+: "):
        load_config(write(tmp_path, prefer), {})
