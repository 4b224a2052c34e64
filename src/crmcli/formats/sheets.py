"""Writes a table as an Excel workbook of one sheet (.xlsx, ECMA-376); ``workbooks`` reads it.

The extra ``xlsx`` brings the writer, openpyxl, whose write-only mode keeps one row in memory. Text is written as text
whatever it begins with, never as a formula. How values become cells is the business of whoever writes the table.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, BinaryIO

from crmcli.errors import CrmError, RefusedError
from crmcli.formats.formulas import neutralise

Guard = Callable[[str], str]
Cell = str | int | bool | Decimal | date | None
MAX_TEXT = 32_767  # characters of a cell
MAX_ROWS = 1_048_576
_EXACT = 15  # digits that a number of a sheet holds
_FIRST_YEAR = 1901  # before it the days of a sheet are not those of the calendar
_UNSPEAKABLE = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")  # in XML, or read as an escape
_TAKEN_FOR_MORE = ("=", "#")  # what begins a formula or the code of an error


def write_sheet(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    target: BinaryIO,
    *,
    guards: Sequence[Guard | None] | None = None,
) -> int:
    """Write header and rows as a workbook; return how many rows there were.

    ``guards`` are applied to the texts of each column as ``delimited.write_rows`` does. Raises RefusedError for what a
    sheet cannot hold: it is never cut.
    """
    openpyxl = _writer()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    try:
        sheet.append(list(_cells(sheet, header, [neutralise] * len(header) if guards else None)))
        count = _append(sheet, header, rows, guards)
        _save(book, target)
    except BaseException:
        _drop(sheet)
        raise
    return count


def _append(
    sheet: Any, header: Sequence[str], rows: Iterable[Sequence[Cell]], guards: Sequence[Guard | None] | None
) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):
        if count == MAX_ROWS:
            raise _refusal(f"more than {MAX_ROWS - 1:,} rows do not fit into a sheet")
        try:
            sheet.append(list(_cells(sheet, row, guards)))
        except _TooLongError as problem:
            name = header[problem.place]
            raise _refusal(f"row {count} ({row[0]}): {name} has more than {MAX_TEXT:,} characters") from None
    return count


def _drop(sheet: Any) -> None:
    """Remove the temporary file of a sheet that is given up; openpyxl would at an end that not every process has."""
    with suppress(FileNotFoundError):
        if sheet._writer is not None:
            sheet._writer.cleanup()


def _save(book: Any, target: BinaryIO) -> None:
    """Save a workbook; the archive is closed here, since one that finds no room would complain about it at its end."""
    from zipfile import ZIP_DEFLATED, ZipFile

    from openpyxl.writer.excel import ExcelWriter

    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        ExcelWriter(book, archive).save()


class _TooLongError(Exception):
    """A text does not fit into a cell."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.place = place


def _cells(sheet: Any, row: Sequence[Cell], guards: Sequence[Guard | None] | None) -> Iterator[Any]:
    from openpyxl.cell import WriteOnlyCell

    for place, value in enumerate(row):
        guard = guards[place] if guards else None
        shown = _shown(guard(value) if guard and isinstance(value, str) else value)
        if isinstance(shown, str) and len(shown) > MAX_TEXT:
            raise _TooLongError(place)
        if isinstance(shown, str) and shown.startswith(_TAKEN_FOR_MORE):
            cell: Any = WriteOnlyCell(sheet, value="")
            cell._value, cell.data_type = shown, "s"
            yield cell
        else:
            yield shown


def _shown(value: Cell) -> Cell:
    """Return a value as a cell holds it exactly; numbers and days that it would change become text."""
    if isinstance(value, str):
        return _UNSPEAKABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", value) or None
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, date):
        return value if value.year >= _FIRST_YEAR else value.isoformat()
    digits = str(value).strip("-0").replace(".", "")
    return value if len(digits) <= _EXACT else str(value)


def _writer() -> Any:
    try:
        import openpyxl
    except ModuleNotFoundError:
        hint = "pip install 'crmcli[xlsx]', or export to CSV"
        raise CrmError("writing Excel files needs an extra part", hint=hint, code="extra.missing") from None
    return openpyxl


def _refusal(problem: str) -> RefusedError:
    return RefusedError(problem, hint="export to CSV or JSON lines", code="sheet.full")
