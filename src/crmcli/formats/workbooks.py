"""Reads Excel workbooks (.xlsx): the first sheet that is shown and holds anything, as a table of text.

The extra ``xlsx`` brings the reader, python-calamine. It holds a sheet in memory whole, so what a file may unpack to is
limited before; a larger one goes in as CSV. Dates come as ISO text and whole numbers without decimals; a number format
such as that of percentages is not seen. Writing belongs to ``sheets``.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from os import SEEK_END
from typing import Any, BinaryIO, Self
from zipfile import BadZipFile, ZipFile

from crmcli.errors import CrmError, RefusedError
from crmcli.formats.formulas import restore
from crmcli.formats.tabular import Record, below_preamble, fitted, name_columns

MAX_UNPACKED = 100_000_000  # bytes of all parts
MAX_RATIO = 100  # of them to the bytes of the file
MAX_PARTS = 10_000
MAX_PLACES = 1 << 24  # of a sheet: rows times columns, the empty ones too
_CHUNK = 1 << 20
_PLACE = re.compile(rb"""\br=["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_HINT = "save it as CSV"


class Workbook:
    """An open workbook: a ``Table`` whose lines are the rows of the sheet."""

    encoding = "xlsx"
    delimiter = ""

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None = None) -> None:
        self.label = label
        self.notices: list[str] = []
        self._stream = stream
        self._check_size()
        rows = self._open()
        self.header_line, first, records = below_preamble(_records(rows))
        self.header = name_columns(label, _trimmed(first), self.notices)
        self.rows = fitted(label, records, len(self.header), self.notices)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def _check_size(self) -> None:
        """Refuse what would fill the memory: the reader makes room for every place up to the last one used."""
        from zlib import error as DamageError

        try:
            with ZipFile(self._stream) as parts:
                self._check_parts([part.file_size for part in parts.infolist()])
                for name in parts.namelist():
                    if name.startswith("xl/worksheets/") and _places(parts, name) > MAX_PLACES:
                        raise self._refusal(f"a sheet of more than {MAX_PLACES:,} places")
        except (BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, ValueError, DamageError) as problem:
            raise self._refusal(f"no workbook that can be read ({problem})") from None
        self._stream.seek(0)

    def _check_parts(self, sizes: list[int]) -> None:
        if sum(sizes) > MAX_UNPACKED:
            raise self._refusal(f"it unpacks to more than {MAX_UNPACKED // 10**6} MB")
        packed = self._stream.seek(0, SEEK_END)
        if len(sizes) > MAX_PARTS or sum(sizes) > MAX_RATIO * packed:
            raise self._refusal("it is packed as no spreadsheet is")

    def _open(self) -> Iterator[list[Any]]:
        calamine = _reader()
        try:
            book = calamine.CalamineWorkbook.from_filelike(self._stream)
            shown = [one.name for one in book.sheets_metadata if one.visible == calamine.SheetVisibleEnum.Visible]
            sheets = [sheet for name in shown if (sheet := book.get_sheet_by_name(name)).height]
        except BaseException as problem:
            if isinstance(problem, Exception) or type(problem).__name__ == "PanicException":  # of the reader's own kind
                raise self._refusal(f"no workbook that can be read ({_first_line(problem)})") from None
            raise
        if len(sheets) > 1:
            others = ", ".join(sheet.name for sheet in sheets[1:])
            self.notices.append(f"{self.label}: the sheet {sheets[0].name} is read, not {others}")
        return sheets[0].iter_rows() if sheets else iter(())

    def _refusal(self, problem: str) -> RefusedError:
        return RefusedError(f"{self.label}: {problem}", hint=_HINT, code="file.malformed")


def _reader() -> Any:
    try:
        import python_calamine
    except ModuleNotFoundError:
        hint = "pip install 'crmcli[xlsx]', or save the file as CSV"
        raise CrmError("reading Excel files needs an extra part", hint=hint, code="extra.missing") from None
    return python_calamine


def _places(parts: ZipFile, name: str) -> int:
    """Return rows times columns of a sheet, up to the last that its cells name."""
    rows = columns = 1
    tail = b""
    with parts.open(name) as part:
        while chunk := part.read(_CHUNK):
            for letters, digits in _PLACE.findall(tail + chunk):
                rows = max(rows, int(digits))
                if letters:
                    columns = max(columns, _column(letters.upper()))
            tail = chunk[-32:]
    return rows * columns


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _records(rows: Iterator[list[Any]]) -> Iterator[Record]:
    for number, row in enumerate(rows, start=1):
        cells = [_text(value) for value in row]
        if any(map(str.strip, cells)):
            yield number, cells


def _trimmed(header: list[str]) -> list[str]:
    """Return the header without the empty cells at its end, which are columns of a note or a total elsewhere."""
    while header and not header[-1].strip():
        header = header[:-1]
    return header


def _text(value: Any) -> str:
    """Return a cell as text, as it would stand in a CSV file for programs."""
    if isinstance(value, str):
        return restore(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return "" if value is None else str(value)


def _number(value: float) -> str:
    from decimal import Decimal

    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text else text


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [""])[0][:100]
