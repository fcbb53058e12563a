"""A mailbox of a real server (Dovecot): each letter once, oldest first, and nothing in it is touched."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.core.errors import OutsideError, Unauthorized, Unavailable
from bot.core.model import Batch
from bot.core.ports import Secret
from bot.platforms.mail.source import MailSource
from tests.cli.small_race import free_port
from tests.platforms.contract import NOON, Clock, Kept, context_of
from tests.platforms.mail.letters import letter, photo
from tests.servers.dovecot import PASSWORD, USER, Mailbox, dovecot, is_here

pytestmark = pytest.mark.skipif(not is_here(), reason="there is no Dovecot: apt-get install dovecot-imapd")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with dovecot() as running:
        yield running


def source(port: int, *, password: str = PASSWORD, memory: Kept | None = None, **more: object) -> MailSource:
    block = {"host": "127.0.0.1", "port": port, "security": "none", "user": USER, **more}
    context = context_of(Clock(NOON), memory, name="readers")
    return MailSource(
        MailSource.Settings.model_validate(block), replace(context, secret=lambda _name: Secret(password))
    )


def texts(batch: Batch) -> list[str]:
    return [post.text for post in batch.posts]


def test_what_was_there_before_is_not_read_and_what_comes_is_oldest_first(mailbox: Mailbox) -> None:
    mailbox.deliver(letter("From before"))
    it = source(mailbox.port)
    first = it.fetch("")
    assert (first.posts, first.more) == ((), False)
    for number in ("2", "3"):
        mailbox.deliver(letter(f"Letter {number}", number=number))
    second = it.fetch(first.cursor)
    assert texts(second) == ["Letter 2", "Letter 3"]
    assert it.fetch(second.cursor).posts == ()
    assert texts(source(mailbox.port).fetch(first.cursor)) == ["Letter 2", "Letter 3"], (
        "a cursor given back brings the same"
    )


def test_an_empty_mailbox_and_its_first_letter(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    assert it.fetch(cursor) == Batch(cursor=cursor)
    mailbox.deliver(letter("The very first"))
    assert texts(it.fetch(cursor)) == ["The very first"]


def test_nothing_in_the_mailbox_is_touched(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    mailbox.deliver(letter(pictures=(photo(),)))
    before = mailbox.flags()
    assert it.fetch(cursor).posts
    assert mailbox.flags() == before
    assert b"Seen" not in b"".join(mailbox.flags())
    assert b"Recent" in b"".join(mailbox.flags()), "not even that it was looked at"


def test_many_letters_come_in_batches_and_none_is_lost(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    for number in range(23):
        mailbox.deliver(letter(f"Letter {number}", number=str(number)))
    found: list[str] = []
    while (batch := it.fetch(cursor)).posts:
        found += texts(batch)
        cursor = batch.cursor
        assert batch.more is (len(found) < 23)
    assert found == [f"Letter {number}" for number in range(23)]


def test_letters_of_machines_and_broken_ones_are_passed_over_with_a_note(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    mailbox.deliver(letter(Auto_Submitted="auto-replied", number="1"))
    mailbox.deliver(letter(pictures=(b"no picture",), number="2"))
    mailbox.deliver(letter("After them", number="3"))
    batch = it.fetch(cursor)
    assert texts(batch) == ["I ran it in a banana suit.", "After them"]
    assert batch.note == "1 attached picture could not be read; 1 letter of machines or without words left out"
    assert it.fetch(batch.cursor).posts == ()


def test_a_letter_that_cannot_be_read_does_not_stop_those_after_it(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    mailbox.deliver(letter().replace(b"Subject: My race", b"Subject: =?utf-8?b?A?="))
    mailbox.deliver(letter("After it", number="2"))
    batch = it.fetch(cursor)
    assert (texts(batch), batch.note) == (["After it"], "1 letter could not be read")
    assert it.fetch(batch.cursor).posts == ()


def test_a_batch_of_large_letters_ends_early_and_none_is_lost(mailbox: Mailbox) -> None:
    it = source(mailbox.port)
    cursor = it.fetch("").cursor
    for number in ("1", "2", "3"):
        mailbox.deliver(letter(f"Letter {number}", number=number, pictures=(b"x" * 3_200_000,)))
    first = it.fetch(cursor)
    assert (texts(first), first.more) == (["Letter 1", "Letter 2"], True)
    second = it.fetch(first.cursor)
    assert (texts(second), second.more) == (["Letter 3"], False)


def test_a_letter_that_is_too_large_is_read_without_what_is_attached(mailbox: Mailbox) -> None:
    it = source(mailbox.port, largest_mb=0.01)
    cursor = it.fetch("").cursor
    mailbox.deliver(letter(pictures=(b"x" * 300_000,)))
    (post,) = it.fetch(cursor).posts
    assert (post.text, post.media) == ("I ran it in a banana suit.", ())


def test_a_mailbox_that_is_numbered_anew_brings_the_same_posts_again_and_says_so(mailbox: Mailbox) -> None:
    it = source(mailbox.port, memory=(memory := Kept()))
    cursor = it.fetch("").cursor
    mailbox.deliver(letter(number="7"))
    batch = it.fetch(cursor)
    anew = f"{int(batch.cursor.partition(':')[0]) - 1}:99"
    again = source(mailbox.port, memory=memory).fetch(anew)
    assert [(post.native_id, post.author.id) for post in again.posts] == [
        (post.native_id, post.author.id) for post in batch.posts
    ]
    assert "numbered anew" in again.note
    assert again.cursor == batch.cursor


def test_another_folder(mailbox: Mailbox) -> None:
    client = mailbox.open()
    client.create("Readers")
    client.logout()
    it = source(mailbox.port, folder="Readers")
    cursor = it.fetch("").cursor
    mailbox.deliver(letter("For the folder"), "Readers")
    mailbox.deliver(letter("Not for it"))
    assert texts(it.fetch(cursor)) == ["For the folder"]


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"password": "planted-wrong"}, Unauthorized, "does not take the password"),
        ({"folder": "Nowhere"}, Unavailable, "Nowhere"),
    ],
)
def test_failures_say_what_to_do_and_show_no_secret(
    mailbox: Mailbox, more: dict[str, str], error: type[OutsideError], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    with pytest.raises(error, match=said) as found:
        source(mailbox.port, **more).fetch("")  # type: ignore[arg-type] # names of settings
    assert "planted" not in str(found.value) + caplog.text


def test_a_sign_in_that_is_refused_for_now_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            client, _ = listening.accept()
            with client, client.makefile("rwb", buffering=0) as lines:
                lines.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
                for line in lines:
                    tag, word = line.split()[:2]
                    said = {b"CAPABILITY": b"OK", b"LOGIN": b"NO [UNAVAILABLE] later"}.get(word.upper(), b"BAD")
                    untagged = b"* CAPABILITY IMAP4rev1\r\n" if said == b"OK" else b""
                    lines.write(untagged + tag + b" " + said + b" done\r\n")

        server = threading.Thread(target=answer)
        server.start()
        with pytest.raises(Unavailable, match="no sign-in now"):
            source(listening.getsockname()[1]).fetch("")
        server.join(10)


def test_a_server_that_is_away() -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        source(free_port()).fetch("")


def test_a_server_that_ends_in_the_middle_leaves_the_cursor_where_it_was() -> None:
    with dovecot() as mailbox:
        it = source(mailbox.port)
        cursor = it.fetch("").cursor
        mailbox.deliver(letter())
    with pytest.raises(Unavailable):
        it.fetch(cursor)


def test_an_open_way_is_for_this_machine_alone() -> None:
    with pytest.raises(ValueError, match='write "ssl"'):
        MailSource.Settings.model_validate({"host": "mail.example.org", "user": "desk", "security": "none"})
