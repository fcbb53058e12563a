"""One file, the environment and the secrets become settings; or every mistake is told at once.

The order: read the file, take secrets out of it, lay the environment over it, validate, compare blocks, find secrets.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

from bot.config.check import absolute, check, named_rows
from bot.config.document import Trust, read
from bot.config.draft import Draft
from bot.config.environment import overlay
from bot.config.models import SIDES, STORE_SECRETS, Models, block_model, dotted, row_model, sections, text_of
from bot.config.planted import take_out
from bot.config.relations import references, relations, sqlite_file
from bot.config.secrets import Secrets, look_up
from bot.config.settings import Settings
from bot.core.errors import ConfigError, Mistake

__all__ = ["Loaded", "Models", "load"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A valid configuration.

    Attributes:
        settings: Effective: defaults < file < environment.
        origins: Where each setting came from, by its dotted path ("page.port", "source.organiser.every", the official
            rows by their number from 1): "config.toml:12", "MILEPOST_PAGE__PORT" or "default".
        path: The file, as it was named.
        folder: Its folder, absolute; relative paths in settings are relative to it.
        secrets: Those of the store, the sources and the accounts.
        warnings: What is not wrong but should be looked at, one sentence each.
    """

    settings: Settings
    origins: Mapping[str, str]
    path: Path
    folder: Path
    secrets: Secrets
    warnings: tuple[str, ...] = ()

    def resolve(self, text: str) -> Path:
        """A path of the settings as an absolute one; "~" is the user's home."""
        return absolute(self.folder, Path(text))

    def store_url(self) -> str:
        """The store's URL; a SQLite file has its absolute path. Without the password, which is a secret."""
        url = self.settings.store.url
        file = sqlite_file(url)
        return url.replace(f"///{file}", f"///{self.resolve(file)}", 1) if file else url


def load(path: Path, *, models: Models, environ: Mapping[str, str]) -> Loaded:
    """Read, lay over, validate.

    Args:
        path: The configuration file.
        models: What the platforms know, by kind.
        environ: The environment: settings as `MILEPOST_PAGE__PORT`, secrets as `MILEPOST_<OWNER>_<NAME>`.

    Raises:
        ConfigError: With every mistake, those of the file in its order, then those of the environment. No message
            holds a secret. Nothing may be started.
    """
    document = read(path)
    mistakes = list(document.flaws)
    draft = Draft(document, deepcopy(dict(document.table)))
    settings = None
    secrets = Secrets()
    warnings: list[str] = []
    if document.trust is not Trust.NONE:
        mistakes += take_out(draft, models)
        wanted = tuple(secrets_wanted(draft, models))
        unknown, unused = overlay(draft, models, wanted, environ)
        mistakes += unknown + take_out(draft, models)
        settings, wrong = check(draft, models)
        mistakes += [*wrong, *relations(draft, models)]
        mistakes += references(draft) if document.trust is Trust.WHOLE else ()
        secrets, missing, exposed = look_up(wanted, environ)
        mistakes += missing
        warnings = unused + exposed
    if mistakes or settings is None:
        raise ConfigError(tuple(sorted(_once(mistakes), key=lambda mistake: _order(mistake, str(path)))))
    return Loaded(settings, _origins(draft, models, path), path, path.absolute().parent, secrets, tuple(warnings))


def secrets_wanted(draft: Draft, models: Models) -> Iterator[tuple[str, str]]:
    """(owner, name) of every secret that this configuration may need, each once."""
    wanted = [("store", name) for name in STORE_SECRETS]
    for side in SIDES:
        for (block, number, _), owner in named_rows(draft.table, side):
            kind = text_of(draft.value((block, number, "kind")))
            wanted += [(owner, name) for name in models.secrets(side, kind)]
    yield from dict.fromkeys(wanted)


def _once(mistakes: list[Mistake]) -> Iterator[Mistake]:
    yield from dict.fromkeys(mistakes)


def _order(mistake: Mistake, file: str) -> tuple[bool, int, int, str]:
    return (mistake.file != file, mistake.line, mistake.column, mistake.file)


def _origins(draft: Draft, models: Models, path: Path) -> Mapping[str, str]:
    origins = {}
    for section in sections(draft.table, models):
        for key, field in section.fields.items():
            where = (*section.path, key)
            if block_model(field.annotation) or row_model(field.annotation):
                continue
            if variable := draft.variable(where):
                origin = variable
            elif line := draft.document.line(where):
                origin = f"{path.name}:{line}"
            else:
                origin = "default"
            origins[dotted(draft.table, where)] = origin
    return origins
