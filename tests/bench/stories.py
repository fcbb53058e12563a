"""Who finds the same story, how fast, and how well: the story index against datasketch, rensa, gaoya and rapidfuzz, in one run.

`python -m tests.bench.stories [--quick]`; `make bench` calls it. Each matcher at each size has a process of its own. All get the
same posts; what is timed begins with a post's text and ends with the answer and the post inserted.
"""

import argparse
import os
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import msgspec

from bot.core.text.normal import normalise
from tests.bench import crowd, matchers
from tests.bench.filled import fill
from tests.bench.limits import calibrate
from tests.bench.processes import in_a_process
from tests.bench.saying import say, verdict
from tests.bench.truths import truths

_MEASURED = 2_000_000
"""From this text of the crowd on: what is measured. What lies below fills the indexes."""


@dataclass(frozen=True)
class Plan:
    """Sizes in stored posts, posts that are measured, and the most stored posts with which a slow one is tried."""

    sizes: tuple[int, ...] = (10_000, 100_000, 1_000_000)
    count: int = 10_000
    slow: int = 100_000
    few: int = 1_000  # of those that take a millisecond for each

    def count_of(self, name: str) -> int:
        """How many posts a matcher is timed with."""
        return self.few if name == "rapidfuzz" else self.count


QUICK = Plan((1_000, 5_000, 20_000), 3_000, 5_000, 200)


def written(plan: Plan, folder: Path) -> tuple[Path, Path]:
    """The crowd and the truths as files that all processes read."""
    posts, known = folder / "crowd.jsonl", folder / "truths.json"
    seen: set[str] = set()
    said = chain(crowd.texts(0, max(plan.sizes)), crowd.texts(_MEASURED, plan.count))
    with posts.open("wb") as file:
        for author, text in said:
            seen.add(normalise(text))
            file.write(msgspec.json.encode((author, text)) + b"\n")
    known.write_bytes(msgspec.json.encode(truths(seen)))
    return posts, known


def compared(plan: Plan, folder: Path) -> dict[str, dict[int, dict[str, float]]]:
    """Every matcher at every size."""
    posts, known = written(plan, folder)
    there = matchers.installed()
    found: dict[str, dict[int, dict[str, float]]] = {}
    for size in plan.sizes:
        say(f"{size:,} posts stored:")
        for name in matchers.NAMES:
            if name != matchers.OURS and name not in there:
                say(f"  {name:<11} is not installed")
            elif name == "datasketch" and size > plan.slow:
                say(f"  {name:<11} not measured: filling it takes too long")
            else:
                one = tried(plan, name, size, posts, known)
                found.setdefault(name, {})[size] = one
                say(line(name, one))
    return found


def tried(plan: Plan, name: str, size: int, posts: Path, known: Path) -> dict[str, float]:
    """One matcher at one size; the better of two tries where filling takes no time."""
    tries = [
        in_a_process("asked", name, size, plan.count_of(name), posts, known)
        for _ in range(2 if size <= plan.slow else 1)
    ]
    return min(tries, key=lambda one: one["us"])


def line(name: str, one: dict[str, float]) -> str:
    """The figures of one matcher at one size."""
    more = ""
    if "sign_us" in one:
        more = (
            f"  (sign {one['sign_us']:.1f}, match {one['match_us']:.1f}; "
            f"batch of 1,000 p50 {one['batch_p50_ms']:.0f} p99 {one['batch_p99_ms']:.0f} ms)"
        )
    return (
        f"  {name:<11} {one['us']:8.1f} us a post ({1e6 / one['us']:>7,.0f}/s)  {one['bytes']:6,.0f} bytes a post  "
        f"recall {one['recall']:.3f}  hard joined {one['hard_joined']:.3%}  wrong {one['wrong']:.1f} in 1,000  "
        f"filled in {one['filled_s']:.0f} s  calibration {one['calibration_s']:.3f}{more}"
    )


def restarted(store: Path, size: int) -> dict[str, float]:
    """How long the index of a store takes that has so many posts already."""
    return in_a_process("restart", store, size)


def report(plan: Plan, again: dict[str, float] | None = None) -> None:
    """Measure all of it, and print figures and goals.

    Args:
        plan: Sizes.
        again: What `restarted` found in a store of the largest size; None to fill one.
    """
    others = ", ".join(f"{name} {number}" for name, number in matchers.installed().items()) or "nobody"
    say(f"stories, against {others}; load {os.getloadavg()[0]:.1f}, calibration {calibrate():.3f} s")
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as name:
        folder = Path(name)
        found = compared(plan, folder)
        size = max(plan.sizes)
        if again is None:
            fill(folder / "filled.db", 0, size)
            again = restarted(folder / "filled.db", size)
    ours = found[matchers.OURS]
    small, large = ours[min(plan.sizes)], ours[size]
    say(f"a restart with {again['posts']:,} signatures: {again['seconds']:.2f} s, {again['memory_mb']:.0f} MB")
    say(f"calibration {calibrate():.3f} s, load {os.getloadavg()[0]:.1f}")
    say(f"  {small['copies']:.0f} copies and {small['hard']:.0f} hard negatives were asked for at each size")
    say()
    for at, theirs in found.get("datasketch", {}).items():
        name = f"at {at:,} against datasketch"
        say(verdict(f"match and insert {name}", theirs["us"] / ours[at]["us"], 6, at_least=True, unit="x"))
        say(verdict(f"memory {name}", ours[at]["bytes"] / theirs["bytes"], 0.15, at_least=False))
    for name in ("rensa", "gaoya", "rapidfuzz"):
        if name in found:
            ratio = found[name][size]["us"] / large["us"]
            say(verdict(f"match and insert at {size:,} against {name}", ratio, 1, at_least=True, unit="x"))
    for at, one in ours.items():
        say(verdict(f"recall at {at:,}", one["recall"], 0.98, at_least=True))
        say(verdict(f"hard negatives joined at {at:,}", one["hard_joined"] * 100, 0.5, at_least=False, unit=" %"))
        say(verdict(f"wrong matches in 1,000 at {at:,}", one["wrong"], 2, at_least=False))
    say(verdict(f"cost a post at {size:,}", large["us"] / small["us"], 1.6, at_least=False, unit="x"))
    say(verdict(f"p99 of a batch of 1,000 at {size:,}", large["batch_p99_ms"], 100, at_least=False, unit=" ms"))
    say(verdict(f"a restart with {size:,} signatures", again["seconds"], 5, at_least=False, unit=" s"))


def main() -> None:
    """Measure the stories alone."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stories", description="Who finds the same story.")
    parser.add_argument("--quick", action="store_true", help="small sizes: to see that it works")
    report(QUICK if parser.parse_args().quick else Plan())


if __name__ == "__main__":
    main()
