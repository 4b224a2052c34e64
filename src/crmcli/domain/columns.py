"""Columns of values that are worked on as a whole: what many cells have in common is done once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress
from typing import Any, overload

_TELLING = frozenset({str, int, tuple, type(None)})  # what is equal is the same

Rows = list[dict[str, Any]]


class OneEach(Sequence[Rows]):
    """A column of lists of one row or none, as the e-mails of many people mostly are, whose rows are held by column.

    The first column is blank where there is no row, and the others hold nothing that counts there. It reads as the
    lists that it stands for; they are made when they are asked for.
    """

    __slots__ = ("is_full", "marks", "rows")

    def __init__(self, rows: Mapping[str, Sequence[Any]]) -> None:
        self.rows = rows
        self.marks: Sequence[Any] = next(iter(rows.values()))
        self.is_full = all(self.marks)

    def present(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return those of some values, one for each list, whose list has a row."""
        return values if self.is_full else list(compress(values, self.marks))

    def __len__(self) -> int:
        return len(self.marks)

    @overload
    def __getitem__(self, place: int) -> Rows: ...
    @overload
    def __getitem__(self, place: slice) -> "OneEach": ...
    def __getitem__(self, place: int | slice) -> "Rows | OneEach":
        if isinstance(place, slice):
            return OneEach({name: column[place] for name, column in self.rows.items()})
        return [{name: column[place] for name, column in self.rows.items()}] if self.marks[place] else []


class Later(Sequence[Any]):
    """A column of so many values that is made when it is first asked for, as few readers want all columns."""

    def __init__(self, size: int, make: Callable[[], Sequence[Any]]) -> None:
        self._size = size
        self._make = make

    @cached_property
    def _made(self) -> Sequence[Any]:
        return self._make()

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[Any]:
        return iter(self._made)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> "Later": ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return Later(len(range(self._size)[place]), lambda: self._made[place])
        return self._made[place]


def filled(column: Sequence[Any]) -> Sequence[Any]:
    """Return values that are true where those of a column are."""
    return column.marks if isinstance(column, OneEach) else column


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
