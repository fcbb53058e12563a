import re
import subprocess
import sys

import pytest

from bot.cli.main import main
from tests.cli.small_race import Desk

VERBS = [
    "init", "demo", "run", "rehearse", "migrate", "config", "config check", "config show", "rules", "rules check", "rules explain",
    "log", "explain", "people", "sources", "queue", "queue list", "queue approve", "queue reject", "post", "post write", "post list",
    "post edit", "post send", "pause", "resume", "quiet", "quiet on", "quiet off", "quiet status", "withdraw",
    "alarms", "alarms list", "alarms test", "alarms hush", "accounts", "accounts list", "accounts login", "accounts retry", "accounts mark", "status", "doctor",
    "consent", "consent record", "consent revoke", "consent show", "consent list", "optout", "optout add", "optout remove", "optout list",
    "clocks", "clocks list", "clocks move", "milestones", "milestones list", "milestones next", "milestones fire", "milestones skip",
    "milestones cards", "milestones correct", "milestones leave", "headlines", "headlines list", "headlines pin", "headlines unpin", "milestones test", "milestones move", "milestones check", "milestones calls",
    "stories", "stories list", "stories show", "stories split", "stories join",
]  # fmt: skip
HEAVY = ("sqlalchemy", "alembic", "pydantic", "atproto", "starlette", "uvicorn", "rich", "PIL", "structlog", "msgspec")


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import contextlib, io, sys\n"
        "from bot.cli.main import main\n"
        "with contextlib.redirect_stdout(io.StringIO()): assert main(['--help']) == 0\n"
        f"print(sorted({set(HEAVY)!r} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_without_arguments_help_is_printed(bare: Desk) -> None:
    assert bare.command().out == bare.command("--help").out
    assert "withdraw" in bare("-h").out


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*verb.split(), "--help"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith(f"Usage: milepost {verb}")
    assert not said.err
    described = said.out.split("\n\n")[1].strip()
    assert described.endswith((".", "]")), described


def test_root_help_names_every_verb_in_whole_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    commands = dict(re.findall(r"^  (\w+) {2,}(\S.*)$", shown.split("Commands:")[1], re.MULTILINE))
    assert set(commands) == {verb.split()[0] for verb in VERBS}
    assert not [text for text in commands.values() if text.endswith("...")]


def test_version(bare: Desk) -> None:
    assert re.fullmatch(r"milepost \d+\.\d+\.\d+\n", bare.command("--version").out)


@pytest.mark.parametrize(
    "typed", [["lgo"], ["log", "--verdict", "maybe"], ["log", "--limit", "0"], ["explain"], ["queue", "approve"]]
)
def test_what_cannot_be_typed_ends_with_2_and_says_so(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == 2
    said = capsys.readouterr()
    assert not said.out
    assert "Usage: milepost" in said.err


def test_shell_completion_is_there(bare: Desk) -> None:
    found = bare.command(_MILEPOST_COMPLETE="complete_bash", COMP_WORDS="milepost wi", COMP_CWORD="1")
    assert "withdraw" in found.out
