"""Stock phrases: few words that many people say ("Good luck everyone!") and that are told once, with a count."""

from bot.core.model import Post
from bot.core.text.normal import normalise


def is_bare(post: Post) -> bool:
    """Whether a post is nothing but its words: no picture, no link, nothing that it quotes, answers or repeats."""
    return not (post.media or post.links or post.quote_of or post.reply_to or post.repost_of)


def phrase(post: Post, text_alone_chars: int) -> str:
    """The few words of a post as they are compared; "" for one that says more, or that is more than words.

    Args:
        post: Any post.
        text_alone_chars: From here on equal words of different people are one story; below, they are a stock phrase.
    """
    if not is_bare(post):
        return ""
    words = normalise(post.text or post.title)
    return words if len(words) < text_alone_chars else ""
