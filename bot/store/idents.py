"""Short names for posts and accounts, so that no index holds long texts."""

from xxhash import xxh3_64_hexdigest, xxh3_64_intdigest

_HEAD_CHARS = 8


def ident(platform: str, native_id: str) -> str:
    """A short text that stands for a post, all its versions included.

    It begins with the beginning of the id's last part: where a platform's ids grow with time (Bluesky's record keys, the
    numbers of X and Mastodon), posts of one time then lie side by side in an index, and a batch writes few of its pages.
    """
    head = native_id.rpartition("/")[2][:_HEAD_CHARS]
    if not (head.isascii() and head.isalnum()):
        head = ""
    return head + xxh3_64_hexdigest(f"{platform}\0{native_id}".encode("utf-8", "surrogatepass"))


def author_ident(platform: str, native_id: str) -> int:
    """64 bits that stand for an account; signed, as databases want them."""
    number = xxh3_64_intdigest(f"{platform}\0{native_id}".encode("utf-8", "surrogatepass"))
    return number - (1 << 64) if number >= 1 << 63 else number
