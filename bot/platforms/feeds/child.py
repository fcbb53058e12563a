"""Reads one feed from standard input and writes what it found to standard output, within hard limits.

Started by `reading.read_guarded` as `python -m bot.platforms.feeds.child SECONDS`.
"""

import math
import resource
import sys

import msgspec

from bot.platforms.feeds.entry import NotAFeedError
from bot.platforms.feeds.reading import Packet, read_feed

_MEMORY_BYTES = 1 << 30


def main() -> None:
    """Limit this process, then read."""
    seconds = math.ceil(float(sys.argv[1])) + 1
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    packet = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Packet)
    try:
        answer = Packet(channel=read_feed(packet.body, packet.url, packet.content_type))
    except NotAFeedError as error:
        answer = Packet(fault=str(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))


if __name__ == "__main__":
    main()
