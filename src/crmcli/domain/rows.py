"""Rows held column by column: what is told of many records is read, presented and written a column at a time.

A row is a dict by key, made where one is asked for. Which records the rows are of belongs to ``queries``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any, Self, overload

from crmcli.domain.columns import chained, placed


class Rows(Sequence[dict[str, Any]]):
    """Rows with the same keys; ``columns`` are the values by key, row by row, all of one length."""

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self._columns = columns
        self._size = len(next(iter(columns.values()), ()))

    def column(self, key: str) -> Sequence[Any]:
        """Return the values of a key, row by row; of one that the rows do not have each is None."""
        found = self._columns.get(key)
        return [None] * self._size if found is None else found

    def having(self, **columns: Sequence[Any]) -> "Rows":
        """Return the rows with further values, or with others in the place of theirs."""
        return Rows({**self._columns, **columns})

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of each row."""
        return tuple(self._columns)

    def at(self, places: Sequence[int]) -> "Rows":
        """Return the rows that stand at some places, in their order."""
        return Rows({key: placed(values, places) for key, values in self._columns.items()})

    def in_order_of(self, key: str, *, reverse: bool = False) -> "Rows":
        """Return the rows in the order of a column that has no blanks; what is alike stays in its order."""
        return self.at(sorted(range(self._size), key=self.column(key).__getitem__, reverse=reverse))

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return map(dict, map(zip, repeat(tuple(self._columns)), zip(*self._columns.values(), strict=True)))

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> Self: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | Self:
        if isinstance(place, slice):
            return type(self)({key: values[place] for key, values in self._columns.items()})
        return {key: values[place] for key, values in self._columns.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as other sequences of dicts


class Streamed(Iterator[dict[str, Any]]):
    """Rows that are read once, from first to last, in blocks or one by one."""

    def __init__(self, blocks: Iterator[Rows]) -> None:
        self.blocks = blocks
        self._rows = chain.from_iterable(blocks)

    def __next__(self) -> dict[str, Any]:
        return next(self._rows)


def joined(blocks: Iterable[Rows], keys: Iterable[str]) -> Rows:
    """Return blocks of rows with these keys as one."""
    known = list(blocks)
    return Rows({key: chained([rows.column(key) for rows in known]) for key in keys})


def in_blocks(rows: Iterable[Mapping[str, Any]], keys: Iterable[str], most: int) -> Iterator[Rows]:
    """Yield rows, some at a time, as far as they have these keys; ``most`` together where they come one by one."""
    if isinstance(rows, Streamed):
        yield from rows.blocks
        return
    if isinstance(rows, Rows):
        yield from (rows[start : start + most] for start in range(0, len(rows), most))
        return
    names, each = tuple(keys), iter(rows)
    while some := list(islice(each, most)):
        yield Rows({key: [row.get(key) for row in some] for key in names})
