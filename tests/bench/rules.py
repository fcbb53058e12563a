"""What the rules cost: decisions a second against plain Python, CEL and rule-engine, on the same posts in the same run.

`python -m tests.bench.rules [--quick]`; `make bench` calls it. Before anything is timed, all candidates must match the same
rules on every post that they get. A figure is the least of several short rounds, in which the candidates take turns.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.app.history import decided
from bot.core.model import Post
from bot.core.rules.circumstances import Circumstances
from bot.core.rules.judge import judge
from bot.core.rules.receipt import receipt
from bot.core.rules.replay import Decided, replay
from bot.core.rules.ruleset import RuleSet, load
from bot.store.database import Database
from tests.bench import clauses, events, rivals
from tests.bench.cases import Cases, cases
from tests.bench.filled import fill
from tests.bench.limits import calibrate
from tests.bench.rivals import Matches
from tests.bench.saying import say, verdict
from tests.bench.spellings import Test

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Plan:
    """Sizes: posts of one round, rounds, (rule, post) pairs that slow engines get, posts of the receipt and of the backtest."""

    posts: int = 2_000
    rounds: int = 7
    pairs: int = 20_000
    receipt: int = 2_000
    backtest: int = 20_000


QUICK = Plan(300, 2, 2_000, 300, 1_000)
COUNTS = (12, 50, 100, 1_000)
WIDTHS = (10, 100, 1_000, 10_000)


def program_of(rule_set: RuleSet) -> Matches:
    """The compiled rules alone, without a verdict; the names of what matched, as the others give them."""
    matched, active = rule_set.program.matched, rule_set.active

    def matches(post: Post, around: Circumstances) -> list[str]:
        bits = matched(post, around)
        return [rule.id for number, rule in enumerate(active) if bits >> number & 1] if bits else []

    return matches


def by_hand(tests: Sequence[tuple[str, Test]]) -> Matches:
    def matches(post: Post, around: Circumstances) -> list[str]:
        return [name for name, test in tests if test(post, around)]

    return matches


def same(candidates: dict[str, Matches], posts: Cases) -> None:
    """Refuse to compare what does not do the same.

    Raises:
        ValueError: With the first post and rule that differ.
    """
    (first, leading), *others = candidates.items()
    for post, around in posts:
        wanted = leading(post, around)
        for name, matches in others:
            found = matches(post, around)
            if found != wanted:
                odd = sorted(set(wanted) ^ set(found))
                raise ValueError(f"{first} and {name} disagree about {odd[:3]} for {post.text!r}")


@dataclass(frozen=True)
class Run:
    """A candidate: what is called for each post, and what it must forget before each round."""

    call: Callable[[Post, Circumstances], object]
    posts: Cases
    forget: Callable[[], object] = tuple


def timed(runs: dict[str, Run], rounds: int) -> dict[str, float]:
    """Microseconds a post of each candidate: the least of its rounds; they take turns."""
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            call = run.call
            run.forget()
            before = time.perf_counter()
            for post, around in run.posts:
                call(post, around)
            best[name] = min(best[name], (time.perf_counter() - before) / len(run.posts) * 1e6)
    return best


def milepost(rule_set: RuleSet, posts: Cases) -> dict[str, Run]:
    """Milepost twice: the compiled rules alone, and a decision, which forgets the rulings of earlier rounds."""
    decide = partial(judge, rule_set)
    return {"program": Run(rule_set.program.matched, posts), "milepost": Run(decide, posts, rule_set.rulings.clear)}


def against_lambdas(plan: Plan, posts: Cases) -> dict[int, dict[str, float]]:
    """Rules as a desk writes them, in Milepost and by hand."""
    found = {}
    for count in COUNTS:
        rules = clauses.rules(count)
        begun = time.perf_counter()
        rule_set = rules.milepost()
        loaded = time.perf_counter() - begun
        hand = by_hand(rules.lambdas())
        same({"milepost": program_of(rule_set), "lambdas": hand}, posts)
        part = posts[: max(100, plan.posts * 100 // max(count, 100))]
        one = timed(milepost(rule_set, part) | {"lambdas": Run(hand, part)}, plan.rounds)
        found[count] = one
        hits = sum(len(hand(*each)) for each in part) / len(part)
        say(
            f"{count:>6} rules ({hits:4.1f} match): Milepost {_cost(one['milepost'])}, of it compiled {one['program']:.1f} us  "
            f"lambdas {_cost(one['lambdas'])}  ratio {one['lambdas'] / one['milepost']:.2f}  (loaded in {loaded * 1000:.0f} ms)"
        )
    return found


def against_engines(plan: Plan, posts: Cases) -> dict[int, dict[str, float]]:
    """Rules about facts alone, which all engines can express; the slow one gets the first of the posts."""
    found = {}
    for count in COUNTS:
        rules = clauses.rules(count, clauses.FACTS)
        rule_set = rules.milepost()
        others = rivals.installed(rules.written)
        few = posts[: max(10, plan.pairs // count)]
        hand = by_hand(rules.lambdas())
        same({"milepost": program_of(rule_set), "lambdas": hand, **others}, few)
        runs = milepost(rule_set, few) | {"lambdas": Run(hand, few)}
        one = timed(runs | {name: Run(others[name], few) for name in rivals.CEL if name in others}, plan.rounds)
        if rivals.SLOW in others:
            one |= timed({rivals.SLOW: Run(others[rivals.SLOW], few[: max(10, len(few) // 20)])}, 2)
        found[count] = one
        say(
            f"{count:>6} rules: Milepost {_cost(one['milepost'])}, of it compiled {one['program']:.1f} us  lambdas {_cost(one['lambdas'])}  "
            + "  ".join(f"{name} {_cost(one[name])}" for name in others)
        )
    return found


def _cost(us: float) -> str:
    return f"{us:.1f} us ({1e6 / us:,.0f}/s)"


def wide_lists(plan: Plan, posts: Cases) -> dict[int, float]:
    """One rule with one list: microseconds a post by its number of terms."""
    found: dict[str, Run] = {}
    for width in WIDTHS:
        rules = clauses.wide(width)
        rule_set = rules.milepost()
        same({"milepost": program_of(rule_set), "lambdas": by_hand(rules.lambdas())}, posts[:200])
        found[str(width)] = milepost(rule_set, posts)["milepost"]
    best = {int(width): us for width, us in timed(found, plan.rounds).items()}
    say("one list of " + "  ".join(f"{width:,} terms {us:.2f} us a post" for width, us in best.items()))
    return best


def starter_rules() -> dict[str, str]:
    """The starter rules' texts by name."""
    folder = ROOT / "rules"
    paths = [*folder.glob("*.toml"), *folder.glob("lists/*.txt")]
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def past(plan: Plan) -> None:
    """The receipt of an edit and a backtest by the starter rules, from files and store to the finished words."""
    files = starter_rules()
    edited = {**files, "50-curation.toml": files["50-curation.toml"].replace('["en", ""]', '["en", "de", ""]')}
    before = load(files)
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as name:
        store = Path(name) / "past.db"
        fill(store, 0, plan.backtest)
        database = Database(f"sqlite:///{store}")
        for what, count in (("receipt", plan.receipt), ("backtest", plan.backtest)):
            best = [float("inf")] * 3
            for _ in range(3):
                begun = time.perf_counter()
                after = load(edited)
                loaded = time.perf_counter()
                found: list[Decided] = decided(database, {"mass": events.START - timedelta(hours=2)}, limit=count)
                read = time.perf_counter()
                receipt(replay(before, after, found))
                ended = time.perf_counter()
                took = (loaded - begun, read - loaded, ended - read)
                best = [min(pair) for pair in zip(best, took, strict=True)]
            say(
                f"{what} over {len(found):,} posts, starter rules: {sum(best) * 1000:,.0f} ms "
                f"(load the rules {best[0] * 1000:.0f}, read the posts {best[1] * 1000:.0f}, judge twice and compare {best[2] * 1000:.0f})"
            )
        database.close()


