"""Columns of values that are worked on as a whole: what many cells have in common is done once."""

from collections.abc import Callable, Sequence
from typing import Any

_TELLING = frozenset({str, int, tuple, type(None)})  # what is equal is the same


def mapped(function: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
    """Return what a function makes of each value; it is asked once for equal ones where many are equal."""
    if _TELLING.issuperset(map(type, values)) and len(distinct := set(values)) * 2 < len(values):
        known = {value: function(value) for value in distinct}
        return list(map(known.__getitem__, values))
    return list(map(function, values))
