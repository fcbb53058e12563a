"""Reads the part of YAML in which twitter-text writes its cases: groups of maps, quoted strings, lists in brackets."""

import json
import re
from pathlib import Path

Case = dict[str, object]

_WIDE = re.compile(r"\\U([0-9A-Fa-f]{8})")
_SCALAR = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|-?\d+|true|false|[^\s,\[\]{}"\'][^,\[\]]*', re.DOTALL)


def read_cases(path: Path) -> dict[str, list[Case]]:
    """Every group of a file with its cases in order; what the file says in another way raises."""
    groups: dict[str, list[Case]] = {}
    case: Case = {}
    key = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = line.strip()
        indent = len(line) - len(line.lstrip(" "))
        if not text or text.startswith("#") or text in {"---", "tests:"}:
            continue
        opens = text.startswith("- description:")
        if indent == 2 and text.endswith(":") and not opens:
            groups[text[:-1]] = []
        elif opens:
            case = {"description": _value(text.partition(":")[2].strip())}
            list(groups.values())[-1].append(case)
            inner = indent + 2
        elif indent == inner and re.match(r"[a-z_]+:", text):
            key, _, rest = text.partition(":")
            case[key] = _value(rest.strip()) if rest.strip() else None
        elif text.startswith("- "):
            items = case[key] = case[key] or []
            assert isinstance(items, list)
            items.append(_member(text[2:]))
        elif match := re.match(r"([A-Za-z_]+): (.+)", text):
            target = case[key] or {}
            if isinstance(target, list):
                target[-1][match[1]] = _value(match[2])
            else:
                assert isinstance(target, dict)
                target[match[1]] = _value(match[2])
                case[key] = target
        else:
            raise AssertionError(f"{path.name}:{number}: not understood: {line}")
    return groups


def _member(text: str) -> object:
    match = re.match(r"([a-z_]+): (.+)", text)
    return {match[1]: _value(match[2])} if match else _value(text)


def _value(text: str) -> object:
    if text.startswith("["):
        return [_value(item) for item in _SCALAR.findall(text[1:-1])]
    if text.startswith('"'):
        return json.loads(_WIDE.sub(lambda found: _pairs(int(found[1], 16)), text), strict=False)
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return {"true": True, "false": False}.get(text, text)


def _pairs(code: int) -> str:
    return json.dumps(chr(code))[1:-1]
