"""How the tables came to be: alembic migrations, one file for each change, tested on both databases.

A migration is named `NNNN_what.py`, never edited after a release, and written in full: it does not read `schema`. To make
one: change `schema`, add the next file, run `tests/store` (it compares the migrated database with `schema`).
"""
