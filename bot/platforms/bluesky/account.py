"""Snippets to a Bluesky account: each delivery one record, however often it is tried."""

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.budget import Allowance
from bot.core.checkup import Checkup
from bot.core.errors import OutsideError, RateLimited, Rejected, Unavailable
from bot.core.model import Author, LengthUnit, Limits, Receipt, Snippet
from bot.core.ports import PlatformContext, Secret
from bot.platforms.bluesky.names import POSTS, is_did, is_handle, parse_at_uri, record_key
from bot.platforms.bluesky.own_profile import is_bot, mark, own_profile
from bot.platforms.bluesky.records import check, compose, fit_picture, picture
from bot.platforms.bluesky.session import Session, Tokens, scope_of
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

T = TypeVar("T")

_MOST_PICTURES = 4
_IMAGE_BYTES = 1_000_000  # the lexicon allows twice as much; other services of the network do not


class BlueskyAccount:
    """One account that updates go to.

    The record key follows from the delivery's key alone, and a record is only ever created, never replaced
    (`swapRecord: null`): a delivery that is sent again finds itself there. Both the first answer and "it is there already"
    mean that it stands.

    A delivery's key has the form `<time_us>-<delivery>`: microseconds since 1970 of the snippet's `created_at`, and the
    delivery's number, e.g. "1461502800000000-311".

    Args:
        settings: Its block in config.toml.
        context: What `app` gives; the app password is the secret "password".

    Source: com.atproto.repo.putRecord; a key that is taken gives 500 from createRecord, but 400 InvalidSwap here.
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)

    class Settings(BaseModel):
        """Which account.

        Attributes:
            identifier: Handle or DID.
            service: Where to sign in, http(s); the account's own service is found from there.
            page: Site that permalinks lead to.
            pace_s: Seconds between two sends.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        identifier: str
        service: str = Field(default="https://bsky.social", pattern=r"^https?://[^\s/]")
        page: str = Field(default="https://bsky.app", pattern=r"^https?://[^\s/]")
        pace_s: float = Field(default=2.0, ge=0, le=3600)

        @field_validator("identifier")
        @classmethod
        def _identifier(cls, identifier: str) -> str:
            if not is_did(identifier) and not is_handle(identifier.removeprefix("@")):
                raise ValueError(f"{identifier!r} is neither a handle nor a DID: write name.bsky.social or did:plc:…")
            return identifier.removeprefix("@")

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._session = Session(settings.identifier, settings.service, context)
        self._lock = Lock()

    def close(self) -> None:
        """Give the connections back; the session stays remembered."""
        with self._lock:
            self._session.close()

    def limits(self) -> Limits:
        """300 graphemes and 3,000 bytes; four pictures.

        Source: lexicons app/bsky/feed/post.json, app/bsky/embed/images.json
        """
        return Limits(
            length=300,
            unit=LengthUnit.GRAPHEMES,
            max_bytes=3000,
            media=_MOST_PICTURES,
            image_bytes=_IMAGE_BYTES,
            pace_s=self._settings.pace_s,
        )

    def own_id(self) -> str:
        """Our permanent account id; "" where we have never signed in. Cheap, without network."""
        return self._session.did()

    def is_signed_in(self) -> bool:
        """Whether a session is remembered. Cheap, without network: it may have died meanwhile."""
        return self._session.is_known()

    def login(self, password: Secret | None = None) -> Author:
        """Sign in afresh and remember the session: `milepost accounts login`.

        Args:
            password: An app password that a person has just typed; None takes the secret "password".

        Returns:
            Who we are: `id` is the DID, `handle` what readers see.

        Raises:
            Unauthorized: There is no password, or the service does not take it.
            Unavailable: The service cannot be reached.
            RateLimited: Too many sign-ins.
        """
        with self._lock:
            tokens = self._session.sign_in(password)
        return Author(tokens.did, tokens.handle, url=self._profile(tokens))

    def checkup(self) -> Checkup:
        """Who we are, whether the session is of an app password, whether the account is marked as a bot. Raises as `find`."""
        with self._lock:
            return self._call(self._asked)

    def mark_as_bot(self) -> bool:
        """Label the account as a bot on its profile, beside what stands there; False where it is labelled already.

        Raises:
            Unavailable: Not done, or the profile was changed in this moment: try again.
            RateLimited: Nothing before `until`.
            Rejected: The service does not take it.
            Unauthorized: A person must sign in again.

        Source: lexicons app/bsky/actor/profile.json, com/atproto/label/defs.json
        """
        with self._lock:
            return self._call(mark)

    def _asked(self, door: Xrpc, tokens: Tokens) -> Checkup:
        said = door.query("com.atproto.server.getSession", token=tokens.access)
        profile = own_profile(door, tokens)
        shown = [("service", tokens.home), ("DID", tokens.did)]
        advice = []
        if isinstance(said, dict) and said.get("active") is False:
            advice.append(
                f"the service calls the account {said.get('status') or 'not active'}: see to it in Bluesky's settings"
            )
        if scope_of(tokens.access) == "com.atproto.access":
            advice.append("is signed in to with the account's own password: make an app password and sign in with that")
        if not is_bot(profile):
            advice.append(f"is not labelled as a bot: `milepost accounts mark {self._context.name}`")
        return Checkup(
            Author(tokens.did, tokens.handle, url=self._profile(tokens)),
            tuple(shown),
            tuple(advice),
            self._session.meter.ahead,
        )

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Send once. The same key never makes a second post, and never changes the first.

        Args:
            snippet: Frozen: the same on every try.
            key: `<time_us>-<delivery>`, the same on every try.

        Raises:
            Unavailable: Provably not sent.
            Unanswered: May have been sent: `find` settles it, and so does sending again.
            RateLimited: Not sent; nothing before `until`.
            Rejected: Refused for good.
            Unauthorized: A person must sign in again.
        """
        rkey = _record_key(key)
        with self._lock:
            return self._call(lambda door, tokens: self._put(door, tokens, snippet, rkey))

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Whether the delivery stands in the account's own repository.

        Args:
            key: The delivery's key.
            since: Not needed: the key alone tells where it must be.

        Raises:
            Unavailable: It cannot be told now.
            RateLimited: It cannot be told before `until`.
            Unauthorized: A person must sign in again.
        """
        del since
        rkey = _record_key(key)
        with self._lock:
            return self._call(lambda door, tokens: self._get(door, tokens, rkey))

    def retract(self, receipt: Receipt) -> None:
        """Delete the record. Deleted already is deleted.

        Raises:
            Unavailable: Not known to be deleted: try again.
            RateLimited: Nothing before `until`.
            Rejected: The receipt is not of this account.
            Unauthorized: A person must sign in again.
        """
        uri = parse_at_uri(receipt.id)
        if uri is None or uri.collection != POSTS or not uri.rkey:
            raise Rejected(f"{receipt.id!r} is no post at Bluesky: delete it by hand")
        with self._lock:
            self._call(lambda door, tokens: _delete(door, tokens, uri.authority, uri.rkey))

    def allowances(self) -> tuple[Allowance, ...]:
        """As the account's service last said. Cheap, without network."""
        return self._session.meter.allowances()

    def _call(self, use: Callable[[Xrpc, Tokens], T]) -> T:
        def limited(door: Xrpc, tokens: Tokens) -> T:
            try:
                return use(door, tokens)
            except RateLimited as error:  # of this kind of call; a limit on signing in stops everything
                raise RateLimited(str(error), error.until, stops_all=False) from error

        try:
            return self._session.call(limited)
        except RefusalError as error:
            raise error.outside() from error

    def _put(self, door: Xrpc, tokens: Tokens, snippet: Snippet, rkey: str) -> Receipt:
        shown = [media for media in snippet.media if media.kind == "image"][:_MOST_PICTURES]
        pictures = []
        for media in shown:
            content, mime, size = fit_picture(self._context.open_media(media), _IMAGE_BYTES, media.url)
            answer = door.upload("com.atproto.repo.uploadBlob", content, mime, token=tokens.access)
            blob = answer.get("blob") if isinstance(answer, dict) else None
            if blob is None:
                raise Unavailable(f"com.atproto.repo.uploadBlob at {door.service}: the answer names no blob")
            pictures.append(picture(blob, media, size))
        record = compose(snippet, pictures)
        check(record)
        # `swapRecord: None` must really be sent as null: only then the record is created and never replaced.
        body = {
            "repo": tokens.did,
            "collection": POSTS,
            "rkey": rkey,
            "record": record,
            "swapRecord": None,
        }
        try:
            answer = door.procedure("com.atproto.repo.putRecord", body, token=tokens.access)
        except RefusalError as error:
            if error.name != "InvalidSwap":
                raise
            return self._standing(door, tokens, rkey)
        cid = answer.get("cid") if isinstance(answer, dict) else None
        return self._receipt(tokens, rkey, cid)

    def _standing(self, door: Xrpc, tokens: Tokens, rkey: str) -> Receipt:
        """The receipt of a record that is there already; without its hash where it cannot be asked for."""
        try:
            found = self._get(door, tokens, rkey)
        except (OutsideError, RefusalError):
            found = None
        return found or self._receipt(tokens, rkey, None)

    def _get(self, door: Xrpc, tokens: Tokens, rkey: str) -> Receipt | None:
        where = [("repo", tokens.did), ("collection", POSTS), ("rkey", rkey)]
        try:
            answer = door.query("com.atproto.repo.getRecord", where, token=tokens.access)
        except RefusalError as error:
            if error.name == "RecordNotFound":
                return None
            raise
        return self._receipt(tokens, rkey, answer.get("cid") if isinstance(answer, dict) else None)

    def _receipt(self, tokens: Tokens, rkey: str, cid: object) -> Receipt:
        return Receipt(
            f"at://{tokens.did}/{POSTS}/{rkey}",
            f"{self._profile(tokens)}/post/{rkey}",
            cid if isinstance(cid, str) else "",
        )

    def _profile(self, tokens: Tokens) -> str:
        handle = "" if tokens.handle == "handle.invalid" else tokens.handle
        return f"{self._settings.page.rstrip('/')}/profile/{handle or tokens.did}"


def _record_key(key: str) -> str:
    try:
        return record_key(key)
    except ValueError as error:
        raise Rejected(str(error)) from error


def _delete(door: Xrpc, tokens: Tokens, did: str, rkey: str) -> None:
    if did != tokens.did:
        raise Rejected(f"at://{did}/{POSTS}/{rkey} is not of {tokens.handle}: delete it by hand")
    body = {"repo": did, "collection": POSTS, "rkey": rkey}
    door.procedure("com.atproto.repo.deleteRecord", body, token=tokens.access, lost=Unavailable)
