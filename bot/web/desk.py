"""The desk's page: how the house stands, for who sits at this machine. It shows, and changes nothing.

It is no part of the coverage, and there is none unless the configuration wants it. Whoever does not ask from this machine, by
a name of this machine, is told that there is nothing here; so is a server in between that says so. One that does not say so looks
like this machine: it must not hand /desk on.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib.resources import files
from ipaddress import ip_address
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from bot.core.errors import MilepostError
from bot.core.status import Console
from bot.core.text import cleaning
from bot.web.answers import not_allowed, nothing_here, plain, private

_PASSED_ON = ("forwarded", "via", "x-forwarded-", "x-real-ip")


class DeskPage:
    """The endpoint `/desk`.

    Args:
        console: What it shows; may look into the store, so it is called in a thread. None where there is no such page.
    """

    def __init__(self, console: Callable[[], Console] | None) -> None:
        self._console = console

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD."""
        if self._console is None or not is_here(scope):
            await nothing_here()(scope, receive, send)
            return
        if scope["method"] not in ("GET", "HEAD"):
            await not_allowed(scope, receive, send)
            return
        if scope["path"].endswith(".css"):
            answer = private(_style(), "text/css; charset=utf-8")
        else:
            try:
                body = await asyncio.to_thread(_drawn, self._console)  # readers of the page wait for nothing of it
            except MilepostError as error:
                answer = plain(503, str(error))
            else:
                answer = private(body, "text/html; charset=utf-8")
        await answer(scope, receive, send)


def is_here(scope: Scope) -> bool:
    """Whether a request comes from this machine, by a name of this machine, and by way of no other server that can be seen.

    The name keeps away pages of others whose own name was pointed at this machine. No browser speaks HTTP/1.0 any more, and a
    server in front often does.
    """
    headers = Headers(scope=scope)
    client = scope.get("client")
    if client is None or not _is_loopback(client[0]) or scope.get("http_version") == "1.0":
        return False
    if any(name.startswith(_PASSED_ON) for name in headers):
        return False
    host = headers.get("host", "")
    name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    return name.casefold() == "localhost" or _is_loopback(name)


def _is_loopback(text: str) -> bool:
    try:
        found = ip_address(text)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _drawn(console: Callable[[], Console]) -> bytes:
    return draw(console()).encode()


def draw(found: Console) -> str:
    """The page as HTML; all that came from outside or from a file is escaped and on one line, but for excerpts of files."""
    zone = ZoneInfo(found.zone)
    today = found.status.now.astimezone(zone).date()

    def clock(at: datetime) -> str:
        local = at.astimezone(zone)
        day = "" if local.date() == today else f"{local:%Y-%m-%d} "
        return f"{day}{local:%H:%M:%S} {local.tzname()}"

    return _environment().get_template("desk.html").render(desk=found, clock=clock)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"line": cleaning.one_line, "lines": cleaning.plain}
    return environment


@cache
def _style() -> bytes:
    return files("bot.web").joinpath("templates", "desk.css").read_bytes()
