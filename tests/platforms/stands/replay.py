"""A recording that is still being written."""

from pathlib import Path

from bot.core.model import Author, Batch, Gone, Post
from bot.core.recording import encode_line
from bot.platforms.replay import ReplaySource
from tests.platforms.contract import Clock, Kept, context_of
from tests.platforms.stands.stand import Ground, SourceStand

SPEAKS_HTTP = False


def source(ground: Ground) -> SourceStand:
    """A file; broken where it is not there."""
    clock, memory = Clock(), Kept()
    path, away = ground.folder / "day.jsonl", ground.folder / "away.jsonl"
    settings = ReplaySource.Settings(file=path, shift=False)
    said: list[str] = []
    path.touch()

    def write(batch: Batch) -> None:
        there = path if path.exists() or not away.exists() else away
        with there.open("ab") as file:
            file.write(encode_line(clock(), "tags", batch) + b"\n")
        clock.move(seconds=1)

    def say() -> str:
        said.append(f"at://{len(said)}")
        author = Author("did:plc:a")
        write(Batch((Post("bluesky", said[-1], "recorded", author, created_at=clock(), seen_at=clock(), text="Said"),)))
        return said[-1]

    def put(there: Path) -> None:
        (path if path.exists() else away).rename(there)

    return SourceStand(
        make=lambda: ReplaySource(settings, context_of(clock, memory)),
        now=clock,
        say=say,
        take_back=lambda native_id: write(Batch(gone=(Gone(native_id, clock()),))),
        breaks=lambda: put(away),
        mends=lambda: put(path),
        later=lambda: clock.move(hours=1),
    )
