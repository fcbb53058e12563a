"""How messages to chats are written: nobody is called by them, whatever stands in them, and no markup comes from outside."""

import re
from typing import Any

from bot.core.model import Snippet

_MARKDOWN = re.compile(
    r"[\\`*_~|>#\-+\[\]()<:@]|(?<=\d)\."
)  # with ":" and "@" also names of emoji, addresses and calls
_SUPPRESS_EMBEDS = 1 << 2
_DISCORD_CHARS = 2_000
_SLACK_CHARS = 4_000  # longer ones are cut by Slack itself from 40,000 on; nobody reads more than this


def slack_body(subject: str, lines: tuple[str, ...]) -> dict[str, Any]:
    """The JSON of a Slack incoming webhook.

    `&`, `<` and `>` are Slack's own signs: written as entities, no name, channel or link can come about.
    Source: https://docs.slack.dev/messaging/formatting-message-text
    """
    text = "\n".join((subject, *lines))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": _cut(escaped, _SLACK_CHARS), "mrkdwn": False, "unfurl_links": False, "unfurl_media": False}


def discord_body(subject: str, lines: tuple[str, ...]) -> dict[str, Any]:
    """The JSON of a Discord webhook, as a block of code: nothing in it is markup; `allowed_mentions` calls nobody.

    Source: https://discord.com/developers/docs/resources/webhook#execute-webhook
    """
    text = "\n".join((subject, *lines)).replace("`", "ˋ")
    return {"content": f"```\n{_cut(text, _DISCORD_CHARS - 8)}\n```", "allowed_mentions": {"parse": []}}


def slack_update(snippet: Snippet) -> dict[str, Any]:
    """The JSON of an update for a Slack incoming webhook: its very words; addresses become links by themselves."""
    return slack_body(snippet.text, ())


def discord_update(snippet: Snippet) -> dict[str, Any]:
    """The JSON of an update for a Discord webhook: its very words, at most twice as long as they are, and their links.

    Every sign of Markdown is escaped, also in what only looks like an address: links are the snippet's alone.
    Source: https://discord.com/developers/docs/resources/webhook#execute-webhook
    """
    parts, at = [], 0
    for link in sorted((one for one in snippet.entities if one.kind == "link"), key=lambda one: one.start):
        shown = snippet.text[link.start : link.end]
        if link.start < at or not shown.startswith(("https://", "http://")):
            continue
        parts += [_escaped(snippet.text[at : link.start]), shown]
        at = link.end
    parts.append(_escaped(snippet.text[at:]))
    return {"content": "".join(parts), "allowed_mentions": {"parse": []}, "flags": _SUPPRESS_EMBEDS}


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(lambda sign: f"\\{sign.group()}", text)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
