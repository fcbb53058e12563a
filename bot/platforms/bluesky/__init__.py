"""Bluesky, in both directions.

`source.BlueskySource` reads: Jetstream for what happens now, author feeds for what an official account said meanwhile.
`account.BlueskyAccount` writes: one record with a key of its own for each delivery, so that no try makes a second post.

Below them: `tail` follows Jetstream over reconnects (`connection` reads it, `jetstream` speaks its two wires), `sieve` picks
what matches, `mapping` turns records (`lexicon`) into posts, `profiles` remembers who wrote them, `officials` whom we trust, `authorfeeds` fills
gaps; `session` stays signed in, `records` builds what we send; `xrpc` carries the calls, `names` knows the syntax of ids. May import `core` only.

The SDK (atproto) is not imported: it costs 1.25 s and 86 MB, drops a None that must be sent, and its stream client has other ideas of
progress. The tests hold us against it and against Bluesky's own server.

To read something new from a record: a field in `lexicon`, a line in `mapping`, and a real post that has it in the tests.
"""
