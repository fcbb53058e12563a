"""Asking for posts, in the spelling that X takes, each answer written into the ledger."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from bot.core.errors import Unavailable
from bot.core.ports import PlatformContext
from bot.platforms.x.door import Call, Door
from bot.platforms.x.ledger import Ledger
from bot.platforms.x.mapping import Answer, rows
from bot.platforms.x.query import SPELLINGS
from bot.platforms.x.refusals import Kind, Refusal

_SPELLING = "spelling"


class Asker:
    """Asks for posts with all that we want to know of them.

    Args:
        door: Carries the calls.
        ledger: Counts what came.
        context: The source's name, clock and memory.
        page: Site that permalinks lead to.
    """

    def __init__(self, door: Door, ledger: Ledger, context: PlatformContext, page: str) -> None:
        self._door = door
        self._ledger = ledger
        self._context = context
        self._page = page

    def answer(self, body: Mapping[str, Any], known: Container[str] = ()) -> Answer:
        """An answer, after it was written into the ledger.

        Args:
            body: The decoded JSON.
            known: Ids of posts that were read today already: X bills them once a day.
        """
        answer = Answer(body, self._context.name, self._context.now(), self._page)
        billed = [row for row in (*answer.data, *answer.beside) if row.get("id") not in known]
        self._ledger.read(len(billed), answer.authors)
        return answer

    def by_id(self, ids: Sequence[str], known: Container[str] = ()) -> Answer:
        """The posts of these ids, at most a hundred; what is not there for us stands in its `gone`.

        Args:
            ids: X's ids.
            known: As `answer` takes it.

        Raises:
            OutsideError: As `Door` says.
        """
        try:
            return self.answer(self.ask("/2/tweets", {"ids": ",".join(ids)}), known)
        except Refusal as refusal:
            raise self._door.outside(refusal, reading=True) from refusal

    def ask(self, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Ask in the spelling that X takes; which one it is, is found out once and remembered.

        Raises:
            Refusal: X said no.
            OutsideError: As `Door` says.
        """
        spelling = "post" if self._context.memory.get(_SPELLING) == "post" else "tweet"
        other = "tweet" if spelling == "post" else "post"
        try:
            body = self._spelled(path, params, spelling)
        except Refusal as refusal:
            if refusal.kind is not Kind.FIELDS:
                raise
            body = self._spelled(path, params, other)
            self._context.memory.put(_SPELLING, other)
            return body
        if _is_bare(body):
            # It took our fields and gave none of them: it knows them by other names.
            self._ledger.spend("post_read", len(rows(body.get("data"))))
            body = self._spelled(path, params, other)
            if _is_bare(body):
                raise Unavailable("X: the posts come without their authors: X has changed its API, update Milepost")
            self._context.memory.put(_SPELLING, other)
        return body

    def _spelled(self, path: str, params: Mapping[str, str], spelling: str) -> dict[str, Any]:
        return self._door.ask(Call("GET", path, {**params, **SPELLINGS[spelling]}))


def _is_bare(body: Mapping[str, Any]) -> bool:
    data = rows(body.get("data"))
    return bool(data) and not any(row.get("author_id") for row in data)
