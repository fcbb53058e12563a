"""A sender that signs what it brings."""

import base64
import json

from bot.core.signing import key_of, sign
from bot.platforms.inbox import InboxSource
from tests.platforms.contract import Clock, Kept
from tests.platforms.stands.stand import BroughtStand, Ground, secretive

SPEAKS_HTTP = False  # it asks for nothing
_SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()


def source(ground: Ground) -> BroughtStand:
    """Posts with ids of the sender's own."""
    del ground
    clock, memory = Clock(), Kept()

    def bring(own_id: str, words: str) -> tuple[dict[str, str], bytes]:
        body = json.dumps({"id": own_id, "text": words} if words else {"id": own_id, "deleted": True}).encode()
        signed = sign(body, message_id=f"m-{own_id}-{len(words)}", at=clock(), key=key_of(_SECRET))
        return {"content-type": "application/json", **signed}, body

    return BroughtStand(
        make=lambda: InboxSource(InboxSource.Settings(), secretive(clock, memory, signing=_SECRET)),
        now=clock,
        bring=bring,
    )
