"""Comparisons of one value that cannot all hold: `likes > 5` beside `likes < 3`."""

import math
from collections.abc import Hashable
from datetime import datetime, timedelta

from bot.core.rules.shape import OPPOSITE, shape
from bot.core.rules.tree import CompareNode, ConstantNode, Node, NotNode
from bot.core.rules.values import Kind

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_Edge = tuple[int | datetime | timedelta, int]  # a value, and how far the edge lies beside it: -1, 0 or 1


class Ranges:
    """What is left of each value after the comparisons that were seen."""

    def __init__(self) -> None:
        self._lowest: dict[Hashable, _Edge] = {}
        self._highest: dict[Hashable, _Edge] = {}

    def leaves_nothing(self, piece: Node) -> bool:
        """See a further piece that must hold; tells whether no value can satisfy it and those before it.

        Args:
            piece: Any condition; what is no comparison of a number, duration or time with a written one changes nothing.
        """
        read = _read(piece)
        if read is None:
            return False
        key, low, high = read
        if low is not None:
            self._lowest[key] = max(self._lowest.get(key, low), low)
        if high is not None:
            self._highest[key] = min(self._highest.get(key, high), high)
        return key in self._lowest and key in self._highest and self._lowest[key] > self._highest[key]


def _read(piece: Node) -> tuple[Hashable, _Edge | None, _Edge | None] | None:
    turned = isinstance(piece, NotNode)
    node = piece.inner if isinstance(piece, NotNode) else piece
    if not isinstance(node, CompareNode):
        return None
    operator, asked, constant = node.operator, node.left, node.right
    if isinstance(asked, ConstantNode):
        operator, asked, constant = _MIRRORED[operator], constant, asked
    if not isinstance(constant, ConstantNode) or constant.kind not in {Kind.NUMBER, Kind.DURATION, Kind.TIME}:
        return None
    edges = _edges(OPPOSITE[operator] if turned else operator, constant.value)
    return None if edges is None else (shape(asked), *edges)


def _edges(operator: str, value: object) -> tuple[_Edge | None, _Edge | None] | None:
    if isinstance(value, int | float):
        below, above = (math.floor(value), 0), (math.ceil(value), 0)  # all our numbers are whole
        more, less = (math.floor(value) + 1, 0), (math.ceil(value) - 1, 0)
        return {
            "<": (None, less),
            "<=": (None, below),
            ">": (more, None),
            ">=": (above, None),
            "==": (above, below),
        }.get(operator)
    if isinstance(value, datetime | timedelta):
        at: _Edge = (value, 0)
        return {
            "<": (None, (value, -1)),
            "<=": (None, at),
            ">": ((value, 1), None),
            ">=": (at, None),
            "==": (at, at),
        }.get(operator)
    return None
