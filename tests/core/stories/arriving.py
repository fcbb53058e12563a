"""Posts on their way to an index, as collect and curate bring them."""

from collections.abc import Sequence

from bot.core.idents import ident
from bot.core.model import Post
from bot.core.stories.index import Arrived, StoryIndex
from bot.core.stories.match import Match
from bot.core.stories.signature import sign


def arrived(posts: Sequence[Post], start: int = 1) -> list[Arrived]:
    """These posts with the numbers from `start` on."""
    return [
        Arrived(
            number,
            ident(post.platform, post.author.id),
            signature,
            post.seen_at,
            f"{post.platform}:{post.repost_of}" if post.repost_of else "",
        )
        for number, (post, signature) in enumerate(zip(posts, sign(posts), strict=True), start)
    ]


def match_one(index: StoryIndex, number: int, post: Post) -> Match:
    """The story of one post that comes alone."""
    (found,) = index.match(arrived([post], number))
    return found


def load(index: StoryIndex, stories: Sequence[int], posts: Sequence[Post], start: int = 1) -> StoryIndex:
    """Keep posts of known stories, as after a start."""
    came = arrived(posts, start)
    if came:
        index.load(
            [one.id for one in came],
            stories,
            [one.author_id for one in came],
            [one.signature for one in came],
            posts[-1].seen_at,
        )
    return index
