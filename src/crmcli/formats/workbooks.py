"""Reads Excel workbooks (.xlsx): the first sheet that is shown and holds anything, as a table of text.

The extra ``xlsx`` brings the reader, python-calamine. It holds a sheet in memory whole, so what a file may unpack to is
limited before; a larger one goes in as CSV. Dates come as ISO text, whole numbers without decimals, and
what is shown as a percentage is one. Writing belongs to ``sheets``.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from os import SEEK_END
from typing import Any, BinaryIO, Self
from zipfile import BadZipFile, ZipFile

from crmcli.errors import CrmError, RefusedError
from crmcli.formats.formulas import restore
from crmcli.formats.tabular import Digits, Record, below_preamble, fitted, name_columns
from crmcli.formats.workbook_parts import Marks, marks_of, places

MAX_UNPACKED = 100_000_000  # bytes of all parts
MAX_RATIO = 100  # of them to the bytes of the file
MAX_PARTS = 10_000
MAX_PLACES = 1 << 24  # of a sheet: rows times columns, the empty ones too
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
        sheet, marks = self._open()
        records = _below_groups(_records(sheet, marks), sheet) if sheet else iter(())
        self.header_line, first, records = below_preamble(records)
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
                    if name.startswith("xl/worksheets/") and places(parts, name) > MAX_PLACES:
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

    def _open(self) -> tuple[Any, Marks]:
        """Return the sheet that is read, None when nothing is in any, and what its cells do not say themselves."""
        calamine = _reader()
        try:
            book = calamine.CalamineWorkbook.from_filelike(self._stream)
            found = [
                (position, sheet)
                for position, one in enumerate(book.sheets_metadata)
                if one.visible == calamine.SheetVisibleEnum.Visible
                and (sheet := book.get_sheet_by_name(one.name)).height
            ]
        except BaseException as problem:
            if isinstance(problem, Exception) or type(problem).__name__ == "PanicException":  # of the reader's own kind
                raise self._refusal(f"no workbook that can be read ({_first_line(problem)})") from None
            raise
        if not found:
            return None, Marks({})
        position, sheet = found[0]
        if len(found) > 1:
            others = ", ".join(other.name for _, other in found[1:])
            self.notices.append(f"{self.label}: the sheet {sheet.name} is read, not {others}")
        with ZipFile(self._stream) as parts:
            marks = marks_of(parts, position)
        if marks.errors:
            several = f"{marks.errors} cells hold errors, {marks.first_error} the first, and are"
            told = f"the cell {marks.first_error} holds an error and is" if marks.errors == 1 else several
            self.notices.append(f"{self.label}: {told} read as blank")
        return sheet, marks

    def _refusal(self, problem: str) -> RefusedError:
        return RefusedError(f"{self.label}: {problem}", hint=_HINT, code="file.malformed")


def _reader() -> Any:
    try:
        import python_calamine
    except ModuleNotFoundError:
        hint = "pip install 'crmcli[xlsx]', or save the file as CSV"
        raise CrmError("reading Excel files needs an extra part", hint=hint, code="extra.missing") from None
    return python_calamine


def _records(sheet: Any, marks: Marks) -> Iterator[Record]:
    left = (sheet.start or (0, 0))[1]  # columns before the first used one are not among the values
    percents = [column - left for column in marks.percents if column >= left]
    for number, row in enumerate(sheet.iter_rows()):
        cells = [_text(value) for value in row]
        for place in percents:
            is_number = place < len(row) and type(row[place]) in (int, float)
            if is_number and marks.is_percent(number, place + left):
                cells[place] = _percent(row[place])
        if any(map(str.strip, cells)):
            yield number + 1, cells


def _below_groups(records: Iterator[Record], sheet: Any) -> Iterator[Record]:
    """Leave out the rows above the header that stand over groups of its columns: titles and headings of merged cells.

    A heading that also reaches down into the next row is the name of its column there.
    """
    left = (sheet.start or (0, 0))[1]
    merged = dict(sheet.merged_cell_ranges or ())
    record = next(records, None)
    while record is not None:
        line, cells = record
        ends = {place: merged.get((line - 1, place + left)) for place, cell in enumerate(cells) if cell.strip()}
        is_group = any(end and end[1] > place + left for place, end in ends.items())
        below = next(records, None) if is_group and all(ends.values()) else None
        if below is None or sum(map(bool, below[1])) + _down(ends, line) <= len(ends):
            yield record
            if below is not None:
                yield below
            break
        names = [
            cell or (cells[place] if _reaches(ends.get(place), line) else "") for place, cell in enumerate(below[1])
        ]
        record = below[0], names
    yield from records


def _reaches(end: tuple[int, int] | None, line: int) -> bool:
    """Say whether a merged cell reaches below a line."""
    return end is not None and end[0] >= line


def _down(ends: Mapping[int, tuple[int, int] | None], line: int) -> int:
    return sum(_reaches(end, line) for end in ends.values())


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
        return Digits(_number(value))
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


def _percent(value: float) -> str:
    """Return a ratio as a percentage, of as many digits as a cell holds."""
    return Digits(f"{_number(float(f'{value * 100:.15g}'))}%")


def _first_line(problem: BaseException) -> str:
    return (str(problem).splitlines() or [""])[0][:100]
