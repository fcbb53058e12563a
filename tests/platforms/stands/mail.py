"""A mailbox of a real server, and a server that takes letters."""

from contextlib import suppress
from itertools import count

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.platforms.mail.source import MailSource
from bot.platforms.smtp import MailAlarm
from tests.platforms.contract import NOON, Clock, Kept, context_of
from tests.platforms.mail.letters import letter
from tests.platforms.stands.stand import AlarmStand, Ground, SourceStand, secretive
from tests.servers.dovecot import PASSWORD, USER
from tests.servers.mastodon_server import free_port

SPEAKS_HTTP = False
_numbers = count(1)


def source(ground: Ground) -> SourceStand:
    """A letter that the desk deletes was still sent: nobody takes one back."""
    clock, memory = Clock(NOON), Kept()
    mailbox = ground.servers.mailbox
    proxy = ground.wire(f"http://127.0.0.1:{mailbox.port}")
    settings = MailSource.Settings.model_validate(
        {"host": "127.0.0.1", "port": mailbox.port, "security": "none", "user": USER}
    )

    def at(port: int) -> MailSource:
        asked = settings.model_copy(update={"port": port})
        return MailSource(asked, secretive(clock, memory, password=PASSWORD))

    def say() -> str:
        before = at(mailbox.port).fetch("").cursor
        mailbox.deliver(letter(number=f"law{next(_numbers)}"))
        (post,) = at(mailbox.port).fetch(before).posts
        return post.native_id

    return SourceStand(
        make=lambda: at(int(proxy.url.rpartition(":")[2])),
        now=clock,
        say=say,
        take_back=None,
        breaks=proxy.go_away,
        mends=proxy.mend,
        later=lambda: clock.move(hours=1),
    )


class _Letters:
    """Takes every letter."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - its name
        del server, session
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 taken"


def alarm(ground: Ground) -> AlarmStand:
    """Letters to a server on this machine."""
    clock, letters = Clock(), _Letters()
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()

    def stop() -> None:
        with suppress(AssertionError):
            controller.stop()

    ground.stack.callback(stop)

    def at(port: int) -> MailAlarm:
        block = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "milepost@desk.example"}
        settings = MailAlarm.Settings.model_validate({"to": ("ana@desk.example",), **block})
        return MailAlarm(settings, context_of(clock))

    return AlarmStand(
        make=lambda: at(port), nowhere=lambda: at(free_port()), arrived=lambda: len(letters.taken), now=clock
    )
