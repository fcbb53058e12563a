"""Alarms by mail."""

import re
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from bot.core.alarms import Notice
from bot.core.errors import Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.ports import PlatformContext

_TIMEOUT_S = 15.0
_LONGEST_ADDRESS_CHARS = 254  # RFC 5321 4.5.3.1.3
_PORTS = {"ssl": 465, "starttls": 587, "none": 25}
_MAIL = re.compile(r"[^\s@<>\",;:\\()]+@[^\s@<>\",;:\\()]+")


def _address(value: str) -> str:
    if not _MAIL.fullmatch(value) or len(value) > _LONGEST_ADDRESS_CHARS:
        raise ValueError(f"{value[:80]!r} is no mail address: write desk@example.org, without a name")
    return value


_Address = Annotated[str, AfterValidator(_address)]


class MailAlarm:
    """Letters to people of the desk, by the mail server that the operator names."""

    secrets: ClassVar[tuple[str, ...]] = ("password",)
    needs: ClassVar[tuple[str, ...]] = ()

    class Settings(BaseModel):
        """[[alarm]] of kind "mail".

        Attributes:
            host: The mail server that takes our letters.
            port: 0 takes the usual one: 465 for "ssl", 587 for "starttls", 25 for "none".
            security: How the way there is closed: "ssl", "starttls", or "none", which only this machine may have.
            user: Whom we sign in as, with the secret "password"; "" for nobody.
            sender: Whom letters come from.
            to: Whom they go to.
        """

        model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

        host: str = Field(min_length=1, pattern=r"^\S+$")
        port: int = Field(default=0, ge=0, le=65535)
        security: Literal["ssl", "starttls", "none"] = "starttls"
        user: str = ""
        sender: _Address
        to: tuple[_Address, ...] = Field(min_length=1, max_length=20)

        @model_validator(mode="after")
        def _closed(self) -> "MailAlarm.Settings":
            if self.security == "none" and not _is_here(self.host):
                raise ValueError('security "none" is for a server on this machine: write "starttls" or "ssl"')
            return self

    def __init__(self, settings: Settings, context: PlatformContext) -> None:
        self._settings = settings
        self._context = context

    def send(self, notice: Notice) -> None:
        """Send a letter to all, under an id of its own. Raises as `Channel.send`."""
        where = f"alarm {self._context.name}: {self._settings.host}"
        letter = self._letter(notice)
        is_sent = False
        try:
            with self._server() as server:
                self._sign_in(server, where)
                is_sent = True
                refused = server.send_message(letter)
        except smtplib.SMTPAuthenticationError as error:
            raise Unauthorized(f"{where}: does not take the password ({error.smtp_code}): make a new one") from None
        except smtplib.SMTPRecipientsRefused:
            raise Rejected(f"{where}: takes letters to none of its addresses: correct `to`") from None
        except smtplib.SMTPNotSupportedError as error:
            raise Rejected(f"{where}: {error}: correct `security` and `user`") from None
        except smtplib.SMTPServerDisconnected as error:
            if is_sent:
                raise Unanswered(f"{where}: hung up while it took the letter: it may have arrived") from error
            raise Unavailable(f"{where}: hung up (tried again)") from error
        except smtplib.SMTPResponseException as error:
            raise self._refusal(error, where) from None
        except (OSError, smtplib.SMTPException) as error:
            if is_sent:
                raise Unanswered(f"{where}: {str(error) or type(error).__name__}: it may have arrived") from error
            raise Unavailable(f"{where}: {str(error) or type(error).__name__} (tried again)") from error
        if refused:
            raise Rejected(f"{where}: took the letter, but not for {', '.join(sorted(refused))}: correct `to`")

    def _server(self) -> smtplib.SMTP:
        settings = self._settings
        port = settings.port or _PORTS[settings.security]
        if settings.security == "ssl":
            return smtplib.SMTP_SSL(settings.host, port, timeout=_TIMEOUT_S, context=ssl.create_default_context())
        return smtplib.SMTP(settings.host, port, timeout=_TIMEOUT_S)

    def _sign_in(self, server: smtplib.SMTP, where: str) -> None:
        if self._settings.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if self._settings.user:
            password = self._context.secret("password")
            if password is None:
                raise Unauthorized(
                    f"{where}: its password is not given: `milepost config check` says where it is looked for"
                )
            server.login(self._settings.user, password.reveal())

    def _letter(self, notice: Notice) -> EmailMessage:
        letter = EmailMessage()
        letter["Subject"] = " ".join(notice.subject.split())
        letter["From"] = self._settings.sender
        letter["To"] = ", ".join(self._settings.to)
        letter["Date"] = format_datetime(notice.at)
        letter["Message-ID"] = f"<{notice.id}@{self._settings.sender.rpartition('@')[2]}>"
        letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        letter.set_content("\n".join((*notice.lines, "", "-- ", "Milepost")))
        return letter

    def _refusal(self, error: smtplib.SMTPResponseException, where: str) -> Exception:
        code = error.smtp_code
        if 400 <= code < 500:  # RFC 5321 4.2.1: the same may be taken later, and was not taken now
            return Unavailable(f"{where}: cannot take it now ({code}), tried again")
        return Rejected(f"{where}: refuses it ({code}): check `sender`, `to` and `user`")


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
