"""A real AT network on free loopback ports: PLC directory, PDS, Jetstream, and a stand-in for the AppView.

The PDS is Bluesky's own (npm: @atproto/dev-env), Jetstream is a bridge from its firehose, and the AppView's stand-in answers
from the PDS. The node modules lie in `.node/node_modules` or where MILEPOST_NODE_MODULES says; `INSTALL` says how they get
there.

    with at_network() as network:
        ana = network.account("ana.test")
        ana.post("Good luck! #LondonMarathon", tags=["LondonMarathon"])
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

from tests.servers.appview import AppView

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ADMIN = ("admin", "admin-pass")
PASSWORD = "correct horse battery staple"
INSTALL = (
    "mkdir -p .node && cp tests/servers/package.json .node/ && "
    "npm_config_nodedir=/usr npm install --prefix .node --no-audit --no-fund --no-package-lock && "
    "npm_config_nodedir=/usr npm rebuild --prefix .node better-sqlite3"
)


def node_modules() -> Path:
    """Where the network's node modules lie; the test skips where they are absent."""
    folder = Path(os.environ.get("MILEPOST_NODE_MODULES") or ROOT / ".node" / "node_modules")
    if not (folder / "@atproto" / "dev-env").is_dir():
        pytest.skip(f"the AT network is not installed in {folder}: run {INSTALL}")
    return folder


@dataclass
class Account:
    """Somebody on the network."""

    pds: str
    did: str
    handle: str
    token: str
    client: httpx2.Client = field(repr=False)

    def call(self, method: str, body: object) -> Any:
        """A procedure as this account."""
        headers = {"authorization": f"Bearer {self.token}"}
        response = self.client.post(f"{self.pds}/xrpc/{method}", json=body, headers=headers)
        response.raise_for_status()
        return response.json() if response.content else None

    def post(self, text: str, *, tags: Sequence[str] = (), beside: Sequence[str] = (), **more: object) -> str:
        """Post a text in which each tag of `tags` is a facet, with others `beside` the text. Returns the AT-URI."""
        facets = []
        for tag in tags:
            start = text.encode().index(f"#{tag}".encode())
            end = start + len(f"#{tag}".encode())
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
            facets.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
        record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": datetime.now(UTC).isoformat(), **more}
        if beside:
            record["tags"] = list(beside)
        if facets:
            record["facets"] = facets
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "record": record}
        return str(self.call("com.atproto.repo.createRecord", body)["uri"])

    def delete(self, uri: str) -> None:
        """Delete one's own post."""
        body = {"repo": self.did, "collection": "app.bsky.feed.post", "rkey": uri.rsplit("/", 1)[1]}
        self.call("com.atproto.repo.deleteRecord", body)

    def call_itself(self, name: str, *labels: str) -> None:
        """Write one's profile: display name and self-labels."""
        record: dict[str, object] = {"$type": "app.bsky.actor.profile", "displayName": name}
        if labels:
            values = [{"val": label} for label in labels]
            record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": values}
        body = {"repo": self.did, "collection": "app.bsky.actor.profile", "rkey": "self", "record": record}
        self.call("com.atproto.repo.putRecord", body)


@dataclass
class Network:
    """A running network."""

    pds: str
    plc: str
    jetstream: str
    appview: str
    client: httpx2.Client = field(repr=False)
    view: AppView = field(repr=False)

    def account(self, handle: str) -> Account:
        """A new account; `handle` ends in ".test"."""
        body = {"handle": handle, "email": f"{handle}@example.invalid", "password": PASSWORD}
        response = self.client.post(f"{self.pds}/xrpc/com.atproto.server.createAccount", json=body)
        response.raise_for_status()
        found = response.json()
        return Account(self.pds, found["did"], found["handle"], found["accessJwt"], self.client)

    def take_down(self, did: str) -> None:
        """What moderators do with an account."""
        subject = {"$type": "com.atproto.admin.defs#repoRef", "did": did}
        body = {"subject": subject, "takedown": {"applied": True, "ref": "test"}}
        url = f"{self.pds}/xrpc/com.atproto.admin.updateSubjectStatus"
        self.client.post(url, json=body, auth=ADMIN).raise_for_status()

    def records(self, did: str) -> list[dict[str, Any]]:
        """All posts of a repository, newest first."""
        params = {"repo": did, "collection": "app.bsky.feed.post", "limit": "100"}
        response = self.client.get(f"{self.pds}/xrpc/com.atproto.repo.listRecords", params=params)
        response.raise_for_status()
        return list(response.json()["records"])


@contextmanager
def at_network(*, rate_limits: bool = False) -> Iterator[Network]:
    """Start everything, and end it by pid."""
    modules = node_modules()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="at-network-", ignore_cleanup_errors=True))
        environment = {**os.environ, "NODE_PATH": str(modules), "LOG_ENABLED": "false", "TMPDIR": folder}
        appview = stack.enter_context(AppView(""))
        command = ["node", "-r", str(HERE / "loopback.cjs"), str(HERE / "at_network.cjs"), appview.url]
        said = stack.enter_context(running([*command, *(["rate-limits"] if rate_limits else [])], environment))
        pds = str(said["pds"])
        appview.pds = pds
        bridge = [sys.executable, str(HERE / "jetstream_bridge.py"), pds.replace("http", "ws", 1) + "/xrpc"]
        jetstream = stack.enter_context(running(bridge, dict(os.environ)))
        client = stack.enter_context(httpx2.Client(timeout=30, trust_env=False))
        yield Network(pds, str(said["plc"]), str(jetstream["url"]), appview.url, client, appview)


@contextmanager
def running(command: list[str], environment: dict[str, str]) -> Iterator[dict[str, object]]:
    """Run a server that prints one line of JSON when it is ready; that line, and its end by pid."""
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line.startswith(b"{"):
                errors.seek(0)
                raise RuntimeError(f"{command} did not start: {line!r} {errors.read()[-2000:]!r}")
            rest = Thread(target=process.stdout.read, daemon=True)  # whatever else it says must not block it
            rest.start()
            yield json.loads(line)
        finally:
            process.terminate()
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            rest.join(5)
            process.stdout.close()
