"""Columns of values that are worked on as a whole: what many cells have in common is done once."""

from collections.abc import Callable, Sequence
from typing import Any

_TELLING = frozenset({str, int, tuple, type(None)})  # what is equal is the same


def mapped(function: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    """Return what a function makes of each value; it is asked once for the same ones where many are the same.

    What it makes then stands in many places, and must not be changed in any of them.
    """
    marks = values if _TELLING.issuperset(map(type, values)) else list(map(id, values))
    distinct = dict(zip(marks, values, strict=True))
    if len(distinct) * 2 > len(values):
        return list(map(function, values))
    known = {mark: function(value) for mark, value in distinct.items()}
    return list(map(known.__getitem__, marks))
