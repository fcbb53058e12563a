"""What each address of X's API does in the simulator of it."""

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.parser import BytesParser
from typing import Any

from tests.servers.x_drawing import URL, shortened, with_data
from tests.servers.x_state import EPOCH_MS, PROBLEM, Account, Asked, State, invalid, plain, problem

_WEEK = timedelta(days=7)
_LIGHT = re.compile(r"[\u0000-\u10FF\u2000-\u200D\u2010-\u201F\u2032-\u2037]")


def route(x: State, asked: Asked, who: Account | None) -> tuple[int, Any]:
    match (asked.method, asked.path.split("/")[2:]):
        case ("GET", ["tweets", "search", "recent"]):
            return 200, _search(x, asked.query)
        case ("GET", ["tweets"]):
            return 200, _lookup(x, asked.query)
        case ("GET", ["users", number, "tweets"]):
            return 200, _timeline(x, number, asked.query)
        case ("GET", ["users", "me"]):
            me = _user(who)
            return 200, {"data": {"id": me.id, "username": me.username, "name": me.username}}
        case ("POST", ["tweets"]):
            return 201, _create(x, _user(who), json.loads(asked.body))
        case ("DELETE", ["tweets", number]):
            return 200, _delete(x, _user(who), number)
        case ("POST", ["media", "upload"]):
            return 200, _upload(x, _user(who), asked)
        case ("POST", ["media", "metadata"]):
            return 200, _metadata(x, _user(who), json.loads(asked.body))
    raise problem(404, "resource-not-found", "Not Found Error", "Could not find this path", resource_type="path")


def weight(text: str) -> int:
    """X's weight, but for emoji sequences: links 23, Latin and its neighbours 1, all else 2."""
    total = 23 * len(URL.findall(text))
    return total + sum(1 if _LIGHT.match(sign) else 2 for sign in URL.sub("", text))


def _user(who: Account | None) -> Account:
    if who is None:
        raise plain(
            403,
            "Unsupported Authentication",
            "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
            type=PROBLEM + "unsupported-authentication",
        )
    if who.suspended:
        raise plain(403, "Forbidden", "Your account is suspended and is not permitted to access this feature.")
    return who


def _visible(x: State) -> Iterator[dict[str, Any]]:
    for post in x.posts.values():
        if post["id"] not in x.deleted and not post["author"].protected and not post["author"].suspended:
            yield post


def _search(x: State, query: Mapping[str, str]) -> dict[str, Any]:
    words = query.get("query", "")
    if not words or len(words) > 512:
        raise invalid("query", words, "query must be between 1 and 512 characters")
    size = int(query.get("max_results", "10"))
    if not 10 <= size <= 100:
        raise invalid("max_results", str(size), "max_results must be between 10 and 100")
    start = x.now() - _WEEK
    if "start_time" in query:
        start = datetime.fromisoformat(query["start_time"])
        if start < x.now() - _WEEK:
            raise invalid("start_time", query["start_time"], "'start_time' must be within the last seven days")
    since = int(query.get("since_id", "0"))
    if since and datetime.fromtimestamp(((since >> 22) + EPOCH_MS) / 1000, UTC) < x.now() - _WEEK:
        raise invalid("since_id", str(since), "'since_id' must be a tweet id created after the last seven days")
    end = x.now() - timedelta(seconds=30)
    found = [
        post
        for post in _visible(x)
        if _matches(words, post)
        and int(post["id"]) > since
        and start <= post["at"] <= end
        and post["id"] == post["history"][-1]
    ]
    return _page(x, sorted(found, key=lambda post: -int(post["id"])), query, size, "next_token")


def _matches(query: str, post: Mapping[str, Any]) -> bool:
    if "-is:retweet" in query and post["fields"].get("retweet_of"):
        return False
    inside = query[query.index("(") + 1 : query.index(")")]
    text = post["sent"].casefold()
    for part in inside.split(" OR "):
        if part.startswith("#") and re.search(rf"(?<!\w){re.escape(part.casefold())}(?!\w)", text):
            return True
        if part.startswith("from:") and part[5:].casefold() in {post["author"].id, post["author"].username.casefold()}:
            return True
    return False


def _page(x: State, found: list[dict[str, Any]], query: Mapping[str, str], size: int, name: str) -> dict[str, Any]:
    given = query.get(name)
    if given:
        try:
            before = int(base64.urlsafe_b64decode(given.encode()).decode())
        except ValueError as error:
            raise invalid(name, given, f"'{name}' is not valid") from error
        found = [post for post in found if int(post["id"]) < before]
    page = found[:size]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
    if len(found) > size:
        meta["next_token"] = base64.urlsafe_b64encode(page[-1]["id"].encode()).decode()
    answer = with_data(x, page, query)
    if not page:
        answer.pop("data")
    return answer | {"meta": meta}


