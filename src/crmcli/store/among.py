"""The condition that picks rows by many numbers: it is one for a stretch of them, as a bulk load gives them."""

from collections.abc import Sequence
from typing import Any


def among(column: str, ids: Sequence[int]) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL that picks the rows whose column holds one of some numbers, all different, and what it binds."""
    first, last = min(ids), max(ids)
    if last - first + 1 == len(ids):
        return f"{column} BETWEEN ? AND ?", (first, last)
    from json import dumps  # a stretch does without

    return f"{column} IN (SELECT value FROM json_each(?))", (dumps(list(ids)),)
