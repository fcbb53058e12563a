"""How figures are printed."""

import sys


def say(line: str = "") -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def verdict(name: str, value: float, goal: float, *, at_least: bool, unit: str = "") -> str:
    """A figure beside its goal, and whether it is met."""
    met = value >= goal if at_least else value <= goal
    word = "met" if met else f"NOT MET, by {abs(value - goal) / goal:.0%}"
    return f"  {name:<58} {value:8.2f}{unit}  goal {'>=' if at_least else '<='} {goal}{unit}  {word}"
