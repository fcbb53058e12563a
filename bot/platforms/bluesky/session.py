"""Staying signed in: a session that outlives restarts, and a new one only where the old one is dead.

A PDS allows 300 sign-ins a day, and every refresh makes the refresh token before it worthless (after a grace of two hours),
so a session is remembered as soon as it is known, and the password is used only where nothing else opens the door. A password
that was refused is not offered again for an hour: whoever asks every five minutes has spent the day's sign-ins by the evening,
and a person with the right one is turned away as well.
Source: https://docs.bsky.app/docs/advanced-guides/rate-limits, the PDS' own account-manager.
"""

from base64 import urlsafe_b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeVar

import msgspec

from bot.core.budget import Meter
from bot.core.errors import Unauthorized, Unavailable
from bot.core.ports import PlatformContext, Secret
from bot.platforms.bluesky.names import is_did
from bot.platforms.bluesky.xrpc import RefusalError, Xrpc

_KEPT = "session"
_EARLY = timedelta(minutes=5)
_REFUSED_FOR = timedelta(hours=1)

T = TypeVar("T")


class Tokens(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a session.

    Attributes:
        did: Whose it is.
        handle: As the service said at sign-in or refresh.
        access: Opens the door for some hours.
        refresh: Makes a new pair; good once.
        home: Address of the service that holds the repository.
        identifier: What the settings named when we signed in; another one makes the session worthless.
        service: Where we signed in; another one makes the session worthless.
    """

    did: str
    handle: str
    access: str
    refresh: str
    home: str
    identifier: str
    service: str


class _SessionAnswer(msgspec.Struct):
    did: str
    handle: str
    accessJwt: str  # noqa: N815 - the wire's own name
    refreshJwt: str  # noqa: N815 - the wire's own name
    didDoc: Any = None  # noqa: N815 - the wire's own name


class _Refused(NamedTuple):
    """A sign-in that was refused. Of this process alone: a restart may try once more."""

    password: Secret
    at: datetime
    said: str


class Session:
    """One account's session. For one thread at a time, and for one process: two would make each other's tokens worthless.

    Args:
        identifier: Handle or DID.
        service: Where to sign in, http(s).
        context: Secrets, memory, machine time.
        who: Whose session it is, for messages; "" for the account of that name.
        mend: What a person does where the password is missing or wrong; "" for signing in to the account.
    """

    def __init__(
        self, identifier: str, service: str, context: PlatformContext, *, who: str = "", mend: str = ""
    ) -> None:
        self._who = who or f'account "{context.name}"'
        self._mend = mend or f"run `milepost accounts login {context.name}`"
        self._identifier = identifier
        self._service = service.rstrip("/")
        self._context = context
        self._tokens: Tokens | None = None
        self._doors: dict[str, Xrpc] = {}
        self._refused: _Refused | None = None
        self.meter = Meter()

    def close(self) -> None:
        """Give the connections back; the session itself stays remembered."""
        for door in self._doors.values():
            door.close()
        self._doors.clear()

    def sign_in(self, password: Secret | None = None) -> Tokens:
        """Make a new session from the password, whatever is remembered and however often it was refused.

        Args:
            password: What a person has just typed; None for the configured one.

        Raises:
            Unauthorized: There is no password, or the service does not take it.
            Unavailable: The service cannot be reached.
            RateLimited: Too many sign-ins.
        """
        password = password or self._context.secret("password")
        who = self._who
        if password is None:
            raise Unauthorized(f"{who}: no app password is known: {self._mend}")
        body = {"identifier": self._identifier.removeprefix("@"), "password": password.reveal()}
        try:
            answer = self._door(self._service).procedure("com.atproto.server.createSession", body, lost=Unavailable)
        except RefusalError as error:
            if error.name == "AuthFactorTokenRequired":
                raise Unauthorized(
                    f"{who}: {self._service} wants a second factor: make an app password in Bluesky's settings and use that"
                ) from error
            if error.name in {"AccountTakedown", "AccountDeactivated"}:
                raise Unauthorized(f"{who}: {error}") from error
            raise Unauthorized(
                f"{who}: {self._service} does not take the password of {self._identifier!r} ({error.name or error.status}): "
                f"check both, then {self._mend}"
            ) from error
        return self._keep(answer, "")

    def _sign_in_unasked(self) -> Tokens:
        """Sign in where no person waits for it: with a password that was refused not more than once an hour."""
        password, now = self._context.secret("password"), self._context.machine_now()
        refused = self._refused
        if refused is not None and refused.password == password and now - refused.at < _REFUSED_FOR:
            raise Unauthorized(refused.said)
        try:
            return self.sign_in(password)
        except Unauthorized as error:
            self._refused = _Refused(password, now, str(error)) if password is not None else None
            raise

    def is_known(self) -> bool:
        """Whether a session is remembered, good or not. Without network."""
        return (self._tokens or self._remembered()) is not None

    def did(self) -> str:
        """Whose session this is; "" where we have never signed in. Without network."""
        tokens = self._tokens or self._remembered()
        return tokens.did if tokens else self._identifier if self._identifier.startswith("did:") else ""

    def call(self, use: Callable[[Xrpc, Tokens], T]) -> T:
        """Do something with a session that is good; sign in or refresh where it is not, once.

        Args:
            use: Is called with the account's own service and the tokens; called again where the service refuses the first
                pair, so a refusal must mean that nothing was done.

        Raises:
            Unauthorized: A person must sign in again.
            Unavailable: The session could not be made good: nothing was done.
            RateLimited: As `Unavailable`, with a date.
            RefusalError: The service said no, for another reason than the session.
        """
        tokens = self._good()
        try:
            return use(self._door(tokens.home), tokens)
        except RefusalError as error:
            if not error.is_about_sign_in:
                raise
        tokens = self._renew(tokens)
        try:
            return use(self._door(tokens.home), tokens)
        except RefusalError as error:
            raise error.outside() from error

    def _good(self) -> Tokens:
        tokens = self._tokens or self._remembered()
        if tokens is None:
            return self._sign_in_unasked()
        self._tokens = tokens
        ends = _expiry(tokens.access)
        if ends is not None and ends - self._context.machine_now() < _EARLY:
            return self._renew(tokens)
        return tokens

    def _remembered(self) -> Tokens | None:
        kept = self._context.memory.get(_KEPT)
        if not kept:
            return None
        try:
            tokens = msgspec.json.decode(kept, type=Tokens)
        except ValueError:
            return None
        return tokens if (tokens.identifier, tokens.service) == (self._identifier, self._service) else None

    def _renew(self, tokens: Tokens) -> Tokens:
        try:
            # A lost answer does no harm: the old token stays good for a while, and after that there is the password.
            answer = self._door(tokens.home).procedure(
                "com.atproto.server.refreshSession", token=tokens.refresh, lost=Unavailable
            )
        except RefusalError as error:
            if not error.is_about_sign_in:
                raise error.outside() from error
            kept = self._remembered()
            if kept is not None and kept.refresh != tokens.refresh:  # another machine has renewed it meanwhile
                self._tokens = kept
                return kept
            self._forget()
            return self._sign_in_unasked()
        return self._keep(answer, tokens.home)

    def _forget(self) -> None:
        self._tokens = None
        self._context.memory.put(_KEPT, "")

    def _keep(self, answer: object, home: str) -> Tokens:
        try:
            found = msgspec.convert(answer, _SessionAnswer)
        except msgspec.ValidationError as error:
            raise Unavailable(f"{self._service}: the session has another form than expected: {error}") from error
        if not is_did(found.did):
            raise Unavailable(f"{self._service}: the session names no DID")
        home = endpoint(found.didDoc, found.did) or home or self._service
        tokens = Tokens(
            found.did, found.handle, found.accessJwt, found.refreshJwt, home, self._identifier, self._service
        )
        # Durable before it is used: the tokens before it are worthless from here on.
        self._context.memory.put(_KEPT, msgspec.json.encode(tokens).decode())
        self._tokens = tokens
        return tokens

    def _door(self, service: str) -> Xrpc:
        if service not in self._doors:
            self._doors[service] = Xrpc(service, self._context.user_agent, self._context.machine_now, self.meter)
        return self._doors[service]


def endpoint(document: object, did: str) -> str:
    """Where a DID document says that the repository lives.

    Only https is followed: tokens never go out in the clear because a document says so. A service that was configured with
    plain http (a network of one's own) is therefore used as it was configured.

    Returns:
        An https address, or "" where the document names none.

    Source: https://atproto.com/specs/did
    """
    if not isinstance(document, dict) or document.get("id") != did or not isinstance(document.get("service"), list):
        return ""
    for service in document["service"]:
        if isinstance(service, dict) and service.get("type") == "AtprotoPersonalDataServer":
            address = service.get("serviceEndpoint")
            if (
                isinstance(address, str)
                and address.startswith("https://")
                and service.get("id") in {"#atproto_pds", f"{did}#atproto_pds"}
            ):
                return address.rstrip("/")
    return ""


def scope_of(token: str) -> str:
    """What a token may do, as it says itself: "com.atproto.appPass", "com.atproto.access"; "" where it does not say.

    Source: https://atproto.com/specs/xrpc#app-passwords
    """
    found = _claims(token).get("scope")
    return found if isinstance(found, str) else ""


def _expiry(token: str) -> datetime | None:
    """When a token ends, as it says itself; None where it does not say so in a form that we can read."""
    try:
        return datetime.fromtimestamp(_claims(token)["exp"], UTC)
    except (ValueError, TypeError, KeyError, OverflowError, OSError):
        return None


def _claims(token: str) -> dict[str, Any]:
    """What a token says of itself, unchecked; {} where it cannot be read."""
    try:
        _, payload, _ = token.split(".")
        found = msgspec.json.decode(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
