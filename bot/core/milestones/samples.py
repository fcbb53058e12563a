"""What the words of a milestone may name, with harmless values: a template is tried before its day."""

from collections.abc import Mapping

from bot.core.milestones.conditions import (
    Condition,
    Moment,
    Outcome,
    Reached,
    Said,
    Stage,
    Together,
    Told,
    Watched,
    Won,
)


def samples(condition: Condition | None) -> Mapping[str, object]:
    """What the words of a condition's milestone may name, with harmless values: to check a template before its day."""
    if condition is None or isinstance(condition, Moment | Told):
        return {}
    if isinstance(condition, Together):
        found: dict[str, object] = {}
        given = [samples(one) for one in condition.of]
        for one in given:
            found |= one
        # any of several: only what all of them tell can be named
        return {name: found[name] for name in found if not condition.any or all(name in one for one in given)}
    race: dict[str, object] = {
        "race": "the race", "name": "Ana López", "result": "2:03.05", "place": 1, "bib": "1", "fields": _Any(),
        "names": ["Ana López", "Bo Li", "Cy Ray"], "results": ["2:03.05", "2:03.51", "2:06.23"],
    }  # fmt: skip
    count: dict[str, object] = {"count": "1,000", "number": 1000}
    match condition:
        case Reached():
            if condition.which is not None:
                return race | count
            return count | ({} if condition.what == "posts" else {"exactly": "1,003"})
        case Won():
            more: dict[str, object] = count if condition.outcome is Outcome.NTH else {}
            if condition.outcome is Outcome.RECORD:
                more = {"record": "2:02.57", "by": "0:01"}
            return race | more
        case Watched():
            person: dict[str, object] = {"person": "Ana López", "race": "the race", "bib": "1", "place": 1}
            if condition.stage in {Stage.AT, Stage.FINISHED}:
                person |= {"result": "2:03.05", "point": "10K"}
            return person | ({"expected": "3:35.21"} if condition.stage is Stage.EXPECTED else {})
        case Said():
            return {"name": "Ana López", "said": "She is home", "url": "https://example.org/1"}


class _Any(dict[str, str]):
    """Fields whose names only the source's mapping knows."""

    def __missing__(self, key: str) -> str:
        return key
