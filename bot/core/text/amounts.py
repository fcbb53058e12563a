"""Numbers with the things they count."""


def several(count: int, thing: str, things: str = "") -> str:
    """As in "1 post" and "2,000 posts".

    Args:
        thing: One of them.
        things: More of them; with an "s" where this is "".
    """
    return f"{count:,} {thing if count == 1 else things or thing + 's'}"
