"""What people do with the configuration before anything runs: begin, check, show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.app.opening import has_store, load_config, open_app, rights_of
from bot.app.outside import models
from bot.app.rules.checking import NO_FOLDER, CheckedRules, check_rules
from bot.app.sign_in import Login, advice, needing_login
from bot.config.load import Loaded
from bot.config.secrets import places_for
from bot.config.show import ShownSetting, show
from bot.config.starter import starter_folder, write_starter
from bot.core.errors import ConfigError, Mistake, MistakesError, NotFoundError, RuleError, StoreError
from bot.core.reports import SourceRights
from bot.core.signing import SIGNING_SECRETS, key_of
from bot.platforms import registry


@dataclass(frozen=True, slots=True)
class CheckedConfig:
    """A configuration without mistakes, with rules and milestones that fit it.

    Attributes:
        sources: How many are enabled.
        accounts: How many are enabled.
        warnings: What is not wrong but should be looked at.
    """

    sources: int
    accounts: int
    rules: CheckedRules
    warnings: tuple[str, ...] = ()


def begin(folder: Path) -> tuple[Path, ...]:
    """Write the example configuration and the starter rules. Raises as `write_starter`."""
    return write_starter(folder)


def sources(path: Path, environ: Mapping[str, str] | None = None) -> tuple[SourceRights, ...]:
    """What may be done with the posts of each source, in the order of the configuration. Raises as `load_config`."""
    settings = load_config(path, environ).settings
    allowed = rights_of(settings)
    return tuple(
        SourceRights(one.name, one.kind, one.enabled, allowed[one.name], allowed[one.name].said)
        for one in settings.source
    )


def starter_rules() -> Path:
    """The starter rules that ship with the program."""
    return starter_folder() / "rules"


def check_config(path: Path, environ: Mapping[str, str] | None = None) -> CheckedConfig:
    """Read and validate a configuration, and the rules and milestones that speak of it.

    Raises:
        ConfigError: With every mistake of the configuration; rules were not looked at.
        RuleError: With every mistake of rules and plan; the configuration is good.
    """
    loaded = load_config(path, environ)
    if unusable := tuple(_unusable_secrets(loaded)):
        raise ConfigError(unusable)
    settings = loaded.settings
    try:
        rules = check_rules(None, path, environ)
    except NotFoundError as error:
        raise RuleError((Mistake(settings.rules.folder, 0, 0, NO_FOLDER),)) from error
    return CheckedConfig(
        sum(source.enabled for source in settings.source),
        sum(account.enabled for account in settings.account),
        rules,
        (*loaded.warnings, *_missing_secrets(loaded), *map(advice, _needing_login(loaded, path, environ))),
    )


def _enabled(loaded: Loaded) -> Iterator[tuple[str, str, type[Any]]]:
    """Side, name and class of every source, account and alarm that is enabled."""
    settings = loaded.settings
    for side, blocks, load in (
        ("source", settings.source, registry.source_class),
        ("account", settings.account, registry.account_class),
        ("alarm", settings.alarm, registry.alarm_class),
    ):
        for block in blocks:
            if block.enabled:
                yield side, block.name, load(block.kind)


def _missing_secrets(loaded: Loaded) -> Iterator[str]:
    """What enabled sources and accounts cannot do without and were not given."""
    for side, owner, kind in _enabled(loaded):
        for name in getattr(kind, "needs", ()):
            if loaded.secrets.find(owner, name) is None:
                variable, _, credential = places_for(owner, name)
                yield f"{side} {owner}: there is no {name}: give it in {variable}, {variable}_FILE or the credential {credential}"


def _unusable_secrets(loaded: Loaded) -> Iterator[Mistake]:
    """What nobody can sign with."""
    for side, owner, kind in _enabled(loaded):
        for name in set(kind.secrets) & SIGNING_SECRETS:
            found = loaded.secrets.find(owner, name)
            try:
                key_of(found.reveal().strip()) if found else None
            except ValueError as error:
                yield Mistake(loaded.secrets.where(owner, name), 0, 0, f'the secret "{name}" of {side} {owner} {error}')


def _needing_login(loaded: Loaded, path: Path, environ: Mapping[str, str] | None) -> tuple[str, ...]:
    """Enabled accounts that nobody has signed in to; empty where the store that would know cannot be asked."""
    if not has_store(loaded):
        given = {owner for owner, _ in loaded.secrets.found}
        enabled = [account for account in loaded.settings.account if account.enabled and account.name not in given]
        return tuple(one.name for one in enabled if issubclass(registry.account_class(one.kind), Login))
    try:
        app = open_app(path, environ, make=False)
        try:
            app.check_store()
            return needing_login(app)
        finally:
            app.close()
    except StoreError:
        return ()


def show_config(path: Path, environ: Mapping[str, str] | None = None) -> list[ShownSetting]:
    """The effective settings; secrets as "***". Raises as `check_config`."""
    return show(load_config(path, environ), models())


def mistakes_of(error: MistakesError) -> list[dict[str, object]]:
    """Every mistake as plain data, for scripts."""
    return [
        {
            "file": mistake.file,
            "line": mistake.line,
            "column": mistake.column,
            "reason": mistake.reason,
            "hint": mistake.hint,
        }
        for mistake in error.mistakes
    ]


__all__ = [
    "CheckedConfig",
    "ConfigError",
    "ShownSetting",
    "begin",
    "check_config",
    "mistakes_of",
    "show_config",
    "starter_rules",
]
