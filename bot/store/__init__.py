"""The only place where steps meet: every fact that outlives a moment.

`database` is the one way in: `Database.begin()` gives a `Transaction`, and all functions of this room take one. `schema`
names the tables, `migrations/` how they came to be; the other modules are one for each kind of fact. May import `core`
only. SQLAlchemy Core, no ORM: rows in, records out. SQLite (WAL, `synchronous=FULL`) and PostgreSQL run the same code.

To add a kind of fact: a table in `schema`, a migration, one module here, tests that run on both databases.
"""
