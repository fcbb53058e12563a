"""Numbers in the text format of Prometheus.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

import math
from collections.abc import Sequence

from bot.core.status import Metric


def exposition(metrics: Sequence[Metric]) -> str:
    """One HELP and one TYPE for each name, then its numbers; names in the order of the alphabet."""
    lines = []
    told = ""
    for metric in sorted(metrics, key=lambda metric: metric.name):
        if metric.name != told:
            told = metric.name
            lines += [f"# HELP {told} {_escaped(metric.about)}", f"# TYPE {told} gauge"]
        labels = ",".join(f'{name}="{_quoted(value)}"' for name, value in metric.labels.items())
        value = "+Inf" if metric.value == math.inf else f"{float(metric.value):.15g}"
        lines.append(f"{told}{{{labels}}} {value}" if labels else f"{told} {value}")
    return "\n".join(lines)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
