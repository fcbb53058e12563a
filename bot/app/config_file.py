"""The configuration's file while the house stands: it is read at the start and never again, so a change is only noticed."""

from pathlib import Path


class ConfigFile:
    """Looks whether the file still says what the house was opened with.

    Args:
        path: None where there is no file.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._opened_with = self._last = self._content()

    def is_newly_changed(self) -> bool:
        """Whether it differs from what the house was opened with; True once for each content. A file that is away is no change."""
        found = self._content()
        if found is None or found == self._last:
            return False
        self._last = found
        return found != self._opened_with

    def _content(self) -> bytes | None:
        try:
            return self._path.read_bytes() if self._path else None
        except OSError:
            return None
