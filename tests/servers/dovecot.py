"""A real IMAP server, Dovecot, for one test after the other: one user, mailboxes in a folder of its own, a free port."""

import imaplib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "desk", "planted-password"

_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = milepost-{port}
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 0
log_path = {folder}/dovecot.log
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass
class Mailbox:
    """The server, and what somebody who sends mail does.

    Attributes:
        port: Where it listens, IMAP without TLS, on loopback.
        folder: Where the letters lie.
    """

    port: int
    folder: Path

    def open(self) -> imaplib.IMAP4:
        """A connection of the desk's own."""
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(USER, PASSWORD)
        return client

    def deliver(self, raw: bytes, folder: str = "INBOX") -> None:
        """A letter arrives."""
        client = self.open()
        client.append(folder, "", "", raw)
        client.logout()

    def flags(self) -> list[bytes]:
        """Flags of every letter, as the server tells them."""
        client = self.open()
        client.select("INBOX", readonly=True)
        _, found = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [one for one in found if isinstance(one, bytes)]

    def number_anew(self) -> None:
        """The folder gets another UIDVALIDITY, as after a restored backup."""
        for name in ("dovecot-uidlist", "dovecot.index", "dovecot.index.log", "dovecot.index.cache"):
            (self.folder / "mail" / USER / name).unlink(missing_ok=True)
        time.sleep(1.1)  # a UIDVALIDITY is a second


def is_here() -> bool:
    """Whether Dovecot is installed."""
    return shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None


@contextmanager
def dovecot() -> Iterator[Mailbox]:
    """Start one, and stop it."""
    folder = Path(tempfile.mkdtemp(prefix="milepost-dovecot-"))
    folder.chmod(0o755)  # its processes are other users than we are
    try:
        with _running(folder) as mailbox:
            yield mailbox
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(folder: Path) -> Iterator[Mailbox]:
    import grp  # noqa: PLC0415 - where there is Dovecot there are groups
    import pwd  # noqa: PLC0415

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for name in ("run", "state", "mail"):
        (folder / name).mkdir(parents=True)
    uid, gid = os.getuid(), os.getgid()
    me = login = pwd.getpwuid(uid).pw_name
    group = grp.getgrgid(gid).gr_name
    if uid == 0:  # Dovecot hands nothing to root: the letters belong to nobody
        me, login, nobody = "nobody", "daemon", pwd.getpwnam("nobody")
        uid, gid, group = nobody.pw_uid, nobody.pw_gid, grp.getgrgid(nobody.pw_gid).gr_name
        os.chown(folder / "mail", uid, gid)
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            port=port,
            uid=uid,
            gid=gid,
            user=me,
            login=login,
            group=group,
            password=PASSWORD,
        )
    )
    program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "dovecot"
    process = subprocess.Popen([program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    mailbox = Mailbox(port, folder)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                mailbox.open().logout()
                break
            except (OSError, imaplib.IMAP4.error) as error:
                if time.monotonic() > deadline or process.poll() is not None:
                    log = folder / "dovecot.log"
                    said = log.read_text() if log.exists() else ""
                    raise RuntimeError(f"Dovecot does not answer: {error}\n{said[-2000:]}") from error
                time.sleep(0.05)
        yield mailbox
    finally:
        process.terminate()
        process.wait(timeout=10)
