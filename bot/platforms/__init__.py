"""All that we read from or write to: one file (or folder) for each platform, both directions.

A platform has a class for each direction (`Source`, `Publisher` of `core.ports`), each with a nested pydantic model
`Settings`, and raises only the five `OutsideError`s. May import `core` and this room's plain HTTP; never another platform,
the store or a step: what one platform does strangely must not leak. SDKs are imported inside methods, for they are slow to
load and most runs need few of them.

To add a platform: one file here, one line in `registry`, a stand for its outside in `tests/platforms/stands` (the laws of all
platforms are held against it), a block in `config.example.toml`.
"""
