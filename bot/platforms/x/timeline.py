"""The account's own posts: where a post is looked for whose answer was lost."""

from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

from bot.core.errors import Unavailable
from bot.core.ports import PlatformContext
from bot.platforms.x.door import Call, Door
from bot.platforms.x.ledger import Ledger
from bot.platforms.x.mapping import is_id, moment, rows
from bot.platforms.x.own import skeleton_of
from bot.platforms.x.refusals import Kind, Refusal

_MOST_PAGES = 10
_OWN_ID = "own_id"


class Timeline:
    """Reads what the account has posted. For one thread at a time.

    Args:
        door: Signs for the account.
        ledger: Counts what is read.
        context: The secret "access_token", and memory.
    """

    def __init__(self, door: Door, ledger: Ledger, context: PlatformContext) -> None:
        self._door = door
        self._ledger = ledger
        self._context = context

    def own_id(self) -> str:
        """Our account's number, with which its access token begins; "" where it is not known. Cheap, without network."""
        token = self._context.secret("access_token")
        number = token.reveal().strip().partition("-")[0] if token is not None else ""
        return number if is_id(number) else self._context.memory.get(_OWN_ID)

    def find(self, words: str, since: datetime, others: Container[str]) -> str:
        """The id of an own post with these words; "" for none.

        Args:
            words: As `own.skeleton` gives them.
            since: Nothing older is looked at (machine time).
            others: Ids that stand for other deliveries.

        Raises:
            OutsideError: It cannot be told now.

        Source: https://docs.x.com/x-api/posts/timelines (the newest first; the account's own posts cost little)
        """
        number = self.own_id() or self._ask_who_we_are()
        params = {"max_results": "100", "start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        for _ in range(_MOST_PAGES):
            body = self._own_page(number, params)
            data = rows(body.get("data"))
            self._ledger.spend("own_read", len(data))
            for row in data:
                made = moment(row.get("created_at"))
                late = made is None or made >= since.replace(microsecond=0)
                if late and row.get("id") not in others and skeleton_of(row) == words and is_id(str(row.get("id"))):
                    return str(row["id"])
            meta = body.get("meta")
            token = meta.get("next_token") if isinstance(meta, dict) else None
            if not isinstance(token, str) or not token:
                return ""
            params = {**params, "pagination_token": token}
        raise Unavailable("X: the account has posted too much to look through: find the post by hand")

    def _ask_who_we_are(self) -> str:
        """Our account's number, where the access token does not tell it; remembered."""
        try:
            body = self._door.ask(Call("GET", "/2/users/me", as_user=True))
        except Refusal as refusal:
            raise self._door.outside(refusal, reading=True) from refusal
        data = body.get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not is_id(number):
            raise Unavailable("X: GET /2/users/me: the answer names no account")
        self._context.memory.put(_OWN_ID, number)
        return number

    def _own_page(self, number: str, params: dict[str, str]) -> dict[str, Any]:
        path = f"/2/users/{number}/tweets"
        try:
            fields = {"tweet.fields": "attachments,created_at,entities,note_tweet"}
            return self._door.ask(Call("GET", path, {**params, **fields}, as_user=True))
        except Refusal as refusal:
            if refusal.kind is not Kind.FIELDS:
                raise self._door.outside(refusal, reading=True) from refusal
        try:
            fields = {"post.fields": "attachments,created_at,entities,note_post"}
            return self._door.ask(Call("GET", path, {**params, **fields}, as_user=True))
        except Refusal as refusal:
            raise self._door.outside(refusal, reading=True) from refusal
