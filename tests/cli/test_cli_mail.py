"""A letter to the desk, through the real command and a real mail server: held, asked for, told, and its pictures seen by nobody before."""

from collections.abc import Iterator

import pytest

from tests.cli.small_race import Desk
from tests.platforms.mail.letters import letter, photo
from tests.servers.dovecot import PASSWORD, USER, Mailbox, dovecot, is_here

pytestmark = pytest.mark.skipif(not is_here(), reason="there is no Dovecot: apt-get install dovecot-imapd")


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with dovecot() as running:
        yield running


def test_a_letter_waits_for_a_person_and_a_recorded_yes(desk: Desk, mailbox: Mailbox) -> None:
    path = desk.folder / "config.toml"
    block = (
        f'[[source]]\nname = "readers"\nkind = "mail"\nstrand = "fun"\nhost = "127.0.0.1"\nport = {mailbox.port}\n'
        f'security = "none"\nuser = "{USER}"\n'
    )
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{block}", encoding="utf-8")

    def run() -> None:
        desk("run", "--once", MILEPOST_READERS_PASSWORD=PASSWORD)

    run()
    mailbox.deliver(letter("hooray for all of you", pictures=(photo(),)))
    run()
    queue = desk("queue").out
    assert "Ada Lovelace" in queue
    assert "it was sent to the desk alone" in queue
    (number,) = [line.split()[0] for line in queue.splitlines() if "Ada Lovelace" in line]
    assert f"consent record {number} --answer yes --scope page --evidence WHERE" in queue
    assert "ask its author" in desk("queue", "approve", number, "--as", "ana", code=1).err
    assert not list((desk.folder / "var").rglob("*.jpg")), "nobody can see its picture"
    assert "1 picture in look" in desk("explain", number, "--pictures", "look").err
    assert len(list((desk.folder / "look").iterdir())) == 1
    desk(
        "consent",
        "record",
        number,
        "--answer",
        "yes",
        "--scope",
        "page,accounts",
        "--evidence",
        "her letter",
        "--as",
        "ana",
    )
    assert "keep its author" not in desk("queue").out
    desk("queue", "approve", number, "--as", "ana")
    run()
    assert len(list((desk.folder / "var").rglob("*.jpg"))) == 1
    assert "Ada Lovelace" in (desk.folder / "paper.jsonl").read_text(encoding="utf-8")
    desk("consent", "revoke", number, "--evidence", "another letter", "--as", "ana")
    run()
    assert not list((desk.folder / "var").rglob("*.jpg"))
    stored = b"".join(path.read_bytes() for path in (desk.folder / "var").rglob("*") if path.is_file())
    assert b"private.example" not in stored
    assert PASSWORD.encode() not in stored
