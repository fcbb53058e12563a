"""Templates for what we say ourselves."""

import pytest

from bot.core.errors import MilepostError
from bot.core.wording import check, render


def test_render_fills_in_and_escapes_nothing() -> None:
    assert render("{{ name }} & co <b>: {{ '%.1f' % km }} km", {"name": "Ana", "km": 42.195}) == "Ana & co <b>: 42.2 km"


def test_values_are_text_and_never_templates() -> None:
    assert render("{{ name }}", {"name": "{{ secret }}"}) == "{{ secret }}"


@pytest.mark.parametrize(
    ("template", "part"),
    [
        ("{{ nmae }}", "known names (name, rows)"),
        ("{{ name.first }}", "first"),
        ("{{ name", "line 1"),
        ("ok\n{% if %}", "line 2"),
        ("{{ 1 / 0 }}", "division"),
        ("{{ name + 1 }}", "correct the template"),
        ("{{ name.__class__.__mro__ }}", "may only read"),
        ("{{ rows.append(1) }}", "may only read"),
        ("{{ name.format_map }}{{ '{0.__class__}'.format(name) }}", "may only read"),
        ("{% include 'x' %}", "correct the template"),
        ("{{ range(999999999)|list }}", "correct the template"),
    ],
)
def test_mistakes_are_told(template: str, part: str) -> None:
    rows = [1]
    with pytest.raises(MilepostError) as caught:
        render(template, {"name": "Ana", "rows": rows})
    assert part in str(caught.value)
    assert str(caught.value).startswith("wording ")
    assert rows == [1]


def test_check_names_what_nobody_gives() -> None:
    assert check("{{ b }} {{ a.x }} {{ c }} {% set d = 1 %}{{ d }}", {"c"}) == ["a", "b"]
    assert check("{{ c }}", ["c"]) == []
    assert check("no names", ()) == []


def test_check_finds_what_is_malformed() -> None:
    with pytest.raises(MilepostError, match="line 3"):
        check("a\nb\n{{ c", ())
