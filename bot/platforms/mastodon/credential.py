"""The file that opens an account: a token and whose it is, readable by its owner alone.

It is a file and not a line in the store: who may read the store may ask everything there, and must not post in our name.
"""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

import msgspec

from bot.core.errors import RefusedError, Unavailable

_LONGEST = 65_536
_MODE = 0o600


class Credential(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of a sign-in.

    Attributes:
        server: Where; another one makes the rest worthless.
        client_id: Of our program there, while somebody signs in by a page.
        client_secret: As above.
        token: Opens the account; "" before anybody signed in.
        actor: Permanent id of the account.
        handle: `name@host`.
        url: The profile.
        own_id: The server's own id of the account.
    """

    server: str
    client_id: str = ""
    client_secret: str = ""
    token: str = ""
    actor: str = ""
    handle: str = ""
    url: str = ""
    own_id: str = ""

    def __repr__(self) -> str:
        return f"Credential({self.server!r}, {self.handle!r})"


class CredentialFile:
    """Reads and writes one.

    Args:
        path: Where it lies.
        server: Whose credential is wanted: another server's is none.
    """

    def __init__(self, path: Path, server: str) -> None:
        self._path = path
        self._server = server

    def read(self) -> Credential:
        """What is there; an empty one where nobody signed in at this server.

        Raises:
            Unavailable: The file cannot be read, or is open to others.
        """
        try:
            with self._path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode & 0o777
                content = file.read(_LONGEST)
        except FileNotFoundError:
            return Credential(self._server)
        except OSError as error:
            raise Unavailable(
                f"{self._path}: the credential cannot be read: {error.strerror}: mend its rights"
            ) from error
        if mode & 0o077:
            raise Unavailable(f"{self._path}: others can read this credential: chmod 600 {self._path}")
        try:
            found = msgspec.json.decode(content, type=Credential)
        except ValueError:
            return Credential(self._server)
        return found if found.server == self._server else Credential(self._server)

    def write(self, credential: Credential) -> None:
        """Put it there, whole or not at all, with mode 0600 from its first byte.

        Raises:
            RefusedError: It cannot be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")  # made with mode 0600
            try:
                with os.fdopen(handle, "wb") as file:
                    os.fchmod(file.fileno(), _MODE)
                    file.write(msgspec.json.encode(credential))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            finally:
                with suppress(OSError):  # it has its name already, mostly
                    Path(name).unlink()
        except OSError as error:
            raise RefusedError(f"{self._path}: the credential cannot be written: {error.strerror}") from error
