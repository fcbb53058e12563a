"""`make bench`: measures, and prints each figure beside its goal. See docs/performance.md."""

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import limits, milestones, patterns, reach, rules, stories
from tests.bench.filled import fill
from tests.bench.processes import in_a_process
from tests.bench.saying import say, verdict


@dataclass(frozen=True)
class Plan:
    """What is measured: sizes of the store in posts, frames of one measurement, open pages, events pushed to them, seconds of search for a slow pattern."""

    sizes: tuple[int, ...] = (10_000, 200_000, 1_000_000)
    count: int = 40_000
    naive: int = 8_000
    tries: int = 2  # of each figure the better one counts: neighbours on the machine only ever slow it down
    clients: int = 1_000
    pushed: int = 100
    search_s: float = 20.0


QUICK = Plan((1_000, 5_000, 20_000), 4_000, 1_000, 1, 100, 20, 2.0)


def copied(store: Path, measure: Callable[[Path], dict[str, float]]) -> dict[str, float]:
    """Measure on a copy: the filled store stays as it is."""
    place = store.with_name("copy")
    place.mkdir()
    shutil.copyfile(store, place / store.name)
    try:
        return measure(place / store.name)
    finally:
        shutil.rmtree(place)


def bare(folder: Path, store: Path, frames: Sequence[bytes], ready: Sequence[tuple[object, ...]]) -> float:
    """Seconds of the bare limit, beside as many posts as a store holds."""
    path = folder / "bare.db"
    limits.bare_store(path, store)
    try:
        return limits.decode_and_insert(path, frames, ready)
    finally:
        for left in folder.glob("bare.db*"):
            left.unlink()


def stores(plan: Plan, folder: Path) -> list[dict[str, float]]:
    """For each size of the store: what Milepost takes, and what the bare limits take at that size."""
    store = folder / "filled.db"
    frames = limits.measured_frames(plan.count)
    found = []
    start = 0
    for size in plan.sizes:
        fill(store, start, size)
        start = size
        ready = limits.rows(frames, size + 1)
        insert_s = min(bare(folder, store, frames, ready) for _ in range(plan.tries))
        tries = [copied(store, lambda path: in_a_process("house", path, 2_000, plan.count)) for _ in range(plan.tries)]
        one = min(tries, key=lambda found: found["seconds"])
        one |= {
            "size": size,
            "decode_us": limits.decode(frames) / plan.count * 1e6,
            "insert_us": insert_s / plan.count * 1e6,
        }
        one["us"] = one["seconds"] / plan.count * 1e6
        one["calibration_s"] = limits.calibrate()
        found.append(one)
        say(
            f"{size:>9} posts stored: (a) decode {one['decode_us']:6.1f} us  (b) decode + insert {one['insert_us']:6.1f} us  "
            f"(c) Milepost {one['us']:6.1f} us a post ({1e6 / one['us']:,.0f}/s)  (c)/(b) {one['insert_us'] / one['us']:.2f}  "
            f"batch p50 {one['batch_p50_ms']:.0f} p99 {one['batch_p99_ms']:.0f} max {one['batch_max_ms']:.0f} ms  "
            f"memory {one['memory_mb']:.0f} MB  calibration {one['calibration_s']:.3f} s",
        )
    stages = copied(store, lambda path: in_a_process("stages", path, 2_000, plan.count))
    say(
        "by stage, one thread, at the largest store (us a post): "
        + "  ".join(f"{name} {us:.1f}" for name, us in stages.items())
    )
    return found


def main() -> None:
    """Measure everything once, in one run."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench", description="Ratios of one run; see docs/performance.md."
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, under a minute: to see that it works")
    plan = QUICK if parser.parse_args().quick else Plan()
    say(
        f"milepost bench{' (quick: the goals are not meant for these sizes)' if plan is QUICK else ''}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    with tempfile.TemporaryDirectory(prefix="milepost-bench-") as name:
        folder = Path(name)
        found = stores(plan, folder)
        again = stories.restarted(folder / "filled.db", max(plan.sizes))
        naive_us = limits.naive(folder / "naive.db", plan.naive, wal=False) / plan.naive * 1e6
        naive_wal_us = limits.naive(folder / "naive-wal.db", plan.naive, wal=True) / plan.naive * 1e6
    say(f"(d) naive script: {naive_us:.0f} us a post as SQLite comes, {naive_wal_us:.0f} us with WAL")
    page = reach.measure(plan.clients, plan.pushed)
    say(
        f"source to {plan.clients} open pages: p50 {page['p50_ms']} ms, p99 {page['p99_ms']} ms, max {page['max_ms']} ms; {page['seen']:.0f} of {plan.clients * plan.pushed} events arrived"
    )
    small, large = found[0], found[-1]
    say()
    for one in found:
        say(verdict(f"(c) / (b) at {one['size']:,.0f} posts", one["insert_us"] / one["us"], 0.25, at_least=True))
    say(verdict(f"(c) against (d) at {small['size']:,.0f} posts", naive_us / small["us"], 10, at_least=True, unit="x"))
    say(
        verdict(
            f"cost a post at {large['size']:,.0f} against {small['size']:,.0f}",
            large["us"] / small["us"],
            1.6,
            at_least=False,
            unit="x",
        )
    )
    say(verdict("source to open page, p99", page["p99_ms"], 100, at_least=False, unit=" ms"))
    say(
        f"  memory: {small['memory_mb']:.0f} MB at {small['size']:,.0f}, {large['memory_mb']:.0f} MB at {large['size']:,.0f} (window of 100,000 posts)"
    )
    say(
        f"  calibration (bare loop): {min(one['calibration_s'] for one in found):.3f} to {max(one['calibration_s'] for one in found):.3f} s in this run"
    )
    say()
    worst = patterns.search(plan.search_s)
    say(f"slowest of {worst.tried} patterns on {patterns.TEXT_CHARS:,} characters: {worst.pattern}")
    say(
        verdict(
            "a post under the slowest pattern", worst.us / 1000, patterns.GOAL_US / 1000, at_least=False, unit=" ms"
        )
    )
    rules.report(rules.QUICK if plan is QUICK else rules.Plan())
    say()
    milestones.report(milestones.QUICK if plan is QUICK else milestones.Plan())
    say()
    stories.report(stories.QUICK if plan is QUICK else stories.Plan(), again)


if __name__ == "__main__":
    main()
