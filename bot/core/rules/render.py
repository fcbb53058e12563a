"""An explanation as plain text, for a terminal and for the life of a post."""

from bot.core.rules.ruleset import Mode
from bot.core.rules.traces import ClauseTrace, Explanation, Outcome, Piece, RuleTrace
from bot.core.rules.values import show


def render(explanation: Explanation, outcome: Outcome | None = None) -> str:
    """Write an explanation as plain text for a terminal; ends with a line end.

    Args:
        explanation: What the rules say.
        outcome: What was decided in the end, for the first line; None for a post that only the rules were asked about.
    """
    ruling = explanation.ruling
    effects = ruling.effects
    reason = f"because {ruling.why if ruling.by_score else ruling.rule or 'no rule decided'}"
    verdict = ruling.verdict
    notes = [f"rule set {explanation.rule_set}"]
    if outcome is not None and not outcome.ruled:
        notes.insert(0, f"the rules said: {verdict.value} {reason}")
        verdict, reason = outcome.verdict, outcome.told(ruling)
    notes += [f"score {effects.score}"] if effects.score else []
    notes += [f"strand {effects.strand}"] if effects.strand else []
    notes += [f"accounts {', '.join(effects.accounts)}"] if effects.accounts else []
    notes += [f"tags {', '.join(effects.tags)}"] if effects.tags else []
    notes += [f"redacted {', '.join(effects.redact)}"] if effects.redact else []
    notes += [f"decided again at {show(effects.again_at)}"] if effects.again_at else []
    lines = [f"{verdict.value.upper()}   {reason}   ({'; '.join(notes)})"]
    if explanation.matched:
        lines.append("")
    for rule in explanation.matched:
        lines.append(f"● {rule.id}  {_doing(rule)}   {rule.place}")
        lines += lines_of(rule)
    if explanation.missed_by_one:
        lines += ["", "missed by one clause:"]
        lines += [f"○ {rule.id} ({_doing(rule)}): {_lacking(rule.missing[0])}" for rule in explanation.missed_by_one]
    return "\n".join(lines) + "\n"


def lines_of(traced: RuleTrace) -> list[str]:
    """Every clause of a rule with the values that it saw, one line for each part, for a terminal."""
    return [_line(clause, piece) for clause in traced.clauses for piece in clause.pieces]


def _doing(rule: RuleTrace) -> str:
    doing = rule.action.value if rule.action else "no action"
    if rule.limit:
        doing += f", limit: {rule.limit} reached" if rule.reached else f" over its limit: {rule.limit}"
    if rule.mode is not Mode.SHADOW:
        return doing
    return f"would {doing} [{'shadow, fused' if rule.fused else 'shadow'}]"


def _line(clause: ClauseTrace, piece: Piece) -> str:
    unless = "unless (file) " if clause.shared else "unless "
    unless = unless if clause.part == "unless" and piece.depth == 0 else ""
    seen = ", ".join(f"{one.name} = {one.shown}" if one.name != "found" else f"found {one.shown}" for one in piece.seen)
    return f"    {piece.passed.value} {'  ' * piece.depth}{unless}{piece.text}" + (f"   ← {seen}" if seen else "")


def _lacking(clause: ClauseTrace) -> str:
    seen = ", ".join(f"{one.name} = {one.shown}" for one in clause.pieces[0].seen if one.name != "text")
    shown = f"   ← {seen}" if seen else ""
    match clause.part:
        case "dates":
            return f"outside its dates ({clause.text}){shown}"
        case "unless":
            return f"exempt by {clause.text}{shown}"
        case _:
            return f"needs {clause.text}{shown}"
