"""The record of rules: what is counted, and when it is worth a word."""

from datetime import UTC, datetime, timedelta

from bot.core.model import Verdict
from bot.core.rules.history import HISTORY_LINTS, RuleCount, Told, lint_history, tally
from bot.core.rules.ruleset import load

NOW = datetime(2016, 5, 1, tzinfo=UTC)
MONTHS_AGO = NOW - timedelta(days=90)


def rule(name: str, more: str = "") -> str:
    return f'[[rule]]\nid = "{name}"\naction = "hold"\nwhen = [\'has(text, "{name}")\']\n{more}\n'


RULES = load({"10-a.toml": rule("one") + rule("two") + rule("away", 'mode = "off"')}, name_hint="rules")


def told(*rules: str, days: float = 1, person: Verdict | None = None, verdict: Verdict = Verdict.HOLD) -> Told:
    return Told(NOW - timedelta(days=days), verdict, rules[0] if rules else "", rules, (), person)


def said(*record: Told, since: datetime = MONTHS_AGO) -> list[tuple[str, str]]:
    return [(one.name, one.rule) for one in lint_history(RULES, tally(record), since=since, now=NOW)]


def test_counting() -> None:
    found = tally(
        [
            told("one", "two", days=3),
            told("two", days=1, person=Verdict.PUBLISH),
            Told(NOW, Verdict.PUBLISH, "", (), ("two", "one")),
        ],
    )
    assert found.posts == 3
    assert found.rules == {
        "one": RuleCount(hits=2, decided=1, shadow=1, last_at=NOW),
        "two": RuleCount(hits=3, decided=1, shadow=1, reviewed=1, overturned=1, last_at=NOW),
    }
    assert found.together == {("one", "two"): 2}


def test_silent_for_thirty_days() -> None:
    assert said(told("one", days=29), told("two", days=31)) == [("silent", "two")]
    assert said(told("one", days=29)) == [("silent", "two")]
    assert said(told("one", days=29), since=NOW - timedelta(days=29)) == []


def test_a_rule_was_not_silent_before_it_was_as_it_is() -> None:
    young = {"one": NOW - timedelta(days=29), "two": MONTHS_AGO}
    found = lint_history(RULES, tally([]), since=MONTHS_AGO, now=NOW, adopted=young)
    assert [(one.name, one.rule) for one in found] == [("silent", "two")]


def test_a_rule_that_is_not_yet_due_is_not_silent() -> None:
    later = load({"a.toml": rule("one", f"from = {NOW - timedelta(days=5):%Y-%m-%dT%H:%M:%SZ}")})
    assert lint_history(later, tally([]), since=MONTHS_AGO, now=NOW) == ()


def test_always_outranked() -> None:
    record = [*([told("one", "two")] * 200), told("one")]
    assert said(*record) == [("outranked", "two")]
    assert said(*record[1:]) == []
    assert said(*record, told("two")) == []


def test_always_together() -> None:
    record = [*([told("one", "two")] * 19), told("two", "one")]
    assert said(*record) == [("always-together", "two")]
    assert said(*record[1:]) == []
    assert said(*record, told("one")) == []


def test_overturned_by_people() -> None:
    published, dropped = (told("one", "two", person=person) for person in (Verdict.PUBLISH, Verdict.DROP))
    more = [told("two"), told("one")]
    assert said(*more, *[published] * 4, *[dropped] * 6) == [("overturned", "one")]
    assert said(*more, *[published] * 3, *[dropped] * 7) == []
    assert said(*more, *[published] * 4, *[dropped] * 5) == []
    kept = told("one", "two", person=Verdict.DROP, verdict=Verdict.PUBLISH)
    assert said(*more, *[kept] * 10) == [("overturned", "one")]


def test_it_stands_at_the_rule() -> None:
    (one,) = lint_history(RULES, tally([told("one")]), since=MONTHS_AGO, now=NOW)
    assert str(one).startswith("rules/10-a.toml:6:1: 'two' matched nothing for 30 days (never): correct it")
    assert set(HISTORY_LINTS) == {"silent", "outranked", "always-together", "overturned"}
