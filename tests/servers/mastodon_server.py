"""A server of Mastodon's API on a free loopback port: PyPI's mastodon-mock, which keeps what it is told in memory.

with mastodon_server() as server:
    ada = server.person("ada")
    ada.post("Good luck! #LondonMarathon")
"""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

PEOPLE = ("ada", "bob", "carol", "desk")
_READY_S = 40.0
_CONFIG = 'media_storage_path = "{folder}/media"\n\n[streaming]\nheartbeat_seconds = 0.5\n'


@dataclass(frozen=True)
class Person:
    """Somebody with an account.

    Attributes:
        server: Address of their server.
        name: Without "@" and host.
        token: Opens their account.
    """

    server: str
    name: str
    token: str

    def call(self, method: str, path: str, **form: object) -> Any:
        """Ask for something as this person."""
        headers = {"authorization": f"Bearer {self.token}"}
        answer = httpx2.request(
            method, f"{self.server}{path}", data=form or None, headers=headers, timeout=20, trust_env=False
        )
        answer.raise_for_status()
        return answer.json()

    def post(self, text: str, **more: object) -> dict[str, Any]:
        """Post a status."""
        found: dict[str, Any] = self.call("POST", "/api/v1/statuses", status=text, **more)
        return found

    def edit(self, own_id: str, text: str) -> dict[str, Any]:
        """Put other words into a status."""
        found: dict[str, Any] = self.call("PUT", f"/api/v1/statuses/{own_id}", status=text)
        return found

    def delete(self, own_id: str) -> None:
        """Delete a status."""
        self.call("DELETE", f"/api/v1/statuses/{own_id}")

    def statuses(self) -> list[dict[str, Any]]:
        """One's own, newest first."""
        me = self.call("GET", "/api/v1/accounts/verify_credentials")
        found: list[dict[str, Any]] = self.call("GET", f"/api/v1/accounts/{me['id']}/statuses?limit=40")
        return found


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes:
        url: Its address, http.
    """

    url: str

    @property
    def host(self) -> str:
        """Host and port."""
        return self.url.removeprefix("http://")

    def person(self, name: str) -> Person:
        """One of `PEOPLE`."""
        return Person(self.url, name, f"{name}_token")

    def fault(self, method: str, path: str, effect: Mapping[str, object], count: int = 1) -> None:
        """Let the next requests fail before they are carried out."""
        rule = {"match": {"methods": [method], "path": path}, "effect": dict(effect), "count": count}
        httpx2.post(f"{self.url}/api/v1/_mock/faults", json=rule, trust_env=False).raise_for_status()

    def mend(self) -> None:
        """Let nothing fail any more."""
        httpx2.delete(f"{self.url}/api/v1/_mock/faults", trust_env=False).raise_for_status()


@contextmanager
def mastodon_server(more: str = "") -> Iterator[Server]:
    """A fresh server with `PEOPLE`.

    Args:
        more: TOML beside what is configured.
    """
    people = "".join(
        f'\n[[seed.accounts]]\nusername = "{name}"\ndisplay_name = "{name.title()}"\naccess_token = "{name}_token"\n'
        for name in PEOPLE
    )
    with tempfile.TemporaryDirectory(prefix="milepost-mastodon-") as folder:
        config = Path(folder) / "mock.toml"
        config.write_text(f"{_CONFIG.format(folder=folder)}{more}{people}")
        port = free_port()
        command = [
            *(sys.executable, "-m", "mastodon_mock", "serve", "--in-memory"),
            *("--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--domain", f"127.0.0.1:{port}"),
        ]
        log = (Path(folder) / "log").open("wb")
        environment = {"PATH": "", "HOME": folder}
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            server = Server(f"http://127.0.0.1:{port}")
            _await(server, process, Path(folder) / "log")
            yield server
        finally:
            process.kill()
            process.wait()
            log.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def _await(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + _READY_S
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            httpx2.get(f"{server.url}/api/v1/streaming/health", timeout=2, trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")
