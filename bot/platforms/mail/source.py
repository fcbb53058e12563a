"""A mailbox as a source: new letters, one after the other, read and never touched."""

import imaplib
import secrets as random_bytes
import ssl
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_address
from typing import ClassVar, Literal

from imap_tools import BaseMailBox, MailBox, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from bot.core.errors import Unauthorized, Unavailable
from bot.core.model import Batch, Kept, Post
from bot.core.ports import PlatformContext
from bot.core.text.amounts import several
from bot.core.text.cleaning import one_line
from bot.platforms.mail.letter import Reading, read

_TIMEOUT_S = 20.0
_AT_ONCE = 10
_AT_ONCE_BYTES = 8_000_000  # then no further letter is begun
_CUT_BYTES = 200_000
_AGAIN_DAYS = 2  # after the mailbox was numbered anew, so far back letters are looked at again
_SALT = "salt"
_PORTS = {"ssl": 993, "none": 143}
_FOR_NOW = (b"[UNAVAILABLE]", b"[INUSE]", b"[LIMIT]")  # RFC 5530, RFC 9051: nothing is wrong with the password


class MailSource:
    """One folder of one mailbox.

    Args:
        settings: Its block in config.toml.
        context: What the house gives; the secret is "password".
    """

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    needs: ClassVar[tuple[str, ...]] = secrets
    platform: ClassVar[str] = "mail"
    ids_begin: ClassVar[str] = "mail:"
    has_baseline: ClassVar[bool] = False  # what was there before is not read at all

    class Settings(BaseModel):
        """[[source]] of kind "mail".

        Attributes:
            host: The server, IMAP.
            port: 0 takes the usual one: 993 for "ssl", 143 for "none".
            security: How the way there is closed: "ssl", or "none", which only this machine may have.
            user: Whom we sign in as.
            folder: The folder that is read.
            largest_mb: Letters that are larger are read without what is attached.
            trusted: Name of the own server in `Authentication-Results`, whose word on senders is believed; "" for none.
            lang: BCP 47 of what readers write; "" for unknown.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        host: str = Field(min_length=1, pattern=r"^\S+$")
        port: int = Field(default=0, ge=0, le=65535)
        security: Literal["ssl", "none"] = "ssl"
        user: str = Field(min_length=1)
        folder: str = Field(default="INBOX", min_length=1, max_length=200)
        largest_mb: float = Field(default=25.0, gt=0, le=200)
        trusted: str = Field(default="", pattern=r"^\S*$")
        lang: str = Field(default="", pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")

        @field_validator("host")
        @classmethod
        def _is_name(cls, value: str) -> str:
            if "/" in value or "@" in value:
                raise ValueError(
                    "is the name of the server alone: write imap.example.org, without imaps:// and without a user"
                )
            return value

        @model_validator(mode="after")
        def _closed(self) -> "MailSource.Settings":
            if self.security == "none" and not _is_here(self.host):
                raise ValueError('security "none" is for a server on this machine: write "ssl"')
            return self

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context
        self._where = f"{settings.user} at {settings.host}"

    def fetch(self, cursor: str) -> Batch:
        """The next letters, oldest first. At first contact none: what was there before is nobody's business here.

        Args:
            cursor: "UIDVALIDITY:UID" of the last letter that was read.

        Raises:
            Unavailable: The server cannot be asked now.
            Unauthorized: It does not take the password.
        """
        with self._opened() as box:
            numbering, upcoming = self._status(box)
            if not cursor:
                return Batch(cursor=f"{numbering}:{upcoming - 1}", note="")
            kept_numbering, _, last = cursor.partition(":")
            if kept_numbering == str(numbering):
                wanted = [uid for uid in self._search(box, f"UID {int(last) + 1}:*") if uid > int(last)]
                note = ""
            else:
                since = (self._context.now() - timedelta(days=_AGAIN_DAYS)).strftime("%d-%b-%Y")
                wanted = self._search(box, f"SINCE {since}")
                note = f"the mailbox was numbered anew: letters since {since} are looked at again, none is told twice"
            return self._batch(box, numbering, upcoming, sorted(wanted), note)

    def missing(self, ids: Sequence[str]) -> AbstractSet[str]:
        """None: a letter that the desk deletes was still sent."""
        del ids
        return frozenset()

    def _batch(self, box: BaseMailBox, numbering: int, upcoming: int, wanted: list[int], note: str) -> Batch:
        posts: list[Post] = []
        kept: list[Kept] = []
        left_out = unread = automatic = looked_at = size = 0
        last = upcoming - 1
        reading = self._reading()
        for uid in wanted[:_AT_ONCE]:
            if size >= _AT_ONCE_BYTES:
                break
            last = uid
            looked_at += 1
            raw, is_whole = self._raw(box, uid)
            if raw is None:  # deleted in this moment
                continue
            size += len(raw)
            try:
                letter = read(raw, reading, is_whole=is_whole)
            except ValueError:
                left_out += 1
                continue
            unread += letter.unread
            if letter.post is None:
                automatic += 1
                continue
            posts.append(letter.post)
            kept.extend(letter.kept)
        more = len(wanted) > looked_at
        told = [note] if note else []
        told += [f"{several(left_out, 'letter')} could not be read"] if left_out else []
        told += [f"{several(unread, 'attached picture')} could not be read"] if unread else []
        told += [f"{several(automatic, 'letter')} of machines or without words left out"] if automatic else []
        cursor = f"{numbering}:{last if more or wanted else max(last, upcoming - 1)}"
        return Batch(tuple(posts), cursor, more=more, note="; ".join(told), kept=tuple(kept))

    def _reading(self) -> Reading:
        salt = self._context.memory.get(_SALT)
        if not salt:
            salt = random_bytes.token_hex(16)
            self._context.memory.put(_SALT, salt)
        settings = self._settings
        return Reading(self._context.name, bytes.fromhex(salt), settings.trusted, settings.lang, self._context.now)

    def _raw(self, box: BaseMailBox, uid: int) -> tuple[bytes | None, bool]:
        """A letter's bytes, without marking it as read; and whether these are all."""
        size = self._size(box, uid)
        is_whole = size <= self._settings.largest_mb * 1_000_000
        part = "BODY.PEEK[]" if is_whole else f"BODY.PEEK[]<0.{_CUT_BYTES}>"
        for answer in self._asked(box, uid, f"({part})"):
            if isinstance(answer, tuple) and len(answer) > 1 and isinstance(answer[1], bytes):
                return answer[1], is_whole
        return None, is_whole

    def _size(self, box: BaseMailBox, uid: int) -> int:
        for answer in self._asked(box, uid, "(RFC822.SIZE)"):
            text = answer if isinstance(answer, bytes) else b""
            _, _, after = text.upper().partition(b"RFC822.SIZE ")
            number = after.split(b")")[0].split(b" ")[0]
            if number.isdigit():
                return int(number)
        return 0

    @staticmethod
    def _asked(box: BaseMailBox, uid: int, what: str) -> list[object]:
        _, answers = box.client.uid("FETCH", str(uid), what)
        return list(answers or [])

    def _search(self, box: BaseMailBox, criteria: str) -> list[int]:
        return [int(uid) for uid in box.uids(criteria) if uid.isdigit()]

    def _status(self, box: BaseMailBox) -> tuple[int, int]:
        """UIDVALIDITY and UIDNEXT of the folder."""
        found = box.folder.status(self._settings.folder, ["UIDVALIDITY", "UIDNEXT"])
        return int(found.get("UIDVALIDITY", 0)), int(found.get("UIDNEXT", 1))

    @contextmanager
    def _opened(self) -> Iterator[BaseMailBox]:
        """The folder, for reading alone (EXAMINE)."""
        password = self._context.secret("password")
        name, where = self._context.name, self._where
        if password is None:
            raise Unauthorized(f'source "{name}": no password is given for {where}: set it as a secret')
        box: BaseMailBox | None = None
        try:
            box = self._connected()
            box.login(self._settings.user, password.reveal(), initial_folder=None)
            box.folder.set(self._settings.folder, readonly=True)
            yield box
        except MailboxLoginError as error:
            if any(code in repr(error.command_result).upper().encode() for code in _FOR_NOW):
                raise Unavailable(f"{where}: the server takes no sign-in now") from None
            raise Unauthorized(
                f"{where}: the server does not take the password: correct the secret, then run `milepost accounts retry {name}`"
            ) from None
        except MailboxFolderSelectError:
            raise Unavailable(f"{where}: there is no folder {self._settings.folder!r}: correct `folder`") from None
        except ssl.SSLError as error:
            raise Unavailable(
                f"{where}: no closed way to it: {error.reason or 'TLS failed'}: check `port` and `security`"
            ) from error
        except OSError as error:
            raise Unavailable(f"{where}: cannot be reached: {error.strerror or type(error).__name__}") from error
        except (imaplib.IMAP4.error, ImapToolsError, ValueError) as error:
            raise Unavailable(f"{where}: {one_line(str(error))[:200]}") from error
        finally:
            if box is not None:
                _leave(box)

    def _connected(self) -> BaseMailBox:
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        if settings.security == "none":
            return MailBoxUnencrypted(settings.host, port, timeout=_TIMEOUT_S)
        return MailBox(settings.host, port, timeout=_TIMEOUT_S, ssl_context=ssl.create_default_context())


def _leave(box: BaseMailBox) -> None:
    try:
        box.client.logout()
    except (OSError, imaplib.IMAP4.error):
        with suppress(OSError):
            box.client.shutdown()  # a farewell that fails leaves the line open


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