def report(plan: Plan) -> None:
    """Measure all of it, and print figures and goals."""
    say(f"rules, against {rivals.versions()}; load {os.getloadavg()[0]:.1f}, calibration {calibrate():.3f} s")
    posts = cases(plan.posts)
    starter = load(starter_rules())
    one = timed(milepost(starter, posts), plan.rounds)
    say(f"the {len(starter.active)} starter rules: {_cost(one['milepost'])}, of it compiled {one['program']:.1f} us")
    say("rules as a desk writes them:")
    full = against_lambdas(plan, posts)
    say("rules about facts alone (no text), which every engine can express:")
    facts = against_engines(plan, posts)
    wide = wide_lists(plan, posts)
    past(plan)
    say(f"calibration {calibrate():.3f} s, load {os.getloadavg()[0]:.1f}")
    say()
    for count in (12, 100, 1_000):
        name = f"decisions with {count:,} rules against lambdas"
        say(verdict(name, full[count]["lambdas"] / full[count]["milepost"], 0.4, at_least=True))
    say(verdict("cost of 50 rules against lambdas", full[50]["milepost"] / full[50]["lambdas"], 3, at_least=False))
    for count, one in facts.items():
        fastest = min((one[name] for name in rivals.CEL if name in one), default=None)
        name = f"{count:,} rules about facts against the fastest CEL"
        if fastest is None:
            say(f"  {name}: not measured, neither is installed")
        else:
            say(verdict(name, fastest / one["milepost"], 5, at_least=True))
    say(verdict("cost of 10,000 terms against 100", wide[10_000] / wide[100], 2, at_least=False))


def main() -> None:
    """Measure the rules alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.rules", description="What the rules cost.")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it works")
    report(QUICK if parser.parse_args().quick else Plan())


if __name__ == "__main__":
    main()
