"""Rows read by column, where each cell means one plain value by itself: most rows of most files.

What equal cells say is read once. A row of which a cell says more, or cannot be read, is left to ``rows``.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from crmcli.domain.columns import mapped
from crmcli.formats.tabular import Row
from crmcli.importing.building import Building
from crmcli.importing.finish import Link, is_finished_alone, links
from crmcli.importing.rows import Draft, Plan, Prepared, ReadColumn, Reader, ReadRow, records, row_hashes
from crmcli.importing.targets import CONSENT_AT

_CACHED = 20_000  # cells of a column whose links are kept


class Sheet(NamedTuple):
    """New rows of one kind, by column.

    ``values`` by field key as in a ``Draft``, custom fields as ``custom.key``; None where a row does not tell one.
    Plain e-mails and phones are a ``OneEach``, with their normal form.
    ``links`` by reference field, empty where a row names none.
    """

    entity: str
    lines: list[int]
    hashes: list[str]
    values: dict[str, Sequence[Any]]
    links: dict[str, Sequence[tuple[Link, ...]]]


class Chunk:
    """Some rows of a file, one after the other."""

    def __init__(self, rows: list[Row], reader: "SheetReader") -> None:
        self._rows = rows
        self._reader = reader
        self.last_line = rows[-1].line

    def __len__(self) -> int:
        return len(self._rows)

    def read(self) -> list[ReadRow]:
        """Return what becomes of each row."""
        return list(map(self._reader.rows.read, self._rows))

    def sheet(self) -> tuple[Sheet, list[ReadRow]] | None:
        """Return the rows by column, and what becomes of those that cannot be read; None where some say more."""
        return self._reader.sheet(self._rows)


class Chunks:
    """The rows of a file below line ``after``, some at a time."""

    def __init__(self, prepared: Prepared, after: int = 0) -> None:
        self._rows = records(prepared, after)
        self._reader = SheetReader(prepared)

    def take(self, rows: int | None, most: int) -> Iterator[Chunk]:
        """Yield the next rows, so many or all of them, at ``most`` so many at a time."""
        left = rows
        while left is None or left > 0:
            found = list(islice(self._rows, most if left is None else min(left, most)))
            if not found:
                return
            left = None if left is None else left - len(found)
            yield Chunk(found, self._reader)


class _OddCell(Exception):
    """A cell says more than one plain value."""


class SheetReader:
    """Reads rows of one file by column; ``rows`` reads them one by one."""

    def __init__(self, prepared: Prepared) -> None:
        self.rows = Reader(prepared)
        self._columns = _columns(self.rows.plan) if self.rows.plan else None

    def sheet(self, rows: Sequence[Row]) -> tuple[Sheet, list[ReadRow]] | None:
        """Return rows by column, and what becomes of those that cannot be read; None where some say more."""
        if self._columns is None:
            return None
        try:
            return self._sheet(rows), []
        except (ValueError, _OddCell):
            return self._without_wrong(rows)

    def _without_wrong(self, rows: Sequence[Row]) -> tuple[Sheet, list[ReadRow]] | None:
        plain: list[Row] = []
        beside: list[ReadRow] = []
        for row in rows:
            if self._is_plain(row):
                plain.append(row)
                continue
            found = self.rows.read(row)
            if isinstance(found, Draft):
                return None
            beside.append(found)
        return (self._sheet(plain), beside) if plain else None

    def _is_plain(self, row: Row) -> bool:
        try:
            self._sheet([row])
        except (ValueError, _OddCell):
            return False
        return True

    def _sheet(self, rows: Sequence[Row]) -> Sheet:
        plan = self.rows.plan
        if plan is None or any(row.error for row in rows):
            raise _OddCell
        columns = list(zip(*[row.cells for row in rows], strict=True))
        values: dict[str, Sequence[Any]] = {}
        links: dict[str, Sequence[tuple[Link, ...]]] = {}
        for column in self._columns or ():
            found = column.read(columns[column.position])
            if column.is_link:
                links[column.key] = found
            else:
                values[column.name] = found
        return Sheet(plan.entity, [row.line for row in rows], row_hashes(plan, columns), values, links)


class _PlainColumn:
    """Reads the cells of a column one by one, each as if it stood alone in its row."""

    def __init__(self, entity: str, column: ReadColumn) -> None:
        target = column.column.target
        self.key = target.key
        self.name = f"custom.{target.key}" if target.label == "custom" else target.key
        self.position = column.column.position
        self.is_link = target.kind == "link"
        self._is_text = bool(column.plain)
        self._points = column.points
        self._entity = entity
        self._put = column.put
        self._alone = Building()
        self._links: dict[str, Any] = {}

    def read(self, cells: Sequence[str]) -> Sequence[Any]:
        """Return values or links of cells; ValueError or _OddCell when one cannot be read or says more."""
        trimmed = list(map(str.strip, cells))
        if self._points and (points := self._points(trimmed)):
            return points
        if self._is_text:
            return [cell or None for cell in trimmed]
        return self._named(trimmed) if self.is_link else mapped(self._read, trimmed)

    def _named(self, cells: Sequence[str]) -> list[Any]:
        """Return the links of cells; what equal ones say is shared, also from part to part of a file."""
        if len(self._links) > _CACHED:
            self._links.clear()
        for cell in set(cells).difference(self._links):
            self._links[cell] = self._read(cell)
        return list(map(self._links.__getitem__, cells))

    def _read(self, cell: str) -> Any:
        if not cell:
            return () if self.is_link else None
        alone = self._alone
        try:
            self._put(cell, alone)
            found = self._take(alone)
            if alone.is_filled():
                raise _OddCell
        except (ValueError, _OddCell):
            self._alone = Building()
            raise
        return found

    def _take(self, alone: Building) -> Any:
        if self.is_link:
            found = links(self._entity, alone).get(self.key, ())
            alone.keys.clear()
            return found
        return (alone.values if self.name == self.key else alone.custom).pop(self.key, None)


def _columns(plan: Plan) -> list[_PlainColumn] | None:
    """Return what reads the columns of a file; None where its rows are more than plain values."""
    numbered = any(one.column.number for one in plan.columns)  # and belong together
    if numbered or plan.constants or plan.needs or plan.erasable or not is_finished_alone(plan.entity):
        return None
    columns = [_PlainColumn(plan.entity, one) for one in plan.columns]
    names = {column.name for column in columns}
    return columns if len(names) == len(columns) and CONSENT_AT not in names else None
