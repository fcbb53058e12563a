"""The house keeps its own rules."""

import ast
import subprocess
import sys
from pathlib import Path

from bot.app.look import WORDS
from tests.conftest import ROOT

MODULES = sorted((ROOT / "bot").rglob("*.py"))


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]


def test_an_init_file_is_a_docstring() -> None:
    for path in MODULES:
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert len(body) == 1, path
            assert isinstance(body[0], ast.Expr), path


def test_every_import_is_an_arrow_and_only_the_hall_catches_everything() -> None:
    for path in MODULES:
        text = path.read_text(encoding="utf-8")
        assert "TYPE_CHECKING" not in text, path
        if path.relative_to(ROOT).as_posix() != "bot/app/hall.py":
            assert "    except Exception" not in text, path
            assert "    except BaseException" not in text or path.name == "curator.py", path


def test_importing_a_module_does_nothing() -> None:
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES]
    names = [name for name in names if "migrations" not in name and name != "bot.__main__"]
    program = (
        "import importlib, os, sys, threading\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        "assert threading.active_count() == 1, threading.enumerate()\n"
        "assert 'atproto' not in sys.modules and 'tweepy' not in sys.modules\n"
        "assert not [n for n in os.listdir('/proc/self/fd') if os.path.realpath('/proc/self/fd/' + n).startswith('socket')]\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]


def test_every_word_of_the_log_can_be_asked_for_and_is_documented() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    written: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Line") and len(node.args) > 2:
                words = [one.value for one in ast.walk(node.args[1]) if isinstance(one, ast.Constant)]
                written.update(word for word in words if isinstance(word, str))
    assert {"told", "differs", "headline"} <= written
    assert written <= set(WORDS)
    assert [word for word in sorted(written) if f"`{word}`" not in commands] == []
