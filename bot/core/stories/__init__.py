"""Same story? Which posts tell the same thing, and which only look alike.

`words` reads what is compared of a text; `differing` lays two texts side by side and looks at what differs (`walk` steps over
what copies may differ in, `slips` knows mistyped words, `signs` scripts without spaces, `closed` the words that make a fact by
themselves); `signature` is what is kept beside a post; `index` is the window of posts that a new one is compared with; `match`
is what it answers.

A story is named by the first post of it. Pure: the index is a cache that the curator owns and the store can fill again.
May import the rest of core, numpy and rapidfuzz. A new reason to join two posts is one function here, with its evidence in tests/core/stories.
"""
