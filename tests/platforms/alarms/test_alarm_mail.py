"""Alarms by mail against a real mail server: letters, sign-in, closed ways, and what follows from each refusal."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from traceback import format_exception

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from bot.core.alarms import Alarm, Condition, Notice
from bot.core.errors import OutsideError, Rejected, Unanswered, Unauthorized, Unavailable
from bot.core.ports import Secret
from bot.platforms.smtp import MailAlarm
from tests.cli.small_race import free_port
from tests.platforms.contract import Clock, context_of

WRONG = "open-sesame"


@dataclass
class Post:
    """What a mail server does with letters."""

    letters: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 taken"
    at_sender: str = "250 OK"
    refused: str = ""
    hangs_up: bool = False

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        envelope.mail_from = address
        return self.at_sender

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address == self.refused:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        del session
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "250 never seen"
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return self.answer


def password_is_right(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
) -> AuthResult:
    del server, session, envelope, mechanism
    return AuthResult(success=given.password == b"hush-hush", handled=False)


Serve = Callable[..., tuple[Post, int]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    started: list[Controller] = []

    def start(**more: object) -> tuple[Post, int]:
        post = Post()
        port = free_port()  # it looks for itself at the port that it was given
        controller = Controller(post, hostname="127.0.0.1", port=port, **more)  # type: ignore[arg-type] # by name
        controller.start()
        started.append(controller)
        return post, port

    yield start
    for controller in started:
        with suppress(AssertionError):
            controller.stop()


def alarm(port: int, password: str = "", **more: object) -> MailAlarm:
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "milepost@desk.example"} | more
    settings = MailAlarm.Settings.model_validate({"to": ("ana@desk.example",), **given})
    secret = (lambda name: Secret(password) if name == "password" else None) if password else (lambda _name: None)
    return MailAlarm(settings, replace(context_of(Clock(), name="letters"), secret=secret))


def notice(about: str = "account bluesky is refused") -> Notice:
    at = datetime(2016, 4, 24, 12, 0, tzinfo=UTC)
    return Notice("n1", "London Marathon", at, (Alarm(Condition("x", about, "milepost queue"), at - timedelta(1)),))


def test_a_letter_says_what_is_wrong_and_what_mends_it(serve: Serve) -> None:
    post, port = serve()
    alarm(port, to=("ana@desk.example", "bo@desk.example")).send(notice())
    (letter,) = post.letters
    assert letter["subject"] == "Milepost, London Marathon: 1 thing needs a person"
    assert (letter["from"], letter["to"]) == ("milepost@desk.example", "ana@desk.example, bo@desk.example")
    assert (letter["message-id"], letter["auto-submitted"]) == ("<n1@desk.example>", "auto-generated")
    assert letter.get_content().splitlines()[:2] == [
        "account bluesky is refused (since 12:00:00 UTC)",
        "    milepost queue",
    ]


def test_nothing_from_outside_becomes_a_header(serve: Serve) -> None:
    post, port = serve()
    evil = replace(
        notice("fails: x\r\nBcc: eve@evil.example\r\n\r\n.\r\nQUIT 🏃"), event="Race\r\nBcc: eve@evil.example"
    )
    alarm(port).send(evil)
    (letter,) = post.letters
    assert letter["bcc"] is None
    assert letter["subject"] == "Milepost, Race Bcc: eve@evil.example: 1 thing needs a person"
    assert "QUIT 🏃" in letter.get_content()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 by an authority that nobody knows."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_way_that_is_closed_by_somebody_unknown_is_not_taken(serve: Serve, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    post, port = serve(tls_context=tls, require_starttls=True)
    with pytest.raises(Unavailable, match="certificate"):
        alarm(port, host="localhost", security="starttls").send(notice())
    assert post.letters == []


def test_a_known_certificate_opens_the_closed_ways_and_signs_in(
    serve: Serve, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    post, port = serve(tls_context=tls, require_starttls=True, authenticator=password_is_right, auth_required=True)
    alarm(port, "hush-hush", host="localhost", security="starttls", user="ana").send(notice())
    assert len(post.letters) == 1
    with pytest.raises(Unauthorized, match="does not take the password") as wrong:
        alarm(port, WRONG, host="localhost", security="starttls", user="ana").send(notice())
    assert WRONG not in "".join(format_exception(wrong.value))
    with pytest.raises(Unauthorized, match="its password is not given"):
        alarm(port, host="localhost", security="starttls", user="ana").send(notice())
    post, port = serve(ssl_context=tls)
    alarm(port, host="localhost", security="ssl").send(notice())
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    ("how", "error"),
    [
        ({"answer": "451 try later"}, Unavailable),
        ({"answer": "554 spam"}, Rejected),
        ({"at_sender": "550 not you"}, Rejected),
        ({"at_sender": "421 busy"}, Unavailable),
        ({"refused": "ana@desk.example"}, Rejected),
        ({"hangs_up": True}, Unanswered),
    ],
)
def test_a_refusal_says_what_to_do_next(serve: Serve, how: dict[str, object], error: type[OutsideError]) -> None:
    post, port = serve()
    for name, value in how.items():
        setattr(post, name, value)
    with pytest.raises(error, match=r"alarm letters: 127\.0\.0\.1"):
        alarm(port).send(notice())


def test_one_address_of_two_that_is_refused_is_said(serve: Serve) -> None:
    post, port = serve()
    post.refused = "bo@desk.example"
    with pytest.raises(Rejected, match=r"but not for bo@desk\.example"):
        alarm(port, to=("ana@desk.example", "bo@desk.example")).send(notice())
    assert len(post.letters) == 1


def test_a_server_that_is_away_is_asked_again_later() -> None:
    with pytest.raises(Unavailable, match="tried again"):
        alarm(free_port()).send(notice())


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "mail.example.org"},  # an open way to another machine
        {"to": ()},
        {"to": ("ana",)},
        {"to": ("ana@desk.example\nBcc: eve@evil.example",)},
        {"sender": "Ana <ana@desk.example>"},
        {"security": "tls"},
    ],
)
def test_settings_that_would_do_harm_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        alarm(25, "", **wrong)
