"""Making an update of a post: complete and unaltered, with its credit."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import msgspec

from bot.core.desk import Desk
from bot.core.model import Post, Tone, Update, UpdateKind, UpdateState
from bot.core.rules.contacts import redacted
from bot.core.text.titles import below


def compose(
    post: Post,
    desk: Desk,
    strand: str,
    at: datetime,
    *,
    post_id: int,
    also: int = 0,
    redact: Collection[str] = (),
    tags: Collection[str] = (),
) -> Update:
    """Make an update of a post: complete and unaltered, with its credit.

    Args:
        strand: Where it goes; "" for none.
        at: When it is told.
        post_id: Internal number of the post.
        also: How many other posts tell the same.
        redact: What rules black out ("phone", "email"): in what is told, never in what is stored. Of a platform whose posts may not
            be altered, such a post is told without its words: only who said something, and the link.
        tags: What rules say that it is.

    Returns:
        With what the rights of this very post allow; without its words where they may not stand on the page.
    """
    official = desk.official(post) is not None
    text = post.text
    if not post.entities:  # else they would point at other words
        text = below(post.title, text)
    tone = desk.strand(strand).tone if strand else Tone.LIGHT
    if official and tone is Tone.LIGHT:  # quiet mode stops what is light, never what officials say
        tone = Tone.NEWS
    credit, whole = desk.credit(post), text
    text, title, media, entities = redacted(text, redact), redacted(post.title, redact), post.media, post.entities
    if redact:  # also where it hides: in a link's target, in a name, in what a picture is said to show
        entities = tuple(entity for entity in entities if redacted(entity.target, redact) == entity.target)
        media = tuple(msgspec.structs.replace(one, alt=redacted(one.alt, redact)) for one in media)
        credit = replace(credit, name=redacted(credit.name, redact), own_name=redacted(credit.own_name, redact))
    may = desk.rights(post)
    is_altered = (text, title, media) != (whole, post.title, post.media)
    if not may.full_text or (is_altered and not may.altered):
        text, title, media, entities = "", "", (), ()  # whole or not at all: the link leads there
    return Update(
        id=0,
        slug="",
        kind=UpdateKind.POST,
        state=UpdateState.LIVE,
        at=at,
        text=text,
        strand=strand,
        title=title,
        credit=credit,
        url=post.url,
        lang=post.lang,
        media=media,
        entities=entities,
        is_official=official,
        also=also,
        post_id=post_id,
        tone=tone,
        tags=tuple(tags),
        posted_at=post.created_at,
        in_feeds=may.feeds,
        is_quotable=may.quote,
    )
