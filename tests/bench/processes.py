"""What is measured in a process of its own, so that memory and garbage are its own, too."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def in_a_process(module: str, *words: object) -> dict[str, float]:
    """Run `tests.bench.MODULE` with these words; gives what it prints last, as JSON.

    Raises:
        RuntimeError: It failed; with the end of what it said.
    """
    command = [sys.executable, "-m", f"tests.bench.{module}", *(str(word) for word in words)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{module} failed: {run.stderr[-2000:]}")
    found: dict[str, float] = json.loads(run.stdout.splitlines()[-1])
    return found
