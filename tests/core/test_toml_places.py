"""Places in TOML: every key and value of a valid document has one, and what stands there is it."""

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.toml_places import Path as TomlPath
from bot.core.toml_places import Place, Spot, places

ROOT = Path(__file__).resolve().parents[2]


def paths(value: object, at: TomlPath = ()) -> Iterator[tuple[TomlPath, object]]:
    """Everything that a parsed document holds, by its path."""
    inner: Iterator[tuple[str | int, Any]] = iter(())
    if isinstance(value, dict):
        inner = iter(value.items())
    elif isinstance(value, list):
        inner = iter(enumerate(value))
    for key, one in inner:
        yield (*at, key), one
        yield from paths(one, (*at, key))


def stretch(text: str, place: Place) -> str:
    """What stands at a place."""
    line = text.split("\n")[place.line - 1].removesuffix("\r")
    assert place.column >= 1
    assert place.length >= 1
    return line[place.column - 1 : place.column - 1 + place.length]


def check(text: str) -> None:
    """Every part of the document has a place, no other has, and what stands at a one-line value is that value."""
    document = tomllib.loads(text)
    found = places(text)
    known = dict(paths(document))
    assert set(found) == set(known)
    for path, value in known.items():
        spot = found[path]
        key, said = stretch(text, spot.key), stretch(text, spot.value)
        assert len(said) == spot.value.length or not said, (path, "the stretch ends within its line")
        if isinstance(value, dict | list):
            continue
        if "\n" not in str(value) and not said.startswith(('"""', "'''")):
            assert tomllib.loads(f"v = {said}")["v"] == value, path
        if isinstance(path[-1], str):
            assert tomllib.loads(f"{key} = 0") == {path[-1]: 0}, path
        else:
            assert spot.key == spot.value


EXAMPLE = """\
# London
name = "Marathon"   # a day
start . "the time" = 2016-04-24 09:00:00Z

[event."zone a"]
zone = 'Europe/London'
sizes = [ 1,
   22, # two
  [3, { a = "x]", 'b' = [] }],
]
[[source]]
kind = \"\"\"
a = 1
# no "comment"
\\\"\"\" end\"\"\"\"
[[source]]
kind = "second"
  [source.own]
  file.name = "é = \\"quoted\\""
"""


def test_the_example_by_hand() -> None:
    found = places(EXAMPLE)
    assert found["name",] == Spot(Place(2, 1, 4), Place(2, 8, 10))
    assert found["start", "the time"] == Spot(Place(3, 9, 10), Place(3, 22, 20))
    assert found["start",].value == Place(3, 1, 5)
    assert found["event",].value == found["event", "zone a"].value == Place(5, 1, 16)
    assert found["event", "zone a", "zone"] == Spot(Place(6, 1, 4), Place(6, 8, 15))
    assert found["event", "zone a", "sizes"] == Spot(Place(7, 1, 5), Place(7, 9, 4))
    assert found["event", "zone a", "sizes", 1].value == Place(8, 4, 2)
    assert found["event", "zone a", "sizes", 2, 1, "a"] == Spot(Place(9, 9, 1), Place(9, 13, 4))
    assert found["event", "zone a", "sizes", 2, 1, "b"].value == Place(9, 25, 2)
    assert found["source",].value == found["source", 0].value == Place(11, 1, 10)
    assert found["source", 0, "kind"] == Spot(Place(12, 1, 4), Place(12, 8, 3))
    assert found["source", 1].value == Place(16, 1, 10)
    assert found["source", 1, "kind"].value == Place(17, 8, 8)
    assert found["source", 1, "own"].key == Place(18, 3, 12)
    assert found["source", 1, "own", "file", "name"] == Spot(Place(19, 8, 4), Place(19, 15, 16))
    check(EXAMPLE)


@pytest.mark.parametrize("text", ["", "\n\n", "# only words", "# words\r\n\r\n", " \t"])
def test_an_empty_document_has_no_places(text: str) -> None:
    assert places(text) == {}


@pytest.mark.parametrize(
    "text",
    [
        'a = ""',
        "a = ''",
        'a = """"""',
        "a = ''''''",
        "a = '''it's'''''",
        'a = """two quotes at the end"""""',
        "a = [\"\"\" ] \"\"\", ''' } ''']",
        'a = "\\\\"',
        "a = '\\'",
        'a = "#" # ]',
        '"" = 1',
        '"\\u00e9\\t" = 1\n[x."\\U0001F3C3"]',
        "'a.b'.c = 1",
        "a.b.c = 1\na.b.d = 2",
        "a.a.a = 1",
        "a = 1979-05-27 07:32:00 # with a blank",
        "a = 07:32:00.5\nb = -inf\nc = 0xdead_beef\nd = +1e3",
        "a = {}",
        "a = { b.c = 1, b.d = 2 }",
        "a = [[], [[]], {}]",
        "a = [ # one\n 1, # two\n\n 2 # three\n , ]",
        "[a]\n[a.b]\n[a.b.c]",
        "[a.b.c]\n[a]\nx = 1",
        "[[a]]\n[[a.b]]\n[[a.b]]\nx = 1\n[[a]]\n[[a.b]]\nx = 2\n[a.c]\ny = 3",
        "[[a]]\n[a.b.c]\nx = 1\n[[a]]\n[a.b.c]\nx = 2",
        "[ a . 'b' ]\nx=1",
        "a=1\r\nb = [\r\n 1,\r\n]\r\n[c]\r\nd = '''\r\nx'''\r\n",
        "a = true#no blank\nb=[1,2]#none",
        "1 = 1\n-_- = 2\n3.14 = 3",
        "\ta\t=\t1\t",
    ],
)
def test_every_form_of_the_language_has_its_places(text: str) -> None:
    check(text)


