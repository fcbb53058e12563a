"""What `rules check` says of rules that load and are hardly meant."""

import json
from datetime import UTC, datetime

from bot.app.event_time import Pace, keep
from bot.store.database import Database
from tests.cli.small_race import Desk

NEVER = """
[[rule]]
id = "never"
about = "Contradicts itself."
action = "hold"
when = ['likes > 5 and likes < 3']
# allow no-catches
spares = ["hello"]
"""
OVER = """
[[rule]]
id = "morning"
about = "Until noon."
action = "hold"
until = 2016-04-24T12:00:00+01:00
when = ['has(text, "fog")']
catches = [{ text = "fog", now = "2016-04-24T10:00+01:00" }]
spares = ["hello"]
"""


def edit(desk: Desk, more: str) -> None:
    path = desk.folder / "rules" / "10-small.toml"
    path.write_text(path.read_text(encoding="utf-8") + more, encoding="utf-8")


def test_a_rule_that_can_never_match_is_an_error_in_every_form(desk: Desk) -> None:
    edit(desk, NEVER.replace("# allow no-catches\n", "").replace("[[rule]]", "[[rule]] # allow no-catches"))
    said = desk("rules", "check", code=1)
    assert said.err.startswith("error: rules/10-small.toml:")
    assert "[never-matches]" in said.err
    assert "not good, 1 rule can never match" in said.out
    assert "warning" not in said.out
    (one,) = json.loads(desk("rules", "check", "--json", code=1).out)["warnings"]
    assert (one["name"], one["severity"]) == ("never-matches", "error")
    assert desk("rules", "check", "--github", code=1).out.startswith("::error file=rules/10-small.toml,line=")


def test_a_rule_is_over_by_the_clock_of_the_event_and_without_a_store_by_the_real_one(desk: Desk) -> None:
    edit(desk, OVER)
    assert "[expired]" in desk("rules", "check").err, "2016 is over"
    desk("run", "--once")
    assert "[expired]" in desk("rules", "check").err
    database = Database(f"sqlite:///{desk.folder / 'var' / 'milepost.db'}")
    for hour, over in ((10, False), (12, True)):
        keep(database, Pace(datetime(2016, 4, 24, hour, tzinfo=UTC), datetime.now(UTC)))
        assert ("[expired]" in desk("rules", "check").err) is over, "the day is rehearsed"
        assert ("[expired]" in desk("rules", "check", "rules").err) is over
    database.close()
