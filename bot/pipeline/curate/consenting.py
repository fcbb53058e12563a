"""What speaks against showing the posts of a batch, and who of their authors has just asked to be left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.core.consent import Answer, Objection
from bot.core.desk import Desk
from bot.core.model import NEEDS_CONSENT, Verdict
from bot.store import consents, journal, opt_outs
from bot.store.database import Transaction
from bot.store.opt_outs import LeftOut
from bot.store.posts import Arrival, StoredPost


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the policy says of a batch, by post id; posts that it has nothing against are in neither.

    Attributes:
        refused: Why a post is not shown, whatever rules and people say.
        holds: Why a post waits for a person.
    """

    refused: dict[int, str] = field(default_factory=dict)
    holds: dict[int, str] = field(default_factory=dict)


class Consenting:
    """Asks the policy; keeps the list of opt-outs between runs."""

    def __init__(self) -> None:
        self._left_out = LeftOut()

    def weigh(
        self, tx: Transaction, desk: Desk, batch: Sequence[StoredPost], own: Mapping[str, str], now: datetime
    ) -> Weighed:
        """Weigh a batch, after those who ask in it to be left out were put on the list."""
        self._listen(tx, desk, batch, own, now)
        self._left_out.ready(tx)
        first = {stored.id: self._objections(desk, stored, None) for stored in batch}
        asked = consents.answers(tx, [stored for stored in batch if first[stored.id] or stored.post.is_edit])
        found = Weighed()
        for stored in batch:
            answer = asked.get(stored.id)
            against = first[stored.id] if answer is None else self._objections(desk, stored, answer)
            if against:
                where = found.refused if against[0].verdict is Verdict.DROP else found.holds
                where[stored.id] = "; ".join(one.why for one in against)
        return found

    def _objections(self, desk: Desk, stored: StoredPost, answer: Answer | None) -> tuple[Objection, ...]:
        post = stored.post
        return desk.consent.objections(
            post,
            is_official=desk.official(post) is not None,
            opted_out=self._left_out.has(post.platform, post.author.id),
            answer=answer,
        )

    def _listen(
        self, tx: Transaction, desk: Desk, batch: Sequence[StoredPost], own: Mapping[str, str], now: datetime
    ) -> None:
        for stored in batch:
            post = stored.post
            if stored.arrival is Arrival.BASELINE or not desk.consent.is_stop(post, own):
                continue
            by_letter = NEEDS_CONSENT in post.labels
            why = "asked the desk to be left out" if by_letter else "asked one of our accounts to be left out"
            if opt_outs.add(tx, post.platform, post.author.id, at=now, by="author", why=why):
                journal.write(tx, [journal.Line(now, "opted out", "author", why, post_id=stored.id)])
