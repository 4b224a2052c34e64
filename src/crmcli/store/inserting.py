"""Statements that store rows given by column. Many rows go into one statement, which takes less time than one for each.

What all rows have in common is bound once a statement. The text of a statement holds names and marks, never a value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Any

_AT_ONCE = 40  # rows of a statement; more of them gain nothing

Values = tuple[Any, ...]


def insertions(table: str, columns: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, Iterable[Values]]]:
    """Yield statements that store rows in their order, each with the values to run it with."""
    names = tuple(columns)
    count = len(columns[names[0]])
    rest = count % _AT_ONCE
    if rest < count:
        shared = {name: values[0] for name, values in columns.items() if values.count(values[0]) == count}
        own = [values for name, values in columns.items() if name not in shared]
        marks = _statement(table, names, frozenset(shared), _AT_ONCE)
        yield marks, _values(tuple(shared.values()), own, count // _AT_ONCE)
    if rest:
        last = zip(*[values[count - rest :] for values in columns.values()], strict=True)
        yield _statement(table, names, frozenset(), 1), last


def _values(shared: Values, own: Sequence[Sequence[Any]], times: int) -> Iterator[Values]:
    cells = chain.from_iterable(zip(*own, strict=True))
    for _ in range(times):
        yield (*shared, *islice(cells, len(own) * _AT_ONCE))


@lru_cache
def _statement(table: str, names: tuple[str, ...], shared: frozenset[str], rows: int) -> str:
    """Return the statement, whose first parameters are the ``shared`` columns and then come the others row by row."""
    bound = {name: number for number, name in enumerate([name for name in names if name in shared], start=1)}
    own = iter(range(len(bound) + 1, len(bound) + 1 + rows * (len(names) - len(bound))))
    each = [", ".join([f"?{bound[name] if name in bound else next(own)}" for name in names]) for _ in range(rows)]
    quoted = ", ".join(f'"{name}"' for name in names)
    return f"INSERT INTO {table} ({quoted}) VALUES {', '.join(f'({one})' for one in each)}"
