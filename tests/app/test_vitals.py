"""What a machine can watch: the house is well while the world around fails, and says what fails."""

import math
import re
from datetime import timedelta
from typing import Any

from bot.app.hall import App
from bot.core.budget import Allowance, Work
from bot.core.errors import Rejected, Unauthorized, Unavailable
from bot.store import budgets
from tests.conftest import ROOT, House
from tests.pipeline.incoming import held, told


def numbers(app: App) -> dict[str, float]:
    """Every metric by its name and labels, as an alarm would ask for it."""
    return {" ".join((one.name, *one.labels.values())): one.value for one in app.metrics()}


def failing(house: House) -> Any:
    found = house.app.health()
    assert found["ok"] is True
    return found["failing"]


def test_health_names_what_fails_and_stays_well(house: House) -> None:
    assert failing(house) == []
    house.source.error = Unavailable("https://secret.example: does not answer")
    house.publisher.fail = [Unauthorized("no password")]
    told(house, "Here we go")
    house.day()
    assert failing(house) == ["source hashtag: failing", "account social: unauthorized"]
    house.source.error = None
    house.machine.forward(hours=2)
    house.day()
    assert "source hashtag: failing" not in failing(house)


def test_a_step_that_fails_is_named(house: House) -> None:
    house.app.run_step("publish:social", lambda: 1 // 0)
    assert failing(house) == ["step publish:social: failing"]
    assert numbers(house.app)["milepost_steps_failing"] == 1


def test_numbers_follow_sources_and_deliveries(house: House) -> None:
    house.machine.forward(seconds=90)
    at_first = numbers(house.app)
    assert at_first["milepost_source_ok_age_seconds hashtag"] == 90
    assert at_first["milepost_curated_seconds"] == 0
    held(house, "My knee hurts")
    told(house, "Here we go")
    house.source.error = Unavailable("gone")
    house.app.collect("hashtag")
    found = numbers(house.app)
    assert found["milepost_source_failures hashtag"] == 1
    assert found["milepost_posts_held"] == 1
    assert found["milepost_curated_seconds"] == house.machine().timestamp()
    assert found["milepost_deliveries social owed"] == 1
    assert found["milepost_account_failing social"] == 0
    house.publisher.fail = [Rejected("too long")]
    house.app.publish("social")
    found = numbers(house.app)
    assert (found["milepost_deliveries social owed"], found["milepost_deliveries social failed"]) == (0, 1)


def test_a_source_that_was_never_read_is_endlessly_old(house: House) -> None:
    with house.app.database.begin() as tx:
        tx.raw("DELETE FROM sources")
    assert numbers(house.app)["milepost_source_ok_age_seconds hashtag"] == math.inf


def test_every_number_is_told_with_its_meaning_and_documented(house: House) -> None:
    document = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    shown = {
        name + (labels or "")
        for name, labels in re.findall(r"^\| `(milepost_\w+)(\{[\w,]+\})?`", document, re.MULTILINE)
    }
    with house.app.database.begin() as tx:  # told only while a platform's word holds
        budgets.keep(tx, "social", [Allowance(Work.POSTING, 3, 30, house.machine() + timedelta(minutes=1))])
    found = house.app.metrics()
    assert shown == {one.name + (f"{{{','.join(one.labels)}}}" if one.labels else "") for one in found}
    assert all(one.about.endswith(".") for one in found)
