"""What a platform bills stands in `status` and `accounts`; what is free is not even opened for it."""

from datetime import UTC, datetime
from pathlib import Path

from bot.app import look
from bot.app.configuring import check_config
from bot.app.opening import open_app
from bot.platforms.x.ledger import Ledger
from bot.store.marks import StoreMemory
from tests.platforms.contract import Clock
from tests.platforms.x.x_world import World

NOW = datetime(2026, 4, 26, 12, 0, tzinfo=UTC)

CONFIG = """
[event]
name = "London Marathon"

[[source]]
name = "hashtag-x"
kind = "x"
tags = ["LondonMarathon"]

[[source]]
name = "rehearsal"
kind = "replay"
file = "nowhere.jsonl"

[[account]]
name = "x"
kind = "x"

[[account]]
name = "stand-in"
kind = "file"
path = "out.jsonl"
"""


def test_a_missing_key_is_named_before_anything_runs(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "rules").mkdir()
    given = {
        "MILEPOST_HASHTAG_X_BEARER_TOKEN": "planted",
        "MILEPOST_X_CONSUMER_KEY": "planted",
        "MILEPOST_X_ACCESS_TOKEN": "planted",
    }
    said = check_config(tmp_path / "config.toml", given).warnings
    assert [line.partition(": give")[0] for line in said] == [
        "account x: there is no consumer_secret",
        "account x: there is no access_token_secret",
    ]
    assert "MILEPOST_X_CONSUMER_SECRET_FILE" in said[0]
    assert "planted" not in str(said)
    off = CONFIG.replace('kind = "x"\n', 'kind = "x"\nenabled = false\n')
    (tmp_path / "config.toml").write_text(off)
    assert check_config(tmp_path / "config.toml", {}).warnings == ()


def test_the_cost_so_far(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "rules").mkdir()
    app = open_app(tmp_path / "config.toml", {}, machine_now=Clock(NOW))
    app.migrate()
    world = World(Clock(NOW))
    context = world.context
    book = Ledger(context, "account", {"post": 0.015}, 5, 50)
    book._memory = StoreMemory(app.database, "platform:x")
    book.spend("post", 100)
    found = look.status(app)
    said = "$1.50 of $5.00 today, $1.50 of $50.00 this month"
    assert {one.name: one.cost for one in found.accounts} == {"x": said, "stand-in": ""}
    assert {one.name: one.cost for one in found.sources} == {"hashtag-x": said, "rehearsal": ""}
    assert {one.name: one.cost for one in look.accounts(app)} == {"x": said, "stand-in": ""}
    app.close()
