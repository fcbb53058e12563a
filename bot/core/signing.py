"""How a webhook proves who sent it: the Standard Webhooks specification.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256

_PREFIX = "whsec_"
_TOLERANCE_S = 300
_MOST_SIGNATURES = 10
SIGNING_SECRETS = frozenset({"signing", "previous"})
"""What secrets are called that something is signed with."""
_SHORTEST_BYTES = 24  # the specification's least


def key_of(secret: str) -> bytes:
    """The key behind a secret as people write it: `whsec_` and base64.

    Raises:
        ValueError: It is none, or too short to be safe.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("is no signing secret: write whsec_ and 32 random bytes in base64") from error
    if not secret.startswith(_PREFIX) or len(key) < _SHORTEST_BYTES:
        raise ValueError("is no signing secret: write whsec_ and 32 random bytes in base64")
    return key


def sign(body: bytes, *, message_id: str, at: datetime, key: bytes) -> Mapping[str, str]:
    """The headers that go with a body.

    Args:
        body: As it is sent.
        message_id: The same on every try; without a full stop.
        at: When this try is made.
        key: See `key_of`.
    """
    seconds = int(at.timestamp())
    mark = hmac.new(key, f"{message_id}.{seconds}.".encode() + body, sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }


def is_timely(headers: Mapping[str, str], now: datetime) -> bool:
    """Whether a message was signed in these minutes: what is older may have been heard and sent again by somebody else.

    Args:
        headers: By their names in lower case; hostile.
        now: Machine time.
    """
    stated = headers.get("webhook-timestamp", "")
    if not stated.isascii() or not stated.isdigit() or len(stated) > 12:
        return False
    return abs(now.timestamp() - int(stated)) <= _TOLERANCE_S


def is_signed(body: bytes, headers: Mapping[str, str], keys: Sequence[bytes]) -> bool:
    """Whether one of the signatures is of one of the keys; in the same time whatever is wrong.

    Args:
        body: The very bytes that came.
        headers: By their names in lower case; hostile. `is_timely` looks at the time.
        keys: See `key_of`; empty is nobody's.
    """
    said = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode("utf-8", "replace") + body
    wanted = [b"v1," + base64.b64encode(hmac.new(key, said, sha256).digest()) for key in keys]
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")[:_MOST_SIGNATURES]
    found = [hmac.compare_digest(one, other) for one in given for other in wanted]
    return any(found)
