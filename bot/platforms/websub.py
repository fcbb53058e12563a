"""WebSub: tells a hub that one of our feeds changed.

Source: https://www.w3.org/TR/websub/#publishing leaves the form to publisher and hub; hubs at large take that of PubSubHubbub 0.4.
"""

from urllib.parse import urlencode, urlsplit

from bot.platforms._http.sending import Sender


class Hubs:
    """The way to hubs that the operator has configured."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def tell(self, hub: str, feed: str) -> None:
        """Tell a hub that a feed changed; more than once does no harm.

        Raises:
            OutsideError: As `Sender.post`.
        """
        body = urlencode({"hub.mode": "publish", "hub.url": feed}).encode()
        where = f"hub {urlsplit(hub).netloc}"
        self._sender.post(hub, body, {"content-type": "application/x-www-form-urlencoded"}, where=where)
