"""config.toml + environment + secret files -> frozen settings.

`settings` says what can be set, `load` reads it and names every mistake by file, line and column at once, `secrets` finds
secrets. May import `core` only: the settings models of the platforms are handed in by `app`, so that an unknown key is
found inside a platform's block, too. Nobody can start with a half-valid configuration.

To add a setting: one field in `settings`, a line in `config.example.toml` and in `docs/configuration.md`;
`tests/config/test_example.py` holds the three together.
"""
