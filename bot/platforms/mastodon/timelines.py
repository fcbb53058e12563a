"""Which lists of statuses are read, and which a server does not show to us."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from bot.core.text.cleaning import fold
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.instance import Instance
from bot.platforms.mastodon.mapping import Mapper
from bot.platforms.mastodon.officials import Officials
from bot.platforms.mastodon.walk import Place


@dataclass(frozen=True, slots=True)
class Server:
    """One server.

    Attributes:
        door: The way to it.
        instance: What it allows.
        mapper: Makes posts of its statuses.
    """

    door: Door
    instance: Instance
    mapper: Mapper

    @property
    def address(self) -> str:
        """Where it is, and how it is called in cursors."""
        return self.door.server


@dataclass(frozen=True, slots=True)
class Timeline:
    """One list of statuses that is read.

    Attributes:
        key: Its name in the cursor.
        server: Where it is.
        path: From "/api/" on.
        name: As people know it.
        tag: The folded hashtag; "" for an account's.
        params: Beside those of paging.
    """

    key: str
    server: Server
    path: str
    name: str
    tag: str = ""
    params: tuple[tuple[str, str], ...] = ()


class Timelines:
    """The lists that a source reads.

    Args:
        servers: By address, in the order of the settings.
        tags: Hashtags, without "#".
        officials: Accounts that we trust.
    """

    def __init__(self, servers: Mapping[str, Server], tags: tuple[str, ...], officials: Officials) -> None:
        self._servers = servers
        self._tags = tags
        self._officials = officials

    def listed(self) -> tuple[list[Timeline], list[str]]:
        """What can be read now, and what an operator should know. Asks servers what they allow, now and then."""
        lines: list[Timeline] = []
        notes: list[str] = []
        for server in self._servers.values() if self._tags else ():
            refusal, is_shown = _access(server)
            notes += refusal
            if is_shown:
                lines += [_of_tag(server, tag) for tag in self._tags]
        known, note = self._officials.known()
        lines += [
            Timeline(
                _key(who.server, who.actor),
                self._servers[who.server],
                f"/api/v1/accounts/{quote(who.id, safe='')}/statuses",
                f"{handle} at {who.server}",
                params=(("exclude_reblogs", "true"),),
            )
            for handle, who in known.items()
        ]
        return lines, [*notes, note] if note else notes

    def kept(self, before: Mapping[str, Place]) -> dict[str, Place]:
        """The places of a cursor that may be gone on from, also where that list cannot be read just now."""
        tags = {f"#{fold(tag)}" for tag in self._tags}
        found = {}
        for key, place in before.items():
            server, _, what = key.partition(" ")
            if server in self._servers and (what in tags or not what.startswith("#")):
                found[key] = place
        return found


def _key(server: str, what: str) -> str:
    return f"{server} {what}"


def _of_tag(server: Server, tag: str) -> Timeline:
    path = f"/api/v1/timelines/tag/{quote(tag, safe='')}"
    return Timeline(_key(server.address, f"#{fold(tag)}"), server, path, f"#{tag} at {server.address}", fold(tag))


def _access(server: Server) -> tuple[list[str], bool]:
    """What a server does not show under a hashtag, and whether it shows anything.

    What is switched off comes as an empty list, which would look like silence; it is not asked for.
    """
    facts, where = server.instance.facts(), server.address
    if facts.access == "disabled":
        return [f"{where} has switched hashtags off for everybody: choose another server"], False
    if facts.access == "authenticated" and not server.door.has_token:
        return [f"{where} shows hashtags to its members only: give it a token, or choose another server"], False
    notes = []
    for part, access in (("its own people's", facts.local), ("other servers'", facts.remote)):
        if access == "disabled" or (access == "authenticated" and not server.door.has_token):
            notes.append(f"{where} does not show {part} posts under a hashtag to us")
    return notes, True
