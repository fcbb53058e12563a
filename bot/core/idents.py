"""64-bit names for posts and accounts, so that no index holds long texts."""

from xxhash import xxh3_64_intdigest


def ident(platform: str, native_id: str) -> int:
    """64 bits that stand for a post (all its versions) or an account; signed, as databases want them."""
    number = xxh3_64_intdigest(f"{platform}\0{native_id}".encode("utf-8", "surrogatepass"))
    return number - (1 << 64) if number >= 1 << 63 else number
