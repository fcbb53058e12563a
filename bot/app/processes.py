"""Names of processes, for leases: which machine, which process, and whether it still lives."""

import os
import re
import socket
from pathlib import Path

_PROCESS = re.compile("[1-9][0-9]{0,8}")


def this_process() -> str:
    """`machine:pid`. A container counts as a machine of its own: its process numbers are its own."""
    return f"{_machine()}:{os.getpid()}"


def is_dead(holder: str) -> bool:
    """Whether a process is known to be no more; False for one of another machine, which nobody here can know.

    Args:
        holder: `this_process()` of somebody, with `:anything` behind it; "" is nobody.
    """
    machine, _, number = holder.rpartition(":")[0].rpartition(":")
    if machine != _machine() or not _PROCESS.fullmatch(number):
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _machine() -> str:
    """Host name, boot and process space: two machines of one name, or two containers on one, are told apart."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()[:8]
        space = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        boot = space = "?"
    return f"{socket.gethostname()}/{boot}/{space}"
