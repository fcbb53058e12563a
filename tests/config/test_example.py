"""config.example.toml is complete, in step with the settings, and runs as it is; docs/configuration.md names all of it."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.app import outside
from bot.config.load import Loaded, Models, load
from bot.config.models import COMMON, block_model, fields_of, row_model
from bot.config.settings import Settings
from bot.config.show import show
from bot.config.words import as_text
from bot.core.errors import ConfigError, Mistake
from tests.config.stand_ins import MODELS

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "config.example.toml"
DOCS = ROOT / "docs" / "configuration.md"
COMMENTED = re.compile(r"^# (?=\[\[?[a-z]+\]\]?$|[a-z_]+ = )", re.MULTILINE)


@pytest.fixture(scope="module")
def models() -> Models:
    """The real platforms."""
    return outside.models()


def _uncommented() -> str:
    return COMMENTED.sub("", EXAMPLE.read_text(encoding="utf-8"))


def _written(block: str) -> list[dict[str, Any]]:
    rows = tomllib.loads(_uncommented()).get(block, {})
    return rows if isinstance(rows, list) else [rows]


def test_it_loads_as_it_is_without_an_account_and_without_a_key() -> None:
    found = load(EXAMPLE, models=MODELS, environ={})
    assert found.settings.event.name == "London Marathon 2016"
    assert found.settings.source == ()
    assert found.settings.account == ()
    assert found.warnings == ()
    assert found.settings.clock[0].start.isoformat() == "2016-04-24T10:00:00+01:00"
    assert [strand.id for strand in found.settings.strand] == [
        "getinspired",
        "official",
        "mens-race",
        "womens-race",
        "masses",
        "costume",
        "faces",
    ]


def test_every_core_setting_stands_in_it_and_nothing_else() -> None:
    assert set(tomllib.loads(_uncommented())) == set(Settings.model_fields)
    for block, field in Settings.model_fields.items():
        model = row_model(field.annotation) or block_model(field.annotation)
        assert model is not None
        keys = {key for row in _written(block) for key in row}
        assert set(fields_of(model)) <= keys, block
        if block not in COMMON:
            assert keys == set(fields_of(model)), block


def test_every_setting_of_a_platform_stands_in_its_block_and_nothing_else(models: Models) -> None:
    for block, kinds in (("source", models.sources), ("account", models.accounts), ("alarm", models.alarms)):
        written = {row["kind"]: set(row) - set(fields_of(COMMON[block])) for row in _written(block)}
        assert written == {kind: set(fields_of(model)) for kind, model in kinds.items()}


def test_with_every_comment_taken_away_it_still_loads(models: Models, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(_uncommented(), encoding="utf-8")
    found = load(path, models=models, environ={})
    assert {source.kind for source in found.settings.source} == set(models.sources)
    assert {account.kind for account in found.settings.account} == set(models.accounts)
    own = [line for line in show(found, models) if not line.is_secret and not line.origin.startswith("as ")]
    assert [line.path for line in own if line.path.startswith(("page.", "log.")) and line.origin == "default"] == []


def test_a_comment_shows_the_default() -> None:
    shown = {}
    block = ""
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if found := re.fullmatch(r"(?:# )?\[+([a-z]+)\]+", line):
            block = found[1]
        elif COMMENTED.match(line) and block in {
            "event",
            "page",
            "rules",
            "collect",
            "stories",
            "publish",
            "store",
            "log",
        }:
            key, value = next(iter(tomllib.loads(line.removeprefix("# ")).items()))
            shown[f"{block}.{key}"] = as_text(value)
    assert len(shown) > 20
    for path, text in shown.items():
        block, key = path.split(".")
        model = block_model(Settings.model_fields[block].annotation)
        assert model is not None
        assert as_text(model.model_fields[key].default) == text, path


def test_own_defaults_are_the_platforms_defaults(models: Models) -> None:
    for block, kinds in (("source", models.sources), ("account", models.accounts), ("alarm", models.alarms)):
        for row in _written(block):
            for key, field in fields_of(kinds[row["kind"]]).items():
                if not field.is_required() and key not in {"tags", "official"}:
                    default = field.get_default(call_default_factory=True)
                    assert row[key] == (list(default) if isinstance(default, tuple) else default), (row["kind"], key)


def test_lines_fit_a_terminal() -> None:
    assert max(len(line) for line in EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 120


def test_the_documentation_names_every_core_setting_with_its_default() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for block, field in Settings.model_fields.items():
        model = row_model(field.annotation) or block_model(field.annotation)
        assert model is not None
        heading = f"### `[[{block}]]`" if row_model(field.annotation) else f"### `[{block}]`"
        part = text.split(heading)[1].split("\n###")[0]
        rows = re.findall(r"^\| `(\w+)` \| (.*?) \| \S", part, re.MULTILINE)
        assert {key for key, _ in rows} == set(fields_of(model)), block
        for key, default in rows:
            expected = model.model_fields[key]
            if default.startswith("`") and not default.startswith(("`[c", "`http")):
                (value,) = tomllib.loads(f"x = {default.strip('`')}").values()
                assert as_text(value) == as_text(expected.default), (block, key)
            elif default == "needed":
                assert expected.is_required(), (block, key)


def _loaded_or_refused(path: Path, models: Models) -> tuple[Loaded | None, tuple[Mistake, ...]]:
    try:
        found = load(path, models=models, environ={})
    except ConfigError as error:
        return None, error.mistakes
    assert show(found, models)
    return found, ()


LINES = EXAMPLE.read_text(encoding="utf-8").splitlines()
SCRAPS = st.sampled_from(
    ["", '"', "'", '"""', "[", "]]", "{", "}", "=", "#", "\\", "\x00", "\x1b", "é", "\r", "9" * 30, "1979-05-27", "inf", "nan", "-1", "true", "[[source]]", "kind = 5", 'password = "hunter2"', "[[[", "a.b.c = 1", "0x1F", "\ud7ff"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_example_is_loaded_or_refused_and_never_fails_otherwise(
    data: st.DataObject,
    tmp_path_factory: pytest.TempPathFactory,
    models: Models,
) -> None:
    lines = [COMMENTED.sub("", line) if data.draw(st.booleans()) else line for line in LINES]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        cut = data.draw(st.integers(0, len(lines[at])))
        end = data.draw(st.integers(cut, len(lines[at])))
        lines[at] = lines[at][:cut] + data.draw(SCRAPS | st.text(max_size=8)) + lines[at][end:]
    path = tmp_path_factory.mktemp("mutated") / "config.toml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    found, mistakes = _loaded_or_refused(path, models)
    text = "\n".join(map(str, mistakes))
    assert bool(found) is not bool(mistakes)
    written = "\n".join(lines)
    if written.count("hunter2") == written.count('password = "hunter2"'):  # under a name that was cut it is no secret
        assert "hunter2" not in text + repr(found)
    assert "\x1b" not in text
    assert all(mistake.reason for mistake in mistakes)
    assert [mistake.line for mistake in mistakes] == sorted(mistake.line for mistake in mistakes)


VALUES = st.recursive(
    st.sampled_from(['""', '"x"', "1", "-1", "1e400", "nan", "true", "1979-05-27T07:32:00Z", "0001-01-01", "07:32:00", '"sqlite://"', '"30s"'])
    | st.integers().map(str)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr),
    lambda inner: st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]") | inner.map(lambda part: f"{{ name = {part} }}"),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_value_for_any_key_is_loaded_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    blocks = data.draw(st.lists(st.sampled_from(list(Settings.model_fields)), min_size=1, unique=True))
    text = ""
    for block in blocks:
        annotation = Settings.model_fields[block].annotation
        model = row_model(annotation) or block_model(annotation)
        assert model is not None
        many = row_model(annotation) is not None
        for _ in range(data.draw(st.integers(1, 2)) if many else 1):
            text += f"[[{block}]]\n" if many else f"[{block}]\n"
            for key in data.draw(st.lists(st.sampled_from([*fields_of(model), "odd"]), unique=True)):
                text += f"{key} = {data.draw(VALUES)}\n"
    path = tmp_path_factory.mktemp("any") / "config.toml"
    path.write_text(text, encoding="utf-8")
    found, mistakes = _loaded_or_refused(path, MODELS)
    assert bool(found) is not bool(mistakes)
