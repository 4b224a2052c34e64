"""Columns of values that are worked on as a whole: what many cells have in common is done once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, compress
from typing import Any, Self, TypeVar, overload

_TELLING = frozenset({str, int, tuple, type(None)})  # what is equal is the same

Rows = list[dict[str, Any]]
_Cell = TypeVar("_Cell")


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


class Keyed(Sequence[Any]):
    """A column of few different values: ``keys``, cell by cell, of the ``values`` that they stand for.

    It reads as the values, and is slow to be asked for single ones. See ``told``.
    """

    __slots__ = ("_known", "keys", "values")

    def __init__(self, keys: Sequence[Any], values: Mapping[Any, Any]) -> None:
        self.keys = keys
        self.values = values
        self._known: dict[Callable[..., Any], dict[Any, Any]] = {}

    def known(self, tell: Callable[[list[Any]], Iterable[Any]]) -> dict[Any, Any]:
        """Return what a function of columns makes of the values, by key."""
        if tell not in self._known:
            self._known[tell] = dict(zip(self.values, tell([*self.values.values()]), strict=True))
        return self._known[tell]

    def of(self, keys: Sequence[Any]) -> Self:
        """Return a column with these keys of the same values."""
        found = type(self)(keys, self.values)
        found._known = self._known
        return found

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.keys)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> Any:
        return self.of(self.keys[place]) if isinstance(place, slice) else self.values[self.keys[place]]


def told(tell: Callable[[Sequence[Any]], Sequence[_Cell]], column: Sequence[Any]) -> Sequence[_Cell]:
    """Return what a function makes of a column, each cell of its value; of few values it is asked once for each."""
    if isinstance(column, Keyed):
        return [*map(column.known(tell).__getitem__, column.keys)]
    return tell(column)


def chained(columns: Sequence[Sequence[Any]]) -> Sequence[Any]:
    """Return columns as one; those of few values stay so, and get other keys."""
    few = [column for column in columns if isinstance(column, Keyed)]
    if len(few) < len(columns):
        return [*chain.from_iterable(columns)]
    keys: list[int] = []
    values: list[Any] = []
    for column in few:
        places = dict(zip(column.values, range(len(values), len(values) + len(column.values)), strict=True))
        keys.extend(map(places.__getitem__, column.keys))
        values.extend(column.values.values())
    return Keyed(keys, dict(enumerate(values)))


def placed(column: Sequence[Any], places: Sequence[int]) -> Sequence[Any]:
    """Return those cells of a column that stand at some places, in their order."""
    if isinstance(column, Keyed):
        return column.of(placed(column.keys, places))
    if isinstance(column, Later):
        return Later(len(places), lambda: placed([*column], places))
    return [*map(column.__getitem__, places)]


def filled(column: Sequence[Any]) -> Sequence[Any]:
    """Return values that are true where those of a column are."""
    return column.marks if isinstance(column, OneEach) else column


def mapped(function: Callable[[Any], Any], values: Sequence[Any]) -> Sequence[Any]:
    """Return what a function makes of each value; it is asked once for the same ones where many are the same.

    What it makes then stands in many places, and must not be changed in any of them.
    """
    if isinstance(values, Keyed):
        return Keyed(values.keys, {key: function(value) for key, value in values.values.items()})
    marks = values if _TELLING.issuperset(map(type, values)) else list(map(id, values))
    distinct = dict(zip(marks, values, strict=True))
    if len(distinct) * 2 > len(values):
        return list(map(function, values))
    known = {mark: function(value) for mark, value in distinct.items()}
    return list(map(known.__getitem__, marks))
