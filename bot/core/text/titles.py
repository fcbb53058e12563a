"""A title and the text that begins with it: feeds often say the same words in both."""

import regex

# What ends a title within a text: a new line, a full stop or colon before a blank, a dash that stands for itself. Not "?"
# and "!", which would be lost; not the "-" of a word or the "." of a number.
_BREAK = regex.compile(r"\s*\n\s*|[.:…]+\s+|\s*—\s*|\s+[-–]+\s+")
_ENDS = (".", "!", "?", "…", ":", "。", "！", "？")


def begins_with(text: str, title: str) -> bool:
    """Whether a text begins with these very words, so that nobody needs to hear them first."""
    rest = text[len(title) :]
    return bool(title) and text.startswith(title) and not (title[-1].isalnum() and rest[:1].isalnum())


def below(title: str, text: str) -> str:
    """What is left to say below a title: never a sentence without its beginning.

    Returns:
        The text without its title where a break follows that title there, "" where nothing follows; else the whole text.
    """
    if not begins_with(text, title):
        return text
    rest = text[len(title) :]
    if not rest.strip(" .:…–—-\n"):
        return ""
    if found := _BREAK.match(rest):
        return rest[found.end() :]
    return rest.lstrip() if title.endswith(_ENDS) and rest[0].isspace() else text
