"""X's own OpenAPI document as a proxy before a server: what breaks it, request or answer, is refused and named.

prism (npm: @stoplight/prism-cli) lies in `.node/node_modules` or where MILEPOST_NODE_MODULES says.
"""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
INSTALL = "mkdir -p .node && cp tests/servers/package.json .node/ && npm install --prefix .node --no-audit --no-fund --no-package-lock"
_READY_S = 60.0


def prism_program() -> Path:
    """prism's program; the test skips where it is absent."""
    folder = Path(os.environ.get("MILEPOST_NODE_MODULES") or ROOT / ".node" / "node_modules")
    program = folder / "@stoplight" / "prism-cli" / "dist" / "index.js"
    if not program.is_file():
        pytest.skip(f"prism is not installed in {folder}: run {INSTALL}")
    return program


@contextmanager
def prism(document: Path, server: str, log: Path) -> Iterator[str]:
    """The address of a proxy that holds every request and every answer against an OpenAPI document.

    Args:
        document: The OpenAPI document.
        server: Address of the server behind it.
        log: A file for what prism says.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    shaped = log.with_name("document.json")
    shaped.write_text(json.dumps(_without_unknown_schemes(json.loads(document.read_bytes()))))
    command = ["node", str(prism_program()), "proxy", "--errors", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        running = subprocess.Popen([*command, str(shaped), server], stdout=out, stderr=subprocess.STDOUT)
    try:
        end = time.monotonic() + _READY_S
        while not _listens(port):
            if running.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"prism did not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait(10)


def _without_unknown_schemes(document: Any) -> Any:
    """The same document, with OAuth 1.0a as a header that must be there: prism knows no such scheme and refuses all of it."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        if scheme.get("type") == "http" and scheme.get("scheme", "").lower() == "oauth":
            schemes[name] = {"type": "apiKey", "in": "header", "name": "Authorization"}
    return document


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
