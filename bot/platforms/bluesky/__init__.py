"""Bluesky, in both directions.

`source.BlueskySource` reads: Jetstream for what happens now, author feeds for what an official account said meanwhile.
`account.BlueskyAccount` writes: one record with a key of its own for each delivery, so that no try makes a second post.

Below them: `tail` follows Jetstream over reconnects, `jetstream` speaks its two wires, `mapping` turns records and post views
into posts, `profiles` remembers who wrote them, `session` stays signed in, `records` builds what we send, `xrpc` carries the calls, `names` knows the
syntax of ids. May import `core` only.

To read something new from a record: a field in `mapping`, and a real post that has it in the tests.
"""
