"""A rule that blew its fuse is put back into action as it is. Called by a person, who knows that it is meant.

Saving the rule again does the same by `adopt`; this is for a rule that needs no change. It acts on what comes from now on: what came
back when the fuse blew stays with the people who look at it, or the rule would blow its fuse on the same posts again.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from bot.core.rules.fusing import out_of_action, rearmed
from bot.store import journal, rulesets
from bot.store.database import Database


def rearm(
    database: Database, rule: str, *, name_of: Callable[[Mapping[str, str]], str], now: datetime, by: str
) -> bool:
    """Put a rule back into action, with its fuse armed and its count at zero.

    Args:
        rule: Its id.
        name_of: Gives the name of a rule set.
        now: Event time.
        by: Who does it.

    Returns:
        False where it is not out of action; nothing was changed.
    """
    with database.begin() as tx:
        tx.alone()  # the fuse of another rule may blow at this moment
        active = rulesets.active(tx, rulesets.RULES)
        if active is None or rule not in out_of_action(active.files):
            return False
        files = rearmed(active.files, rule)
        name = name_of(files)
        number = rulesets.adopt(tx, rulesets.RULES, name, files, now)
        why = f"rules {active.name} -> {name}: rule {rule} is back in action as it is, for posts from now on"
        line = journal.Line(now, "re-armed", by, why, place=rulesets.RULES, rule=rule, rule_set_id=number)
        rulesets.put_rearmed(tx, journal.write(tx, [line])[0])
    return True