def _lookup(x: State, query: Mapping[str, str]) -> dict[str, Any]:
    ids = query.get("ids", "").split(",")
    if not 1 <= len(ids) <= 100:
        raise invalid("ids", query.get("ids", ""), "between 1 and 100 ids")
    seen = {post["id"]: post for post in _visible(x)}
    answer = with_data(x, [seen[number] for number in ids if number in seen], query)
    errors = []
    for number in ids:
        if number in seen:
            continue
        hidden = number in x.posts and number not in x.deleted
        errors.append(
            {
                "value": number,
                "detail": "Sorry, you are not authorized to see the Tweet with ids: [..]."
                if hidden
                else f"Could not find tweet with ids: [{number}].",
                "title": "Authorization Error" if hidden else "Not Found Error",
                "resource_type": "tweet",
                "parameter": "ids",
                "resource_id": number,
                "type": PROBLEM + ("not-authorized-for-resource" if hidden else "resource-not-found"),
            }
        )
    if errors:
        answer["errors"] = [*errors, *answer.get("errors", [])]
    if not answer["data"]:
        answer.pop("data")
    return answer


def _timeline(x: State, number: str, query: Mapping[str, str]) -> dict[str, Any]:
    start = datetime.fromisoformat(query.get("start_time", "2010-11-06T00:00:00Z"))
    found = [post for post in _visible(x) if post["author"].id == number and post["at"].replace(microsecond=0) >= start]
    size = int(query.get("max_results", "10"))
    return _page(x, sorted(found, key=lambda post: -int(post["id"])), query, size, "pagination_token")


def _create(x: State, who: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    text = str(body.get("text", ""))
    ids = list(body.get("media", {}).get("media_ids", []))
    if body.get("quote_tweet_id"):
        raise plain(403, "Forbidden", "You are not permitted to perform this action.")
    if body.get("reply") or any(f"@{one.username}" in text for one in x.accounts.values() if one is not who):
        raise plain(403, "Forbidden", "You can only reply to or quote posts where you are mentioned or are the author.")
    if not text.strip() and not ids:
        raise problem(400, "invalid-request", "Invalid Request", "Text is required unless media is provided.")
    if weight(text) > 280:
        raise problem(400, "invalid-request", "Invalid Request", "Your Tweet text is too long.")
    if len(re.findall(r"\$[A-Za-z]+", text)) > 1:
        raise plain(403, "Forbidden", "A post may hold one cashtag.")
    if any(number not in {one["id"] for one in x.media.values()} for number in ids):
        raise problem(
            400, "invalid-request", "Invalid Request", "Your media IDs are invalid.", parameter="media.media_ids"
        )
    mine = [one for one in x.posts.values() if one["author"] is who and one["id"] not in x.deleted]
    if any(one["sent"] == text and text for one in mine):
        raise plain(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")
    keys = tuple(key for key, one in x.media.items() if one["id"] in ids)
    number = x.add(who, text, media_ids=keys)
    drawn, _ = shortened(x.posts[number])
    return {
        "data": {"id": number, "text": drawn, "edit_history_tweet_ids": [number], "edit_history_post_ids": [number]}
    }


def _delete(x: State, who: Account, number: str) -> dict[str, Any]:
    post = x.posts.get(number)
    if post is None or number in x.deleted:
        raise problem(
            404,
            "resource-not-found",
            "Not Found Error",
            f"Could not find tweet with id: [{number}].",
            resource_type="tweet",
        )
    if post["author"] is not who:
        raise plain(403, "Forbidden", "You are not permitted to perform this action.")
    x.deleted |= set(post["history"])
    return {"data": {"deleted": True}}


def _upload(x: State, who: Account, asked: Asked) -> dict[str, Any]:
    kind = next(value for name, value in asked.headers.items() if name.lower() == "content-type")
    if kind.startswith("application/json"):
        given = json.loads(asked.body)
        return _kept(x, who, base64.b64decode(given["media"]))
    message: Message = BytesParser().parsebytes(b"content-type: " + kind.encode() + b"\r\n\r\n" + asked.body)
    parts: dict[str, bytes] = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        parts[str(name)] = bytes(part.get_payload(decode=True) or b"")  # type: ignore[union-attr]
    if "media" not in parts or parts.get("media_category", b"") != b"tweet_image":
        raise problem(400, "invalid-request", "Invalid Request", "media and media_category are required")
    return _kept(x, who, parts["media"])


def _kept(x: State, who: Account, content: bytes) -> dict[str, Any]:
    if len(content) > 5_242_880:
        raise problem(400, "invalid-request", "Invalid Request", "media is too large")
    number = x.new_id()
    key = f"3_{number}"
    x.media[key] = {"id": number, "media_key": key, "content": content, "alt": "", "owner": who.id}
    return {"data": {"id": number, "media_key": key, "size": len(content), "expires_after_secs": 86400}}


def _metadata(x: State, who: Account, body: Mapping[str, Any]) -> dict[str, Any]:
    media = next((one for one in x.media.values() if one["id"] == body.get("id") and one["owner"] == who.id), None)
    alt = body.get("metadata", {}).get("alt_text", {}).get("text", "")
    if media is None or len(alt) > 1000:
        raise problem(400, "invalid-request", "Invalid Request", "no such media, or its text is too long")
    media["alt"] = alt
    return {"data": {"id": media["id"], "associated_metadata": body["metadata"]}}
