"""Posts, users and pictures as X gives them: escaped, shortened, with the fields that were asked for."""

import html
import re
from collections.abc import Mapping
from typing import Any

from tests.servers.x_state import Account, State, problem

URL = re.compile(r"https?://\S+")


def with_data(x: State, page: list[dict[str, Any]], query: Mapping[str, str]) -> dict[str, Any]:
    spelling = spelling_of(x, query)
    fields = ",".join(query.get(f"{name}.fields", "") for name in ("tweet", "post")).split(",")
    expansions = query.get("expansions", "").split(",")
    wanted = {*fields, *expansions}
    # a spelling that it does not know by heart: without its fields a post has id and text alone
    answer: dict[str, Any] = {"data": [_drawn(post, spelling, wanted) for post in page]}
    includes: dict[str, Any] = {}
    if "author_id" in expansions:
        includes["users"] = [_user_of(one) for one in {post["author"].id: post["author"] for post in page}.values()]
    keys = [key for post in page for key in post["media"]]
    if "attachments.media_keys" in expansions and keys:
        includes["media"] = [_media_of(x.media[key]) for key in dict.fromkeys(keys)]
    if includes:
        answer["includes"] = includes
    if x.errors:
        answer["errors"] = list(x.errors)
    return answer


def _drawn(post: Mapping[str, Any], spelling: str, wanted: set[str]) -> dict[str, Any]:
    text, entities = shortened(post)
    row: dict[str, Any] = {"id": post["id"], "text": text}
    full: dict[str, Any] = {
        "author_id": post["author"].id,
        "created_at": post["at"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "entities": entities,
        "lang": "en",
        "possibly_sensitive": False,
        "public_metrics": dict.fromkeys(
            (
                "retweet_count",
                "repost_count",
                "reply_count",
                "like_count",
                "quote_count",
                "bookmark_count",
                "impression_count",
            ),
            0,
        ),
    }
    if post["media"]:
        full["attachments"] = {"media_keys": list(post["media"])}
    row |= {name: value for name, value in full.items() if name in wanted}
    row |= {name: value for name, value in post["fields"].items() if name != "retweet_of"}
    if spelling in {"tweet", "both"}:
        row["edit_history_tweet_ids"] = post["history"]
    if spelling in {"post", "both"}:
        row["edit_history_post_ids"] = post["history"]
    return row


def shortened(post: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The text as X gives it: escaped, every link as t.co, a link for the pictures at the end."""
    urls: list[dict[str, Any]] = []
    text = html.escape(post["sent"], quote=False)
    made, last = "", 0
    for number, match in enumerate(URL.finditer(text)):
        short = f"https://t.co/{post['id'][-6:]}{number:04d}"
        made += text[last : match.start()]
        target = html.unescape(match[0])
        urls.append(
            {
                "start": len(made),
                "end": len(made) + len(short),
                "url": short,
                "expanded_url": target,
                "display_url": target[8:30],
            }
        )
        made += short
        last = match.end()
    made += text[last:]
    if post["media"]:
        short = f"https://t.co/{post['id'][-6:]}pics"
        made += " " if made else ""
        target = f"https://x.com/{post['author'].username}/status/{post['id']}/photo/1"
        urls.append(
            {
                "start": len(made),
                "end": len(made) + len(short),
                "url": short,
                "expanded_url": target,
                "display_url": "pic.x.com/abc",
                "media_key": post["media"][0],
            }
        )
        made += short
    tags = [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in re.finditer(r"#(\w+)", made)]
    mentions = [{"start": m.start(), "end": m.end(), "username": m[1]} for m in re.finditer(r"@(\w+)", made)]
    named = {"urls": urls, "hashtags": tags, "mentions": mentions}
    return made, {name: found for name, found in named.items() if found}


def _user_of(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "name": account.username.title(),
        "created_at": "2012-05-01T10:00:00.000Z",
        "protected": account.protected,
        "verified": True,
        "public_metrics": {
            "followers_count": 12,
            "following_count": 3,
            "post_count": 4,
            "tweet_count": 4,
            "listed_count": 0,
        },
    }


def _media_of(media: Mapping[str, Any]) -> dict[str, Any]:
    row = {
        "media_key": media["media_key"],
        "type": "photo",
        "url": f"https://pbs.twimg.com/media/{media['id']}.jpg",
        "width": 4,
        "height": 3,
    }
    return row | ({"alt_text": media["alt"]} if media["alt"] else {})


def spelling_of(x: State, query: Mapping[str, str]) -> str:
    for name in ("tweet", "post"):
        if f"{name}.fields" in query and x.spelling not in {name, "both"}:
            raise problem(
                400,
                "invalid-request",
                "Invalid Request",
                "One or more parameters to your request was invalid.",
                parameter=f"{name}.fields",
                value=query[f"{name}.fields"],
            )
    return x.spelling
