"""Snippets to a Mastodon account: each delivery one status, looked for before it is ever sent again."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, Literal
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from bot.core.budget import Allowance, Meter
from bot.core.checkup import Checkup
from bot.core.errors import OutsideError, RateLimited, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.model import Author, LengthUnit, Limits, Receipt, Snippet, UpdateKind
from bot.core.ports import PlatformContext, Secret
from bot.core.text.cleaning import one_line
from bot.core.text.lengths import LINK_LENGTH, length
from bot.platforms.mastodon.credential import Credential, CredentialFile
from bot.platforms.mastodon.door import Door, server_address
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, table, tables, text, web
from bot.platforms.mastodon.instance import Facts, Instance
from bot.platforms.mastodon.ledger import Ledger, Try, words_of
from bot.platforms.mastodon.mapping import actor_of
from bot.platforms.mastodon.sign_in import SignIn
from bot.platforms.mastodon.standing import receipt_of, standing
from bot.platforms.mastodon.uploads import Wait, upload

_FACTS_HOLD = timedelta(days=1)
_LINKS_OF_A_SNIPPET = 5
_SHORTEST = 100
_MASTODONS_OWN = re.compile(r"[2-9]\.\d+\.\d+(?!.*compatible)", re.IGNORECASE)

Visibility = Literal["public", "unlisted", "private"]


class MastodonAccount:
    """One account that updates go to.

    What is sent is written down first. A try whose answer was lost is looked for among the account's own statuses, by its
    words and its time; a status that another delivery is known to have made is not taken for it. The delivery's key is sent as
    Idempotency-Key, too, which Mastodon minds for an hour and other servers do not.

    Args:
        settings: Its block in config.toml.
        context: What `app` gives; an access token may be the secret "token".
        wait: Waits so many seconds; the outer end that tests replace.
    """

    secrets: ClassVar[tuple[str, ...]] = ("token",)

    class Settings(BaseModel):
        """Which account.

        Attributes:
            server: Its address, https.
            visibility: Of what others said: "unlisted" stays out of timelines and searches.
            milestone_visibility: Of what we announce ourselves.
            language: BCP 47, where an update does not say its own; empty leaves it to the account's settings.
            content_warning: Stands before every status, which then opens by a click; empty for none.
            pace_s: Seconds between two sends.
            settle_s: After a try without an answer, how long what is not there may still appear.
            credential: The file that `milepost accounts login` writes; empty for var/NAME.credential.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        server: str
        visibility: Visibility = "unlisted"
        milestone_visibility: Visibility = "public"
        language: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
        content_warning: str = Field(default="", max_length=200)
        pace_s: float = Field(default=5.0, ge=0, le=3600)
        settle_s: float = Field(default=30.0, ge=0, le=600)
        credential: str = ""

        @field_validator("server")
        @classmethod
        def _server(cls, server: str) -> str:
            return server_address(server)

        @field_validator("content_warning")
        @classmethod
        def _content_warning(cls, warning: str) -> str:
            return one_line(warning)

    def __init__(self, settings: Settings, context: PlatformContext, *, wait: Wait = time.sleep) -> None:
        self._settings = settings
        self._context = context
        self._wait = wait
        self._meter = Meter()
        stranger = Door(settings.server, context)
        self._instance = Instance(stranger, context, _FACTS_HOLD)
        path = Path(context.folder) / (settings.credential or f"var/{context.name}.credential")
        self._sign_in = SignIn(
            settings.server,
            CredentialFile(path, settings.server),
            context,
            lambda token: Door(settings.server, context, token, stranger.wire, self._meter),
        )
        self._ledger = Ledger(context.memory)
        self._uploaded: dict[tuple[str, int], str] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Nothing is held open between two calls."""

    def limits(self) -> Limits:
        """As the server last said; 500 characters and four pictures before it did.

        Mastodon counts every link as 23 and a content warning with the text; other software counts what is there.
        """
        facts = self._instance.known()
        is_own = not facts.version or _MASTODONS_OWN.match(facts.version) is not None
        most = facts.length - length(self._settings.content_warning, LengthUnit.CHARACTERS)
        if is_own:
            most -= max(0, facts.per_link - LINK_LENGTH) * _LINKS_OF_A_SNIPPET
        return Limits(
            length=max(_SHORTEST, most),
            unit=LengthUnit.MASTODON if is_own else LengthUnit.CHARACTERS,
            media=min(facts.media, 16),
            image_bytes=facts.image_bytes,
            pace_s=self._settings.pace_s,
        )

    def allowances(self) -> tuple[Allowance, ...]:
        """As the server last said. Cheap, without network."""
        return self._meter.allowances()

    def own_id(self) -> str:
        """Our permanent account id; "" where we have never signed in. Cheap, without network."""
        return self._sign_in.actor()

    def is_signed_in(self) -> bool:
        """Whether a token is there. Cheap, without network: it may have been taken back meanwhile."""
        return self._sign_in.is_known()

    def sign_in_page(self) -> str:
        """Where a person allows us in and is shown a code for `login`.

        Raises:
            OutsideError: The server cannot be asked.
        """
        with self._lock:
            return self._sign_in.page()

    def login(self, password: Secret | None = None) -> Author:
        """Sign in afresh and remember it: `milepost accounts login`.

        Args:
            password: An access token, or the code of `sign_in_page`; None takes the secret "token".

        Returns:
            Who we are: `id` is the actor, `handle` what readers see.

        Raises:
            Unauthorized: There is none, or the server does not take it.
            Unavailable: The server cannot be reached.
            RateLimited: Nothing before `until`.
        """
        with self._lock:
            me = self._sign_in.sign_in(password)
            self._instance.facts()
        return Author(me.actor, me.handle, url=me.url)

    def checkup(self) -> Checkup:
        """Who we are there, what the server takes, allows and wants. Raises as `find`."""
        with self._lock, self._signed_in() as (door, me):
            found, _made = door.call("GET", "/api/v1/accounts/verify_credentials")
            self._instance.ask_again()
            facts = self._instance.facts()
        known = _table(found)
        shown = [
            ("server", facts.version or "does not say its version"),
            ("new posts", f"{self._settings.visibility}, milestones {self._settings.milestone_visibility}"),
            *(("rule of the server", rule) for rule in facts.rules),
        ]
        advice = []
        if known.get("bot") is not True:
            advice.append(
                "is not marked as automated: set it at the server under Preferences, Profile (docs/platforms/mastodon.md)"
            )
        return Checkup(Author(me.actor, me.handle, url=me.url), tuple(shown), tuple(advice), self._meter.ahead)

    def publish(self, snippet: Snippet, key: str) -> Receipt:
        """Send once. What was tried before under this key is looked for first.

        Args:
            snippet: Frozen: the same on every try.
            key: The same on every try.

        Raises:
            Unavailable: Provably not sent by this call.
            Unanswered: May have been sent: `find` settles it.
            RateLimited: Not sent; nothing before `until`.
            Rejected: Refused for good.
            Unauthorized: A person must sign in again.
        """
        with self._lock, self._signed_in() as (door, me):
            found = self._standing(door, me, key, None)
            if found is not None:
                return found
            facts = self._instance.facts()
            media_ids = self._upload(door, snippet, key, facts)
            self._ledger.put(key, Try(self._context.machine_now(), words_of(snippet.text), len(media_ids)))
            try:
                status = self._post(door, snippet, media_ids, key)
            except Unanswered:
                raise
            except OutsideError:
                self._ledger.forget(key)
                raise
            receipt = receipt_of(status)
            self._sign_in.is_called(actor_of(table(status, "account"), text(status, "uri")))
            at = self._context.machine_now()
            self._ledger.put(key, Try(at, words_of(snippet.text), len(media_ids), receipt.id, receipt.url))
            for place in range(len(media_ids)):
                self._uploaded.pop((key, place), None)
            return receipt

    def find(self, key: str, since: datetime) -> Receipt | None:
        """Whether the delivery stands at the account.

        Args:
            key: The delivery's key.
            since: Nothing older than this need be looked at (machine time).

        Returns:
            The receipt, or None where it is certain that it does not stand.

        Raises:
            Unavailable: It cannot be told now, or not yet.
            RateLimited: It cannot be told before `until`.
            Unauthorized: A person must sign in again.
        """
        with self._lock:
            if self._ledger.get(key) is None:
                return None  # it is written down before it is sent
            with self._signed_in() as (door, me):
                return self._standing(door, me, key, since)

    def retract(self, receipt: Receipt) -> None:
        """Delete the status. Gone already is gone.

        Raises:
            Unavailable: Not known to be deleted: try again.
            RateLimited: Nothing before `until`; Mastodon allows 30 deletions in 30 minutes.
            Rejected: The receipt is not of this server.
            Unauthorized: A person must sign in again.
        """
        self._ours(receipt)
        with self._lock, self._signed_in() as (door, _):
            try:
                door.call("DELETE", f"/api/v1/statuses/{quote(receipt.id, safe='')}")
            except AbsentError:
                return

    def revise(self, receipt: Receipt, snippet: Snippet, key: str) -> Receipt:
        """Put other words in the place of those that stand; address, pictures and visibility stay.

        Args:
            key: Not needed: done twice it is as done once.

        Readers see that it was edited, and who boosted it is told. Done twice it is as done once.

        Raises:
            Unavailable: Not known to be done: try again.
            RateLimited: Nothing before `until`.
            Rejected: It is not there any more, or this server edits nothing.
            Unauthorized: A person must sign in again.
        """
        del key
        self._ours(receipt)
        path = f"/api/v1/statuses/{quote(receipt.id, safe='')}"
        with self._lock, self._signed_in() as (door, _):
            try:
                standing, _made = door.call("GET", path)
                params: dict[str, object] = {"status": snippet.text, **self._manner(snippet)}
                media_ids = [text(one, "id") for one in tables(_table(standing), "media_attachments", 16)]
                if media_ids:
                    params["media_ids[]"] = media_ids  # those that are not named would be taken away
                changed, _made = door.call("PUT", path, params)
            except AbsentError as error:
                raise Rejected(f"{error}: it is gone, or this server edits nothing") from error
            found = _table(changed)
            return Receipt(receipt.id, web(found, "url") or receipt.url)

    # -- below: with the lock held -------------------------------------------------------------------------------------

    @contextmanager
    def _signed_in(self) -> Iterator[tuple[Door, Credential]]:
        """The account's door; where the server does not take the token, the next call looks for another."""
        door, me = self._sign_in.opened()
        try:
            yield door, me
        except Unauthorized as error:
            self._sign_in.forget()
            name = self._context.name
            raise Unauthorized(f'account "{name}": {error}: run `milepost accounts login {name}`') from error
        except RateLimited as error:  # Mastodon's limits are of one kind of call each: deletions have their own
            raise RateLimited(str(error), error.until, stops_all=False) from error

    def _post(self, door: Door, snippet: Snippet, media_ids: list[str], key: str) -> Json:
        manner = self._manner(snippet)

        def post(client: Any) -> Any:
            return client.status_post(
                snippet.text,
                media_ids=media_ids or None,
                visibility=self._visibility(snippet),
                spoiler_text=manner.get("spoiler_text"),
                language=manner.get("language"),
                sensitive=bool(self._settings.content_warning),
                idempotency_key=key,
            )

        where = "POST /api/v1/statuses"
        try:
            status = _table(door.use(post, where, lost=Unanswered))
        except AbsentError as error:
            raise Unavailable(f"{error}: is this a server of Mastodon's API?") from error
        except Rejected as error:
            if "finished processing" in str(error):
                raise Unavailable(str(error)) from error
            raise
        if not text(status, "id"):
            raise Unanswered(f"{where} at {door.server}: the answer names no status")
        return status

    def _manner(self, snippet: Snippet) -> dict[str, str]:
        found = {}
        language = (snippet.lang or self._settings.language).partition("-")[0].lower()
        if language:
            found["language"] = language
        if self._settings.content_warning:
            found["spoiler_text"] = self._settings.content_warning
        return found

    def _visibility(self, snippet: Snippet) -> Visibility | Literal["direct"]:
        if snippet.is_trial:
            return "direct"  # it mentions nobody: we alone see it
        if snippet.kind is UpdateKind.MILESTONE:
            return self._settings.milestone_visibility
        return self._settings.visibility

    def _upload(self, door: Door, snippet: Snippet, key: str, facts: Facts) -> list[str]:
        shown = [media for media in snippet.media if media.kind == "image"][: facts.media]
        for place, media in enumerate(shown):
            if (key, place) not in self._uploaded:  # a try that ended here is not brought twice
                content = self._context.open_media(media)
                self._uploaded[key, place] = upload(door, media, content, facts, self._wait)
        return [self._uploaded[key, place] for place in range(len(shown))]

    def _standing(self, door: Door, me: Credential, key: str, since: datetime | None) -> Receipt | None:
        settle = timedelta(seconds=self._settings.settle_s)
        return standing(door, me, self._ledger, key, self._context, since=since, settle=settle)

    def _ours(self, receipt: Receipt) -> None:
        host, me = urlsplit(receipt.url).netloc, urlsplit(self.own_id()).netloc
        if not receipt.id or (host and me and host not in {me, urlsplit(self._settings.server).netloc}):
            raise Rejected(f"{receipt.url or receipt.id!r} is not at {self._settings.server}: see to it by hand")


def _table(found: object) -> Json:
    return found if isinstance(found, dict) else {}