@pytest.mark.parametrize(
    "path",
    [*sorted((ROOT / "rules").glob("*.toml")), ROOT / "config.example.toml", ROOT / "pyproject.toml"],
    ids=lambda path: path.name,
)
def test_every_file_of_ours_has_its_places(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    check(text)
    assert bool(places(text)) == bool(tomllib.loads(text))  # the plan that ships is all comments


_blank = st.sampled_from(["", " ", "  ", "\t"])
_break = st.sampled_from(["", " ", "\n", "\n  ", " # a comment ]}\"'\n", "\r\n\t"])
_bare = st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True)
_plain = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=8)


def _basic(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


_literal = _plain.map(lambda text: "'" + text.replace("'", "") + "'")
_multi = st.tuples(_plain, _plain).map(
    lambda two: '"""' + "\n".join(two).replace("\\", "\\\\").replace('"""', "").rstrip('"') + '"""'
)
_scalars = st.one_of(
    _plain.map(_basic),
    _literal,
    _multi,
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["true", "false", "1.5", "-inf", "0xff", "2016-04-24", "07:32:00", "2016-04-24 09:00:00Z"]),
)


def _array(parts: tuple[list[str], list[str], bool]) -> str:
    values, breaks, comma = parts
    gaps = iter(breaks)
    inner = ",".join(f"{next(gaps, '')}{value}{next(gaps, '')}" for value in values)
    return f"[{inner}{',' if comma and values else ''}{next(gaps, '')}]"


def _table(values: list[tuple[str, str, str]]) -> str:
    return (
        "{"
        + ",".join(f"{gap}{_basic(f'{key}{at}')}{gap}={gap}{value}{gap}" for at, (key, value, gap) in enumerate(values))
        + "}"
    )


_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.tuples(st.lists(inner, max_size=3), st.lists(_break, max_size=7), st.booleans()).map(_array),
        st.lists(st.tuples(_plain, inner.filter(lambda text: "\n" not in text), _blank), max_size=3).map(_table),
    ),
    max_leaves=6,
)
_keys = st.one_of(_bare, _plain.map(_basic), _literal)
_pairs = st.tuples(st.lists(_keys, min_size=1, max_size=2), _blank, _values)
_blocks = st.lists(
    st.tuples(st.booleans(), st.lists(_keys, max_size=2), st.lists(_pairs, max_size=3), _blank), max_size=4
)


@given(_blocks, st.sampled_from(["\n", "\r\n", "  # so\n"]))
def test_every_part_of_any_document_has_its_place_and_what_stands_there_is_it(
    blocks: list[tuple[bool, list[str], list[tuple[list[str], str, str]], str]], end: str
) -> None:
    lines = []
    for number, (many, name, pairs, gap) in enumerate(blocks):
        dotted = f"{gap}.{gap}".join([f"t{number}" if not many else "many", *([] if many else name)])
        lines.append(f"{gap}[[{dotted}]]" if many else f"{gap}[{gap}{dotted}{gap}]")
        # a number makes every first key its own: the same key twice is no TOML
        lines.extend(
            f"{gap}k{at}{gap}.{gap}{f'{gap}.{gap}'.join(keys)}{gap}={gap}{value}"
            for at, (keys, gap, value) in enumerate(pairs)
        )
    check("".join(f"{line}{end}" for line in lines))


@given(
    st.lists(st.tuples(_bare, st.integers(0, 999)), unique_by=lambda pair: pair[0], min_size=1, max_size=6),
    st.integers(0, 5),
)
def test_lines_put_before_move_every_place_down_by_as_many(pairs: list[tuple[str, int]], lines: int) -> None:
    text = "".join(f"{key} = {number}\n" for key, number in pairs)
    before, after = places(text), places("\n" * lines + text)
    for path, spot in before.items():
        assert after[path].key == Place(spot.key.line + lines, spot.key.column, spot.key.length)
        assert after[path].value == Place(spot.value.line + lines, spot.value.column, spot.value.length)


def test_a_time_is_one_value_although_it_has_a_blank() -> None:
    text = "a = 2016-04-24 09:00:00Z  # start"
    assert tomllib.loads(text)["a"] == datetime(2016, 4, 24, 9, tzinfo=UTC)
    assert stretch(text, places(text)["a",].value) == "2016-04-24 09:00:00Z"
