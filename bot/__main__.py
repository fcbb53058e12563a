"""`python -m bot` and `milepost`."""

import sys

from bot.cli.main import main as run_command


def main() -> int:
    """Run one command; gives the exit code."""
    return int(run_command())


if __name__ == "__main__":
    sys.exit(main())
