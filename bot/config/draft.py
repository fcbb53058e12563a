"""What the file and the environment say together, before it is found valid: each value knows where it came from."""

from dataclasses import dataclass, field
from typing import Any

from bot.config.document import Document
from bot.core.errors import Mistake
from bot.core.toml_places import Path as Keys


@dataclass(slots=True)
class Draft:
    """A table in the making.

    Attributes:
        document: The file; a mistake in a value of the file is told with its line.
        table: The file's table with the environment laid over it, without secrets.
        variables: Which variable gave the value of a path.
        cleared: Paths whose values were taken out because they were secrets.
        masked: Paths of addresses whose password was taken out.
    """

    document: Document
    table: dict[str, Any]
    variables: dict[Keys, str] = field(default_factory=dict)
    cleared: set[Keys] = field(default_factory=set)
    masked: set[Keys] = field(default_factory=set)

    def variable(self, path: Keys) -> str:
        """The variable that gave this value or what it is part of, "" for the file and defaults."""
        while path:
            if name := self.variables.get(path):
                return name
            path = path[:-1]
        return ""

    def at_key(self, path: Keys, reason: str, hint: str = "") -> Mistake:
        """A mistake under the key, or of the variable."""
        if name := self.variable(path):
            return Mistake(name, 0, 1, reason, hint=hint)
        return self.document.at_key(path, reason, hint)

    def at_value(self, path: Keys, reason: str, hint: str = "") -> Mistake:
        """A mistake under the value, or of the variable."""
        if name := self.variable(path):
            return Mistake(name, 0, 1, reason, hint=hint)
        return self.document.at_value(path, reason, hint)

    def value(self, path: Keys) -> Any:
        """The value at a path, None where there is none."""
        here: Any = self.table
        for key in path:
            if isinstance(here, dict):
                here = here.get(str(key))
            elif isinstance(here, list) and isinstance(key, int) and key < len(here):
                here = here[key]
            else:
                return None
        return here
