"""How messages to chats are written: nobody is called by them, whatever stands in them, and no markup comes from outside."""

from typing import Any

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


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
