"""Snippets to an account at X. X knows no key that would make a second try harmless: what was sent is found by its words."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ClassVar

from pydantic import Field

from bot.core.budget import Allowance
from bot.core.checkup import Checkup
from bot.core.errors import OutsideError, Rejected, Unanswered, Unavailable
from bot.core.model import Author, LengthUnit, Limits, Media, Receipt, Snippet
from bot.core.ports import PlatformContext
from bot.core.text.links import links
from bot.platforms.x.door import Call, Door
from bot.platforms.x.ledger import cost_of
from bot.platforms.x.mapping import is_id
from bot.platforms.x.own import LONGEST, Sent, harmless, skeleton
from bot.platforms.x.refusals import Kind, Refusal
from bot.platforms.x.settings import Budgeted
from bot.platforms.x.stills import fit
from bot.platforms.x.timeline import Timeline

_MOST_PICTURES = 4
_IMAGE_BYTES = 5_000_000
_ALT_CHARS = 1000
_SETTLES = timedelta(seconds=60)  # until a post stands in its author's own timeline
_UPLOAD = "/2/media/upload"
_CATEGORY = "tweet_image"


class XAccount:
    """One account that updates go to: own words and pictures; never a quote, a reply or a mention.

    Args:
        settings: Its block in config.toml.
        context: What `app` gives; the four keys of OAuth 1.0a are its secrets.
    """

    secrets: ClassVar[tuple[str, ...]] = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    needs: ClassVar[tuple[str, ...]] = secrets

    class Settings(Budgeted):
        """Which account, and what it may cost.

        Attributes:
            link: Whether the link to the original stands at the end: X bills such a post more than ten times as high.
            pace_s: Seconds between two posts.
            most_tags: How many hashtags a post has at most; X takes many for an attempt to be seen at any price.
            reserve_usd: At so much below a cap posting stops, for deletions.
            price_post: What X bills for a post without a link, in US dollars.
            price_link_post: The same with a link.
            price_alt_text: The same for the text equivalent of a picture.
            price_delete: The same for taking a post down.
            price_own_read: The same for looking at a post of our own.
        """

        link: bool = False
        pace_s: float = Field(default=10.0, ge=0, le=3600)
        most_tags: int = Field(default=3, ge=0, le=30)
        price_post: float = Field(default=0.015, ge=0, le=100)
        price_link_post: float = Field(default=0.200, ge=0, le=100)
        price_alt_text: float = Field(default=0.005, ge=0, le=100)
        price_delete: float = Field(default=0.010, ge=0, le=100)
        price_own_read: float = Field(default=0.001, ge=0, le=100)

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._page = settings.page.rstrip("/")
        self._door = Door(settings.api, context, as_user=True)
        self._ledger = cost_of(context, "account", settings)
        self._sent = Sent(context.memory)
        self._timeline = Timeline(self._door, self._ledger, context)
        self._lock = Lock()

    def close(self) -> None:
        """Give the connections back."""
        self._door.close()

    def limits(self) -> Limits:
        """A weight of 280; four pictures of 5 MB; no link unless the settings ask for it.

        Source: https://docs.x.com/fundamentals/counting-characters, https://docs.x.com/x-api/media/introduction
        """
        return Limits(
            length=LONGEST,
            unit=LengthUnit.WEIGHTED,
            media=_MOST_PICTURES,
            image_bytes=_IMAGE_BYTES,
            link=self._settings.link,
            pace_s=self._settings.pace_s,
        )

    def own_id(self) -> str:
        """Our account's number; "" where it is not known yet. Cheap, without network."""
        return self._timeline.own_id()

    def cost(self) -> str:
        """What X has cost so far, and its caps, for people."""
        return self._ledger.told()

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Post once. Where X says that it has these words already, they are looked for: they may be ours.

        Args:
            snippet: Frozen: the same on every try.
            key: The same on every try.

        Raises:
            Unavailable: Provably not posted.
            Unanswered: May have been posted: `find` settles it.
            RateLimited: Not posted; nothing before `until`: X's limits, its credits, or our own cap.
            Rejected: Refused for good.
            Unauthorized: A person must see to keys, permissions or the account itself.
        """
        text = harmless(snippet.text, self._settings.most_tags)
        pictures = [media for media in snippet.media if media.kind == "image"][:_MOST_PICTURES]
        if not text.strip() and not pictures:
            raise Rejected("there is nothing to post: neither words nor a picture")
        kind = "link_post" if links(text) else "post"
        with self._lock:
            standing = self._sent.standing(key)
            if standing:
                return self._receipt(standing)
            self._afford(kind, len(pictures))
            try:
                media_ids = [self._upload(media) for media in pictures]
            except Refusal as refusal:
                raise self._door.outside(refusal, reading=False) from refusal
            body: dict[str, Any] = {"text": text}
            if media_ids:
                body["media"] = {"media_ids": media_ids}
            self._sent.begin(key, skeleton(text), self._now_s())
            return self._post(body, kind, key, snippet.created_at)

    def allowances(self) -> tuple[Allowance, ...]:
        """As X last said. Cheap, without network."""
        return self._door.meter.allowances()

    def checkup(self) -> Checkup:
        """Who we are at X; costs one look at a user. Raises as `find`."""
        with self._lock:
            try:
                body = self._door.ask(Call("GET", "/2/users/me", as_user=True))
            except Refusal as refusal:
                raise self._door.outside(refusal, reading=True) from refusal
            self._ledger.spend("own_read")
        data = body.get("data")
        me = data if isinstance(data, dict) else {}
        number, name = str(me.get("id") or ""), str(me.get("username") or "")
        advice = (
            "whether X shows the account as automated cannot be asked: set the label in X's settings (docs/platforms/x.md)",
        )
        return Checkup(
            Author(number, name, url=f"{self._page}/{name}" if name else ""), (), advice, self._door.meter.ahead
        )

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Whether the delivery stands among the account's own posts, by its words.

        Args:
            key: The delivery's key.
            since: Nothing older than this is looked at (machine time).

        Returns:
            None where it was never sent, or was sent a minute ago or longer and does not stand.

        Raises:
            Unavailable: It cannot be told now; also in the first minute, when X may not show it yet.
            RateLimited: It cannot be told before `until`.
            Unauthorized: A person must see to the keys.
        """
        with self._lock:
            standing = self._sent.standing(key)
            if standing:
                return self._receipt(standing)
            tried = self._sent.tried(key)
            if tried is None:
                return None
            found = self._timeline.find(tried.words, since, self._sent.others(key))
            if found:
                self._sent.done(key, found)
                return self._receipt(found)
            if self._context.machine_now() < datetime.fromtimestamp(tried.at_s, UTC) + _SETTLES:
                raise Unavailable("X: the post is not among ours yet: it is looked for again until a minute has passed")
            self._sent.undo(key)
            return None

    def retract(self, receipt: Receipt) -> None:
        """Delete it. Deleted already is deleted. No cap stops this.

        Raises:
            Unavailable: Not known to be deleted: try again.
            RateLimited: Nothing before `until`.
            Rejected: It is not ours.
            Unauthorized: A person must see to the keys.
        """
        if not is_id(receipt.id):
            raise Rejected(f"{receipt.id!r} is no post at X: delete it by hand")
        with self._lock:
            try:
                body = self._door.ask(Call("DELETE", f"/2/tweets/{receipt.id}", as_user=True))
            except Refusal as refusal:
                if refusal.status == 404:
                    self._sent.gone(receipt.id)
                    return
                raise self._door.outside(refusal, reading=False) from refusal
            self._ledger.spend("delete")
        data = body.get("data")
        if not isinstance(data, dict) or data.get("deleted") is not True:
            raise Unavailable(f"X: post {receipt.id}: X did not say that it is deleted")
        with self._lock:
            self._sent.gone(receipt.id)

    def _afford(self, kind: str, pictures: int) -> None:
        price = self._ledger.price(kind) + pictures * self._ledger.price("alt_text")
        if self._ledger.room(self._settings.reserve_usd) < price:
            raise self._ledger.stopped("posting")

    def _post(self, body: dict[str, Any], kind: str, key: str, created_at: datetime) -> Receipt:
        try:
            answer = self._door.ask(Call("POST", "/2/tweets", json=body, as_user=True, lost=Unanswered))
        except Refusal as refusal:
            if refusal.kind is Kind.DUPLICATE:
                return self._already(refusal, key, skeleton(body["text"]), created_at)
            self._sent.undo(key)
            raise self._door.outside(refusal, reading=False) from refusal
        except Unanswered:
            self._ledger.spend(kind)
            raise
        except OutsideError:
            self._sent.undo(key)
            raise
        data = answer.get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not is_id(number):
            self._ledger.spend(kind)
            raise Unanswered("X: POST /2/tweets: the answer names no post")
        self._ledger.spend(kind)
        self._sent.done(key, number)
        return self._receipt(number)

    def _already(self, refusal: Refusal, key: str, words: str, created_at: datetime) -> Receipt:
        """The receipt of an own earlier try, which X refuses as a duplicate; else these words stand from before."""
        try:
            found = self._timeline.find(words, created_at - timedelta(minutes=5), self._sent.others(key))
        except OutsideError as error:
            raise Unanswered(f"{refusal}: whether it is ours could not be looked up: {error}") from error
        if found:
            self._sent.done(key, found)
            return self._receipt(found)
        self._sent.undo(key)
        raise Rejected(f"{refusal}: this account has posted these words before: change them")

    def _upload(self, media: Media) -> str:
        """Send a picture, and its text equivalent; until a post names it, nobody sees either."""
        content, mime = fit(self._context.open_media(media), _IMAGE_BYTES, media.url)
        answer = self._send_picture(content, mime)
        data = answer.get("data")
        number = data.get("id") if isinstance(data, dict) else None
        if not isinstance(number, str) or not is_id(number):
            raise Unavailable("X: POST /2/media/upload: the answer names no picture")
        if media.alt:
            metadata = {"alt_text": {"text": media.alt[:_ALT_CHARS]}}
            body = {"id": number, "metadata": metadata}
            self._door.ask(Call("POST", "/2/media/metadata", json=body, as_user=True))
            self._ledger.spend("alt_text")
        return number

    def _send_picture(self, content: bytes, mime: str) -> dict[str, Any]:
        """X's document takes a picture as a form, or in JSON: where it refuses the one, the other is tried."""
        files = {"media": ("picture", content, mime), "media_category": (None, _CATEGORY)}
        try:
            return self._door.ask(Call("POST", _UPLOAD, files=files, as_user=True))
        except Refusal as refusal:
            if refusal.status not in {400, 415, 422}:
                raise
        body = {"media": b64encode(content).decode(), "media_category": _CATEGORY}
        return self._door.ask(Call("POST", _UPLOAD, json=body, as_user=True))

    def _receipt(self, number: str) -> Receipt:
        return Receipt(number, f"{self._page}/i/status/{number}")

    def _now_s(self) -> int:
        return int(self._context.machine_now().timestamp())
