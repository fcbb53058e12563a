"""X, in both directions. Off unless an operator switches it on: every call costs money.

`source.XSource` reads: recent search for hashtags and official accounts, walked page by page, the cursor moved only at the end.
`account.XAccount` writes: what it is about to post is remembered first, so that a lost answer is looked up by its words.

Below them: `query` words the searches, `cursor` keeps their places, `mapping` turns answers into posts (`entities` knows X's
offsets), `asking` asks in the spelling that X takes, `watch` looks again at young and at published posts, `own` words what we post ourselves,
`timeline` finds it again, `stills` and `pictures` see to pictures out and in, `settings` holds what both blocks share;
`door` carries every call and names its failure after what the caller does next (`refusals` tells X's kinds apart), `wire` is
tweepy's client with our time-outs and address, `ledger` counts what it costs. May import `core` only.

Only this room knows tweepy, which is imported when the first call is made.

To read something new from a post: a line in `mapping`, its field in `query`, and a real post that has it in the tests.
"""
