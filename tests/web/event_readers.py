"""Many open pages in a process of their own: how long a change takes from `publish` to each of them.

`python tests/web/event_readers.py PORT COUNT EVENTS` connects COUNT streams, says "ready" on standard output, reads EVENTS
events on each, and prints one JSON line: events seen in all, and the delays in milliseconds. A change carries in `at` the
`time.monotonic()` of its publishing; the clock is one for all processes of a machine.
"""

import json
import re
import resource
import selectors
import socket
import sys
import time

_SENT = re.compile(rb'"at":"([0-9.]+)"')


def connect(port: int, number: int) -> socket.socket:
    """Open one stream and wait for its greeting, so that it surely listens."""
    line = socket.create_connection(("127.0.0.1", port), timeout=30)
    line.sendall(f"GET /events HTTP/1.1\r\nHost: reader-{number}\r\n\r\n".encode())
    seen = b""
    while b"retry:" not in seen:
        seen += line.recv(4096)
    line.setblocking(False)
    return line


def read(port: int, count: int, events: int) -> dict[str, float]:
    """Connect, read, and say how long it took."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(4096, count * 2)), hard))
    chosen = selectors.DefaultSelector()
    for number in range(count):
        chosen.register(connect(port, number), selectors.EVENT_READ)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    delays: list[float] = []
    deadline = time.monotonic() + 120
    while len(delays) < count * events and time.monotonic() < deadline:
        for key, _ in chosen.select(timeout=5):
            line = key.fileobj
            data = line.recv(65536) if isinstance(line, socket.socket) else b""
            if not data:
                chosen.unregister(line)
            came = time.monotonic()
            delays.extend((came - float(sent)) * 1000 for sent in _SENT.findall(data))
    delays.sort()
    return {
        "seen": len(delays),
        "p50_ms": round(delays[len(delays) // 2], 1),
        "p99_ms": round(delays[int(len(delays) * 0.99)], 1),
        "max_ms": round(delays[-1], 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(*(int(part) for part in sys.argv[1:4]))) + "\n")
