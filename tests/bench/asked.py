"""One matcher at one size: what a post costs, what it weighs, and how well it tells. A process of its own for each.

`python -m tests.bench.asked NAME SIZE COUNT CROWD TRUTHS` prints one JSON line. The crowd is a file of `[author, text]`, one a
line; its last `COUNT` lines are what is measured, the first `SIZE` fill the index.
"""

import gc
import json
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

import msgspec

from tests.bench.house import memory_mb
from tests.bench.limits import calibrate
from tests.bench.matchers import Matcher, Milepost, Said, matcher
from tests.bench.truths import Truths

_BATCH = 1_000
_TIMED = 100  # batches at the end of filling whose times count for the percentile, too
_STRANGERS = 1_000_000  # numbers of authors that no post of the crowd has


def posts(path: Path, start: int, count: int, step: int = _BATCH) -> Iterator[list[Said]]:
    """Lines of a crowd from `start`, in batches; their numbers are the numbers of their lines from 1."""
    with path.open("rb") as lines:
        numbered = enumerate(islice(lines, start, start + count), start + 1)
        while part := list(islice(numbered, step)):
            yield [Said(number, author + 1, text) for number, (author, text) in ((n, _line(line)) for n, line in part)]


_line = msgspec.json.Decoder(tuple[int, str]).decode


def filled(index: Matcher, path: Path, size: int) -> list[float]:
    """Fill an index; gives the seconds of its last batches, where filling is no other than matching."""
    times: list[float] = []
    for batch in posts(path, 0, size):
        if isinstance(index, Milepost):
            times += timed(index, [batch])
        else:
            index.keep(batch)
    return times[-_TIMED:]


def timed(index: Matcher, batches: Sequence[Sequence[Said]]) -> list[float]:
    """Match and insert: the seconds of each batch."""
    times = []
    for batch in batches:
        begun = time.perf_counter()
        index.take(batch)
        # Ours makes posts of the texts first, which `collect` has done already.
        times.append(sum(index.spent[-1]) if isinstance(index, Milepost) else time.perf_counter() - begun)
    return times


def telling(index: Matcher, known: Truths, first: int) -> dict[str, float]:
    """Put the pairs and the strangers into the filled index: which copies are found, and what is found wrongly."""
    number = first

    def said(texts: Sequence[str]) -> list[Said]:
        nonlocal number
        number += len(texts)
        return [Said(n, _STRANGERS + n, text) for n, text in enumerate(texts, number - len(texts))]

    def taken(batch: Sequence[Said]) -> Iterator[object]:
        return chain.from_iterable(index.take(batch[at : at + _BATCH]) for at in range(0, len(batch), _BATCH))

    if isinstance(index, Milepost):
        index.is_asked = True
    wrong = sum(index.found(answer) for answer in taken(said(known.strangers)))
    kept = said(known.kept)
    list(taken(kept))
    joined = [0, 0]
    answers = list(taken(said([one.text for one in known.asked])))
    for one, answer in zip(known.asked, answers, strict=True):
        joined[one.same] += index.joins(answer, kept[one.beside].id, cut=one.cut)
    copies = sum(one.same for one in known.asked)
    return {
        "copies": copies,
        "hard": len(known.asked) - copies,
        "recall": joined[True] / max(1, copies),
        "hard_joined": joined[False] / max(1, len(known.asked) - copies),
        "wrong": wrong / max(1, len(known.strangers)) * 1000,
    }


def main(name: str, size: int, count: int, crowd: Path, known: Path) -> None:
    """Measure, and print what was found."""
    truths = msgspec.json.decode(known.read_bytes(), type=Truths)
    with crowd.open("rb") as lines:
        total = sum(1 for _ in lines)
    step = min(_BATCH, max(1, count // 10))
    batches = list(posts(crowd, total - count, count, step))
    matcher(name, _BATCH).take(batches[0])  # what modules take is not what posts take
    gc.collect()
    before = memory_mb()
    index = matcher(name, max(size, 2 * (len(truths.asked) + len(truths.kept))))
    begun = time.perf_counter()
    last = filled(index, crowd, size)
    filled_s = time.perf_counter() - begun
    gc.collect()
    memory = memory_mb() - before
    gc.freeze()  # as the daemon does when the index is built
    times = timed(index, batches)
    # The best of ten batches: neighbours on the machine only ever slow them down.
    found = {"us": min(times) / step * 1e6, "posts": count}
    if isinstance(index, Milepost):
        signed, matched = min(index.spent[-len(batches) :], key=sum)
        found["sign_us"], found["match_us"] = signed / step * 1e6, matched / step * 1e6
        times = sorted(last + times)
        found["batch_p50_ms"] = times[len(times) // 2] * 1e3
        found["batch_p99_ms"] = times[min(len(times) - 1, int(len(times) * 0.99))] * 1e3
    found |= telling(index, truths, total + 1)
    found |= {"bytes": memory * 1024 * 1024 / size, "filled_s": filled_s, "calibration_s": calibrate()}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
