"""Feeds that others publish: RSS, Atom and JSON Feed, read over plain HTTP.

`source` asks the host and keeps what HTTP needs (validators, waits); `reading` turns bytes into entries, in this process or in
a child that can be stopped; `xml` (feedparser) and `jsonfeed` know one format each; `entry` is what both give; `mapping` makes
posts of entries. Nobody but `source` touches the network.

May import `core` and `_http`. To add a format: a file with one function from bytes to `Channel`, and a line in `reading`.
"""
