"""The searches: which words X is asked for, and which fields of the answer.

Source: https://docs.x.com/x-api/posts/search/integrate/build-a-query: at most 512 characters for a self-serve application.
X's OpenAPI document spells the fields `post.fields`, its guides and tweepy `tweet.fields`: both are known here.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

LONGEST_QUERY = 512

_TAG = re.compile(r"[\w·]+")
_NAME = re.compile(r"[A-Za-z0-9_]{1,15}")
_ID = re.compile(r"[0-9]{1,19}")

_BOTH = "attachments,created_at,edit_controls,entities,lang,possibly_sensitive,public_metrics,withheld"
_AUTHOR = "created_at,name,parody,protected,public_metrics,url,username,withheld"
_MEDIA = "alt_text,height,media_key,preview_image_url,type,url,variants,width"

SPELLINGS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "tweet": MappingProxyType(
            {
                "tweet.fields": f"{_BOTH},author_id,edit_history_tweet_ids,in_reply_to_user_id,note_tweet,referenced_tweets",
                "expansions": "author_id,attachments.media_keys",
                "user.fields": _AUTHOR,
                "media.fields": _MEDIA,
            }
        ),
        "post": MappingProxyType(
            {
                "post.fields": f"{_BOTH},note_post",
                "expansions": "author_id,attachments.media_keys,referenced_posts,edit_history_post_ids",
                "user.fields": _AUTHOR,
                "media.fields": _MEDIA,
            }
        ),
    }
)
"""What is asked of each post, by the way in which X spells it."""


def is_tag(tag: str) -> bool:
    """Whether this can be a hashtag at X: letters, digits, underscores, one of them no digit; without "#"."""
    return bool(_TAG.fullmatch(tag)) and not tag.isdecimal()


def is_account(name: str) -> bool:
    """Whether this is a numeric account id or can be a handle, without "@"."""
    return bool(_ID.fullmatch(name) or _NAME.fullmatch(name))


def queries(tags: Sequence[str], official: Sequence[str], *, reposts: bool, filters: str) -> tuple[str, ...]:
    """As few searches as hold everything, each short enough; always the same for the same settings.

    Args:
        tags: Hashtags without "#".
        official: Account ids or handles without "@".
        reposts: Whether retweets are read, and paid for.
        filters: Further operators that every post must match ("lang:en"); "" for none.

    Raises:
        ValueError: One part alone is too long.
    """
    end = "".join(f" {part}" for part in (filters.strip(), "" if reposts else "-is:retweet") if part)
    parts = dict.fromkeys([*(f"#{tag}" for tag in tags), *(f"from:{name}" for name in official)])
    made: list[str] = []
    line = ""
    for part in parts:
        longer = f"{line} OR {part}" if line else part
        if line and len(f"({longer}){end}") > LONGEST_QUERY:
            made.append(f"({line}){end}")
            longer = part
        if len(f"({longer}){end}") > LONGEST_QUERY:
            raise ValueError(f"{part!r} makes a search longer than {LONGEST_QUERY} characters: shorten it or `filters`")
        line = longer
    if line:
        made.append(f"({line}){end}")
    return tuple(made)
