"""The menu: which kinds of sources, accounts and alarms there are, and where each lives.

Data only: importing this imports no platform. To add one, add its line here.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any

from bot.core.errors import NotFoundError

SOURCES: Mapping[str, str] = {
    "bluesky": "bot.platforms.bluesky.source:BlueskySource",
    "feeds": "bot.platforms.feeds.source:FeedsSource",
    "inbox": "bot.platforms.inbox:InboxSource",
    "mail": "bot.platforms.mail.source:MailSource",
    "mastodon": "bot.platforms.mastodon.source:MastodonSource",
    "replay": "bot.platforms.replay:ReplaySource",
    "results": "bot.platforms.results.source:ResultsSource",
    "x": "bot.platforms.x.source:XSource",
}
ACCOUNTS: Mapping[str, str] = {
    "bluesky": "bot.platforms.bluesky.account:BlueskyAccount",
    "discord": "bot.platforms.chats:DiscordAccount",
    "file": "bot.platforms.file:FileAccount",
    "mastodon": "bot.platforms.mastodon.account:MastodonAccount",
    "slack": "bot.platforms.chats:SlackAccount",
    "webhook": "bot.platforms.webhook:WebhookAccount",
    "x": "bot.platforms.x.account:XAccount",
}
ALARMS: Mapping[str, str] = {
    "discord": "bot.platforms.hooks:DiscordAlarm",
    "mail": "bot.platforms.smtp:MailAlarm",
    "slack": "bot.platforms.hooks:SlackAlarm",
    "webhook": "bot.platforms.hooks:WebhookAlarm",
}


def source_kinds() -> tuple[str, ...]:
    """Every kind of source, by the alphabet."""
    return tuple(sorted(SOURCES))


def account_kinds() -> tuple[str, ...]:
    """Every kind of account, by the alphabet."""
    return tuple(sorted(ACCOUNTS))


def source_class(kind: str) -> type[Any]:
    """The class of a kind of source: made with `(settings, context)`, with `Settings` (frozen pydantic) and `secrets` (names).

    It may say more of itself: `ids_begin` (how every permanent account id begins), `platform`, `has_baseline`, `needs` (secrets
    without which it can do nothing).

    Raises:
        NotFoundError: There is no such kind; the message names those that there are.
    """
    return _load(SOURCES, kind, "source")


def account_class(kind: str) -> type[Any]:
    """The class of a kind of account: made with `(settings, context)`, with `Settings` (frozen pydantic) and `secrets` (names).

    It may say more of itself: `needs` (secrets without which it can do nothing).

    Raises:
        NotFoundError: There is no such kind; the message names those that there are.
    """
    return _load(ACCOUNTS, kind, "account")


def alarm_kinds() -> tuple[str, ...]:
    """Every kind of alarm, by the alphabet."""
    return tuple(sorted(ALARMS))


def alarm_class(kind: str) -> type[Any]:
    """The class of a kind of alarm, a `Channel`: made with `(settings, context)`, with `Settings`, `secrets` and `needs`.

    Raises:
        NotFoundError: There is no such kind; the message names those that there are.
    """
    return _load(ALARMS, kind, "alarm")


def _load(menu: Mapping[str, str], kind: str, what: str) -> type[Any]:
    if kind not in menu:
        near = get_close_matches(kind, menu, n=1)
        hint = f'did you mean "{near[0]}"?' if near else "choose one of these:"
        raise NotFoundError(f'"{kind}" is not a kind of {what}: {hint} ({", ".join(sorted(menu))})')
    module, _, name = menu[kind].partition(":")
    found = getattr(import_module(module), name)
    if not isinstance(found, type):
        raise TypeError(f"{menu[kind]} is not a class")
    return found
