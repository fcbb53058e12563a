"""Opening an account: with an access token, or with a code that the server shows to who allows us in.

Source: https://docs.joinmastodon.org/spec/oauth/, …/client/authorized/
"""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlencode

import msgspec

from bot.core.errors import OutsideError, RefusedError, Rejected, Unauthorized, Unavailable
from bot.core.ports import PlatformContext, Secret
from bot.platforms.mastodon.credential import Credential, CredentialFile
from bot.platforms.mastodon.door import Door
from bot.platforms.mastodon.faults import AbsentError
from bot.platforms.mastodon.fields import Json, text, web
from bot.platforms.mastodon.mapping import Mapper, actor_of

SCOPES = "read:accounts read:statuses write:statuses write:media"
"""The least that does: who we are, whether our status stands, writing and deleting it, its pictures."""

_NO_REDIRECT = "urn:ietf:wg:oauth:2.0:oob"
_CLIENT_NAME = "Milepost"
_KEPT = "me"


class SignIn:
    """The account's way in. For one thread at a time.

    Args:
        server: Where the account is.
        file: Remembers the sign-in.
        context: The secret "token" wins over what is remembered.
        make: Makes a door with a token.
    """

    def __init__(
        self, server: str, file: CredentialFile, context: PlatformContext, make: Callable[[Secret | None], Door]
    ) -> None:
        self._server = server
        self._file = file
        self._context = context
        self._make = make
        self._door: Door | None = None
        self._me: Credential | None = None
        self._actor = ""

    def page(self) -> str:
        """Where a person allows us in and is shown a code; our program is made known to the server for it.

        Raises:
            OutsideError: The server cannot be asked.
        """
        kept = self._file.read()
        if not kept.client_id:
            asked = {"client_name": _CLIENT_NAME, "redirect_uris": _NO_REDIRECT, "scopes": SCOPES}
            try:
                found, _ = self._make(None).call("POST", "/api/v1/apps", asked)
            except AbsentError as error:
                raise Rejected(f"{error}: is this a server of Mastodon's API?") from error
            client_id, client_secret = (text(found, "client_id"), text(found, "client_secret")) if found else ("", "")
            if not client_id or not client_secret:
                raise Unavailable(f"{self._server}: it does not say how to sign in by a page: paste an access token")
            kept = msgspec.structs.replace(kept, client_id=client_id, client_secret=client_secret)
            self._file.write(kept)
        query = urlencode(
            {"client_id": kept.client_id, "redirect_uri": _NO_REDIRECT, "response_type": "code", "scope": SCOPES}
        )
        return f"{self._server}/oauth/authorize?{query}"

    def sign_in(self, typed: Secret | None) -> Credential:
        """Sign in afresh, and remember it.

        Args:
            typed: An access token, or the code that the server's page showed; None takes the secret "token".

        Raises:
            Unauthorized: There is none, or the server does not take it.
            Unavailable: The server cannot be asked.
        """
        configured = self._context.secret("token")
        given = typed or configured
        name = self._context.name
        if given is None:
            raise Unauthorized(f'account "{name}": no token is known: run `milepost accounts login {name}`')
        given = Secret(given.reveal().strip())
        try:
            me = self._ask(given)
        except Unauthorized:
            token = self._exchanged(given) if typed is not None else None
            if token is None:
                raise Unauthorized(
                    f'account "{name}": {self._server} takes this neither for an access token nor for a code: '
                    f"make a new one, then run `milepost accounts login {name}`"
                ) from None
            given, me = token, self._ask(token)
        if typed is not None:
            me = msgspec.structs.replace(me, token=given.reveal())
            self._file.write(me)
        self._door, self._me = self._make(given), me
        self._context.memory.put(_KEPT, f"{self._server} {me.actor}")
        return me

    def is_known(self) -> bool:
        """Whether somebody signed in, or a token is configured. Without network."""
        if self._me is not None or self._context.secret("token") is not None:
            return True
        try:
            return bool(self._file.read().token)
        except Unavailable:
            return False

    def actor(self) -> str:
        """Permanent id of the account; "" while it is not known. Without network."""
        if self._me is not None:
            return self._me.actor
        if not self._actor and self._context.secret("token") is None:
            with suppress(Unavailable):
                self._actor = self._file.read().actor
        elif not self._actor:
            # A configured token does not say whose it is: who it was last time.
            server, _, actor = self._context.memory.get(_KEPT).partition(" ")
            self._actor = actor if server == self._server else ""
        return self._actor

    def opened(self) -> tuple[Door, Credential]:
        """A door with the account's token, and whose it is.

        Raises:
            Unauthorized: Nobody has signed in, or the server does not take the token any more.
            Unavailable: The server cannot be asked.
        """
        if self._door is None or self._me is None:
            configured = self._context.secret("token")
            kept = None if configured is not None else self._file.read()
            if kept is not None and kept.token and kept.own_id:
                self._door, self._me = self._make(Secret(kept.token)), kept
            else:
                self.sign_in(None)
        if self._door is None or self._me is None:
            raise Unavailable(f"{self._server}: nobody is signed in")
        return self._door, self._me

    def is_called(self, actor: str) -> None:
        """A status of ours shows how others see us: not every server says it of the account itself."""
        if self._me is None or not actor or actor == self._me.actor:
            return
        self._me = msgspec.structs.replace(self._me, actor=actor)
        self._context.memory.put(_KEPT, f"{self._server} {actor}")
        if self._me.token:  # it came from the file
            with suppress(RefusedError):  # the status stands: that counts
                self._file.write(self._me)

    def forget(self) -> None:
        """What is remembered in this process is worthless: read it again, for somebody may have signed in meanwhile."""
        self._door = self._me = None
        self._actor = ""

    def _ask(self, token: Secret) -> Credential:
        try:
            found, _ = self._make(token).call("GET", "/api/v1/accounts/verify_credentials")
        except AbsentError as error:
            raise Unavailable(f"{error}: is this a server of Mastodon's API?") from error
        except Rejected as error:
            raise Unauthorized(str(error)) from error
        account: Json = found if isinstance(found, dict) else {}
        own_id, actor = text(account, "id"), actor_of(account)
        if not own_id or not actor:
            raise Unavailable(f"{self._server}: the answer names no account")
        handle = Mapper("", self._server).handle(text(account, "acct") or text(account, "username"))
        return Credential(self._server, actor=actor, handle=handle, url=web(account, "url"), own_id=own_id)

    def _exchanged(self, code: Secret) -> Secret | None:
        """The token that a code is good for; None where it is good for none."""
        kept = self._file.read()
        if not kept.client_id:
            return None
        asked = {
            "grant_type": "authorization_code",
            "code": code.reveal(),
            "client_id": kept.client_id,
            "client_secret": kept.client_secret,
            "redirect_uri": _NO_REDIRECT,
            "scope": SCOPES,
        }
        try:
            found, _ = self._make(None).call("POST", "/oauth/token", asked)
        except (Rejected, Unauthorized, AbsentError):
            return None
        except OutsideError:
            raise
        token = text(found, "access_token") if isinstance(found, dict) else ""
        return Secret(token) if token else None
