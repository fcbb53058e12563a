"""The rule engine: what the desk writes in `rules/`, checked, compiled, judged and explained.

May import: `core` and pure libraries for text (ahocorasick_rs, rurex) and for checking (pydantic). No I/O and no clock: files
come as text, time comes with the circumstances of a post.

A text becomes a rule set in this order: `reading` (TOML and its places) -> `language` (clauses: names, types) -> `program` (one
Python function for the whole set) -> `examples` (what each rule must catch and spare) -> `ruleset.load`. Then `judge` decides
and `explain` tells why, by the very same code.

To add a field, add a line to `fields.py` and its example value to `examples.py`; to add a function, add an entry to
`functions.py`. Both are then known to the checker, to the messages and to the guide.
"""
