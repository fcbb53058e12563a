"""Secrets: found in the environment, in files and in the credentials of the service manager, never in the TOML.

Source: https://systemd.io/CREDENTIALS/
"""

import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.errors import Mistake
from bot.core.ports import Secret

_LONGEST = 65_536  # bytes; what is longer is not a secret but a wrong file


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of the store, the sources and the accounts; shows none of them.

    Attributes:
        found: By (owner, name).
        places: Where each was found, by (owner, name).
    """

    found: Mapping[tuple[str, str], Secret] = field(default_factory=dict, repr=False)
    places: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def find(self, owner: str, name: str) -> Secret | None:
        """The secret of an account, a source or "store"; None where none was given."""
        return self.found.get((owner, name))

    def where(self, owner: str, name: str) -> str:
        """Where it came from ("environment MILEPOST_BLUESKY_PASSWORD"), or "not given"."""
        return self.places.get((owner, name), "not given")


def environment_name(text: str) -> str:
    """A name as it stands in the environment: upper case, "-" as "_"."""
    return text.upper().replace("-", "_")


def places_for(owner: str, name: str) -> tuple[str, str, str]:
    """Variable, variable that names a file, and credential of a secret."""
    variable = f"MILEPOST_{environment_name(owner)}_{environment_name(name)}"
    return variable, f"{variable}_FILE", f"milepost_{owner}_{name}"


def look_up(
    wanted: Iterable[tuple[str, str]],
    environ: Mapping[str, str],
) -> tuple[Secrets, list[Mistake], list[str]]:
    """Find secrets: environment < `*_FILE` < `$CREDENTIALS_DIRECTORY`.

    Args:
        wanted: (owner, name), each at most once.
        environ: The environment. A relative file is relative to the working folder.

    Returns:
        What was found, what is wrong (a file that is named and cannot be read, an empty secret), and warnings.
    """
    found: dict[tuple[str, str], Secret] = {}
    places: dict[tuple[str, str], str] = {}
    mistakes: list[Mistake] = []
    warnings: list[str] = []
    for owner, name in wanted:
        value: str | None = None
        place = ""
        variable, file, _ = places_for(owner, name)
        if variable in environ:
            value, place = environ[variable], f"environment {variable}"
            if not value.strip():
                mistakes.append(_mistake(variable, "is empty: give the secret, or unset the variable"))
        if file in environ:
            path = Path(environ[file])
            value, place = _read(path, file, mistakes), f"file {path} ({file})"
            warnings.extend(_open_to(path, stat.S_IRGRP | stat.S_IROTH, "group or others"))
        for path in _credentials(owner, name, environ):
            value, place = _read(path, str(path), mistakes), f"credential {path.name}"
            warnings.extend(_open_to(path, stat.S_IROTH, "others"))  # systemd opens it to the service's group by ACL
        if value is not None:
            found[owner, name] = Secret(value)
            places[owner, name] = place
    return Secrets(found, places), mistakes, warnings


def _credentials(owner: str, name: str, environ: Mapping[str, str]) -> list[Path]:
    """The credential file of a secret, at most one."""
    folder = environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder:
        return []
    plain = owner.replace("-", "_")
    names = (f"milepost_{owner}_{name}", f"milepost_{plain}_{name}", f"{owner}_{name}", f"{plain}_{name}")
    return [path for path in (Path(folder) / credential for credential in names) if _is_there(path)][:1]


def _is_there(path: Path) -> bool:
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    except OSError:
        return False  # the folder itself is closed: nothing in it is ours
    return True


def _read(path: Path, named_by: str, mistakes: list[Mistake]) -> str | None:
    shown = "" if named_by == str(path) else f" {path}"
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "not a file name"
        mistakes.append(
            _mistake(named_by, f"the secret's file{shown} cannot be read ({why.lower()}): mend its path or its rights")
        )
        return None
    if len(data) > _LONGEST:
        mistakes.append(
            _mistake(named_by, f"the secret's file{shown} is longer than {_LONGEST} bytes: name the right file")
        )
        return None
    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        mistakes.append(_mistake(named_by, f"the secret's file{shown} is not UTF-8: name the right file"))
        return None
    if not text.strip():
        mistakes.append(_mistake(named_by, f"the secret's file{shown} is empty: write the secret into it"))
        return None
    return text


def _open_to(path: Path, bits: int, whom: str) -> list[str]:
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return []
    return [f"{path}: {whom} can read this secret: chmod 600 {path}"] if stat.S_ISREG(mode) and mode & bits else []


def _mistake(file: str, reason: str) -> Mistake:
    return Mistake(file, 0, 1, reason)
