"""A file in the place of an account."""

import json
from pathlib import Path

from bot.platforms.file import FileAccount
from tests.platforms.contract import Clock, Kept, context_of
from tests.platforms.stands.stand import AccountStand, Ground

SPEAKS_HTTP = False


def account(ground: Ground) -> AccountStand:
    """Lines that were written and not taken back stand there."""
    clock, memory = Clock(), Kept()
    path, wall = ground.folder / "sent.jsonl", ground.folder / "wall"
    wall.write_text("a file, not a folder")

    def at(place: Path) -> FileAccount:
        return FileAccount(FileAccount.Settings(path=place), context_of(clock, memory))

    def standing() -> list[str]:
        words: dict[str, str] = {}
        for line in [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []:
            if line.get("retract"):
                words.pop(line["retract"], None)
            else:
                words[line.get("correct") or line["id"]] = line["text"]
        return list(words.values())

    return AccountStand(
        make=lambda: at(path),
        nowhere=lambda: at(wall / "sent.jsonl"),
        standing=standing,
        now=clock,
        later=lambda: clock.move(hours=1),
    )
