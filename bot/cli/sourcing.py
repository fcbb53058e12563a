"""sources: what may be done with the posts of each."""

from pathlib import Path

from bot.app.configuring import sources
from bot.cli.terminal import json_document, note, out, table


def list_sources(config: Path, *, as_json: bool) -> None:
    """Print every source and its rights; needs no store.

    Raises:
        ConfigError: The configuration has mistakes.
    """
    found = sources(config)
    if as_json:
        json_document(found)
        return
    rows = [
        [one.name, one.kind, "on" if one.enabled else "off", "; ".join(one.said) or "everything is allowed"]
        for one in found
    ]
    table(rows)
    if any(one.kind == "replay" for one in found):
        out()
        out("Of a recording no more is allowed than where its posts were made.")
    if not found:
        note("No sources: the desk alone writes. See [[source]] in config.example.toml.")
