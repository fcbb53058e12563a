"""Mastodon, and what else speaks its API, in both directions.

`source.MastodonSource` reads: hashtags on several servers and the accounts we trust, by polling, and by a stream where a
token opens one. `account.MastodonAccount` writes: one status for each delivery, looked for before it is ever sent again.

Below them: `door` is one server, asked through Mastodon.py (`adapter`) over our own network (`wire`), with every failure named after
what the caller does next (`faults`); `instance` says what a server allows; `walk` reads a timeline without gaps, `cursor`
remembers where; `reader` makes posts of what comes and says what became of the rest (`timelines` which lists are read, `officials` whom we
trust, `known` which local id is which status, `watch` and `recheck` what was edited or is gone); `tail` follows streams;
`content` turns HTML into plain text and `mapping` a status into a post (`fields` reads what servers say); `pictures` fetches
pictures; `ledger` remembers what was tried and `standing` what came of it; `sign_in` opens the account (`credential` keeps
it), `uploads` brings pictures. May import `core` and `_http`.

Mastodon.py's own sleeping (`ratelimit_method`), streaming threads and version checks are not used: our scheduler waits, our
stream stops within a second, and what a server can do is seen from its answers. Its request helper, which is private, is
used where a public method would ask the server one thing more each time; its version is pinned for that.

To read something new from a status: a line in `mapping`, and a real status that has it in the tests.
"""
