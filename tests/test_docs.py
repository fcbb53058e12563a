"""What can be used is documented, and what is documented can be used."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app.opening import load_config
from bot.app.rules.checking import check_rules
from bot.cli.ends import message_of
from bot.config.starter import write_starter
from bot.core.errors import ConfigError
from bot.platforms import registry
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))


def help_of(*words: str) -> str:
    command = [sys.executable, "-m", "bot", *words, "--help"]
    run = subprocess.run(
        command, cwd=ROOT, env={"COLUMNS": "200", "PATH": ""}, capture_output=True, text=True, check=True
    )
    return run.stdout


def verbs_in(text: str) -> list[str]:
    """Names under "Commands:"."""
    _, _, rest = text.partition("Commands:\n")
    return re.findall(r"^  ([a-z-]+)  ", rest, re.MULTILINE)


def test_readme_is_short_and_names_every_document() -> None:
    assert len(README.splitlines()) < 200
    for document in DOCUMENTS:
        assert str(document.relative_to(ROOT)) in README, document


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "README.md", *DOCUMENTS):
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_every_verb_is_in_the_commands_document_and_the_readme_uses_only_real_ones() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    verbs = verbs_in(help_of())
    assert {
        "init",
        "demo",
        "run",
        "migrate",
        "config",
        "rules",
        "log",
        "explain",
        "queue",
        "post",
        "pause",
        "resume",
    } <= set(verbs)
    assert {"quiet", "withdraw", "accounts", "status"} <= set(verbs)
    for verb in verbs:
        assert f"milepost {verb}" in commands, verb
    used = set(re.findall(r"^(?:\S*/)?milepost (?:-c \S+ )?([a-z]+)", README, re.MULTILINE))
    assert used <= set(verbs)


def test_every_verb_of_the_rules_is_in_the_commands_document() -> None:
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = commands.partition("## Rules\n")[2].partition("\n## ")[0]
    verbs = verbs_in(help_of("rules"))
    assert len(verbs) > 10
    for verb in verbs:
        assert re.search(rf"`(milepost rules )?{verb}[ `]", section), verb


def test_every_word_of_the_log_is_in_the_commands_document() -> None:
    from bot.app.look import WORDS  # noqa: PLC0415 - only this test needs it
    from bot.cli.lines import JUDGED  # noqa: PLC0415 - as above

    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for word in (*WORDS, *JUDGED.values()):
        assert f"`{word}`" in commands, word


def test_every_exit_code_is_in_the_commands_document() -> None:
    from bot.cli.ends import Exit  # noqa: PLC0415 - only this test needs it

    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    for code in Exit:
        assert re.search(rf"\|\s*`?{code.value}`?\s*\|", commands), code


@pytest.mark.parametrize("kind", sorted({*registry.source_kinds(), *registry.account_kinds()}))
def test_every_platform_has_a_document_and_a_block_in_the_example(kind: str) -> None:
    assert any(kind in path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "platforms").glob("*.md"))
    assert f'kind = "{kind}"' in (ROOT / "config.example.toml").read_text(encoding="utf-8")


def test_the_example_configuration_runs(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes((ROOT / "config.example.toml").read_bytes())
    loaded = load_config(tmp_path / "config.toml", {})
    assert loaded.settings.event.name
    assert loaded.warnings == ()


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """What `init` writes."""
    write_starter(tmp_path)
    return tmp_path


def test_the_sample_rule_of_the_readme_can_be_saved_beside_the_starter_rules(fresh: Path) -> None:
    (rule,) = re.findall(r"^```toml\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
    (name,) = re.findall(r"rules/[\w-]+\.toml", rule)
    (fresh / name).write_text(rule, encoding="utf-8")
    before = check_rules(ROOT / "rules", fresh / "config.toml", {})
    found = check_rules(None, fresh / "config.toml", {})
    assert (found.files, found.rules, found.warnings) == (before.files + 1, before.rules + 1, before.warnings)
    (place,) = set(re.findall(rf"{name}:(\d+)", README))
    assert rule.splitlines()[int(place) - 1] == "[[rule]]"


def test_rules_in_samples_of_the_log_are_there() -> None:
    """By their place: a rule that ships moves with every edit, so samples name the one that the README shows."""
    for document in (README, (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")):
        assert set(re.findall(r"\(rules/[\w-]+\.toml:\d+\)", document)) == {"(rules/60-ours.toml:2)"}


def test_the_sample_of_config_check_is_what_it_prints(fresh: Path) -> None:
    commands = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    sample = commands.partition("$ milepost config check\n")[2].partition("```")[0]
    config = fresh / "config.toml"
    lines = config.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[15] = lines[15].replace("Europe/London", "Europe/Londn")
    config.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(config, {})
    assert message_of(caught.value).replace(f"{fresh}/", "") + "\n" == sample


def test_the_project_speaks_of_itself_only() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    forbidden = re.compile(
        r"/work/(main|tools|shared)|pypi\.org|files\.pythonhosted|registry\.npmjs|deb\.debian\.org", re.IGNORECASE
    )
    for name in tracked:
        path = ROOT / name
        if not name or not path.is_file() or path.suffix in {".png", ".jpg"} or name == "tests/test_docs.py":
            continue
        found = forbidden.findall(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{name}: {found}"
