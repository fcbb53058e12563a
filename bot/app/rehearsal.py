"""A rehearsal: recordings of this coverage's own, through its own rules and plan, on a clock of its own.

Nothing of the coverage is touched: rules are copied, sources are recordings, accounts are files with the limits of their
platforms, there are no alarms and no hubs, and the store is a new one. So nothing can be sent, and no real milestone is spent.
"""

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from bot.app.opening import load_config
from bot.core.errors import NotFoundError, RefusedError
from bot.core.recording import Recorded, decode_line, encode_line

_KEPT = ("event", "clock", "strand", "official", "rules", "collect", "stories", "publish", "consent")
_LIMITS: Mapping[str, Mapping[str, object]] = {
    "bluesky": {"length": 300, "unit": "graphemes"},
    "mastodon": {"length": 500, "unit": "mastodon"},
    "x": {"length": 280, "unit": "weighted"},
}
_OF_SOURCE = ("strand", "prefer", "rights")
_MISTAKES = 5


def stage(config: Path, recordings: Sequence[Path], folder: Path, environ: Mapping[str, str] | None = None) -> Path:
    """Put a rehearsal into a folder, which is made where it is missing; gives its config.toml.

    Args:
        config: The coverage's own.
        recordings: As `milepost run --record` writes them; lines of one source may lie in several.

    Raises:
        ConfigError: The coverage's configuration has mistakes.
        NotFoundError: There is no such recording.
        RefusedError: Something is in the way, the folder cannot be written, or a recording is none.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise RefusedError(f"{folder}: is not an empty folder: name an empty or a new one")
    loaded = load_config(config, environ)
    lines = _read(recordings)
    if not lines:
        raise RefusedError(f"{recordings[0]}: nothing is recorded in it: record with `milepost run --record FILE`")
    given = tomllib.loads(config.read_text(encoding="utf-8"))
    staged: dict[str, Any] = {key: given[key] for key in _KEPT if key in given}
    staged["rules"] = {**given.get("rules", {}), "folder": "rules"}
    staged["store"] = {"url": "sqlite:///var/milepost.db"}
    staged["page"] = {
        key: value for key, value in given.get("page", {}).items() if key in {"title", "language", "desk"}
    }
    staged["page"]["folder"] = "var/page"
    blocks = {block.get("name"): block for block in given.get("source", [])}
    staged["source"] = [
        {"name": name, "kind": "replay", "file": f"{name}.jsonl", "shift": False}
        | {key: blocks[name][key] for key in _OF_SOURCE if name in blocks and key in blocks[name]}
        for name in lines
    ]
    staged["account"] = [
        {"name": block["name"], "kind": "file", "path": f"var/accounts/{block['name']}.jsonl"}
        | ({"enabled": block["enabled"]} if "enabled" in block else {})
        | dict(_LIMITS.get(block["kind"], {}))
        for block in given.get("account", [])
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rules = loaded.resolve(loaded.settings.rules.folder)
        if rules.is_dir():
            shutil.copytree(rules, folder / "rules")
        for name, recorded in lines.items():
            text = b"\n".join(encode_line(one.at, one.source, one.batch) for one in recorded) + b"\n"
            (folder / f"{name}.jsonl").write_bytes(text)
        (folder / "config.toml").write_text(tomlkit.dumps(staged), encoding="utf-8")
    except OSError as error:
        raise RefusedError(f"{folder}: cannot be written ({error.strerror}): name another folder") from error
    return folder / "config.toml"


def _read(recordings: Sequence[Path]) -> dict[str, list[Recorded]]:
    """What each source brought, in order of time."""
    found: dict[str, list[Recorded]] = {}
    wrong: list[str] = []
    for path in recordings:
        try:
            content = path.read_bytes()
        except OSError as error:
            raise NotFoundError(f"{path}: cannot be read ({error.strerror}): name a recording") from error
        for number, line in enumerate(content.splitlines(), start=1):
            try:
                recorded = decode_line(line)
            except ValueError as error:
                wrong.append(f"{path}:{number}: {error}")
                continue
            found.setdefault(recorded.source, []).append(recorded)
    if wrong:
        more = f"\nand {len(wrong) - _MISTAKES} more" if len(wrong) > _MISTAKES else ""
        raise RefusedError(
            "\n".join(wrong[:_MISTAKES])
            + more
            + "\na recording has one line for each batch: see `milepost run --record`"
        )
    return {name: sorted(lines, key=lambda one: one.at) for name, lines in sorted(found.items())}
