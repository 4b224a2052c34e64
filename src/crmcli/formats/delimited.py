"""Reads and writes delimited text: CSV (RFC 4180) and its relatives with semicolons, tabs and bars.

Reading is strict where leniency loses rows: a stray or unclosed quote, a NUL or a giant cell refuses the file and names
the line. What a column means belongs to the import; how a file is replaced whole belongs to ``files``.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import TextIOWrapper
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from crmcli.errors import RefusedError, UsageError
from crmcli.formats.encodings import decide
from crmcli.formats.files import open_to_read
from crmcli.formats.formulas import GUARD, neutralise, restore
from crmcli.formats.tabular import Row

if TYPE_CHECKING:
    from csv import Error

STANDARD_INPUT = "-"
DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1 << 20  # characters
MAX_LINE = 1 << 24  # characters
_SAMPLE = 1 << 16  # characters the delimiter is found from
_MOST_NOTES = 20  # lines before a header
_IN_MEMORY = 1 << 23  # bytes of a pipe kept before a temporary file takes them


_Record = tuple[int, list[str]]  # physical line it starts at, cells


class Delimited:
    """An open delimited file, to be used as a context manager.

    ``header``: the cells of the first record below any preamble, at ``header_line``, trimmed; a repeated name gets
    ``#2``, an empty one is ``column 4``.
    ``rows``: the records after it, blank ones left out, read as they are asked for; raises RefusedError.
    ``encoding`` and ``delimiter``: what was decided. ``notices``: what was decided or mended for the user to know,
    complete once the rows are read.
    """

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None, delimiter: str | None) -> None:
        codec, notice = decide(stream, label, encoding)
        self.label = label
        self.encoding = codec.removesuffix("-sig")
        self.notices = [notice] if notice else []
        self._text = TextIOWrapper(stream, encoding=codec, newline="")
        self._line = 0  # physical lines read so far
        self.delimiter = self._choose_delimiter(delimiter)
        self.header_line, first, records = _below_preamble(self._records())
        self.header = self._name_columns(first)
        self.rows = self._fit(records)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def _choose_delimiter(self, asked: str | None) -> str:
        """Return the delimiter asked for, named by Excel's first line ``sep=;``, or found from the data."""
        sample = self._text.read(_SAMPLE)
        self._text.seek(0)
        first = sample.partition("\n")[0].strip().strip('"')
        if first.lower().startswith("sep=") and len(first) == 5:
            self._text.readline()
            self._line = 1
            return asked or first[4]
        return asked or sniff(sample)

    def _name_columns(self, cells: list[str]) -> list[str]:
        names: list[str] = []
        for number, cell in enumerate(cells, start=1):
            name = unique = cell.strip() or f"column {number}"
            count = 1
            while unique in names:
                count += 1
                unique = f"{name}#{count}"
            if count > 1:
                self.notices.append(f"{self.label}: a second column {name!r} is called {unique!r}")
            names.append(unique)
        return names

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(MAX_LINE):
            self._line += 1
            if "\0" in line:
                raise self._refusal(self._line, "a NUL character: this is no text file")
            if len(line) == MAX_LINE:
                raise self._refusal(self._line, f"longer than {MAX_LINE} characters")
            yield line

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each record that is not blank with the line it starts at."""
        import csv

        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(self._lines(), delimiter=self.delimiter, strict=True)
        while True:
            start = self._line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                raise self._refusal(*self._explain(problem, start)) from None
            if any(cells) and any(cell.strip() for cell in cells):
                yield start, [restore(cell) if cell.startswith(GUARD) else cell for cell in cells]

    def _explain(self, problem: "Error", start: int) -> tuple[int, str]:
        text = str(problem)
        if "end of data" in text:
            return start, "a quote opens here or in the same record and is never closed"
        if "expected after" in text:
            since = f" in the record that starts at line {start}" if start != self._line else ""
            return self._line, f"a stray quote{since}: a quote inside a quoted cell is written twice"
        if "field limit" in text:
            return start, f"a cell of more than {MAX_CELL} characters"
        return self._line, text

    def _fit(self, records: Iterable[tuple[int, list[str]]]) -> Iterator[Row]:
        """Pad records that are too short, which Excel leaves so, and mark those with more cells than names."""
        expected = len(self.header)
        short = first_short = 0
        for line, cells in records:
            missing = expected - len(cells)
            if missing < 0 and any(cells[expected:]):
                yield Row(line, cells, f"{len(cells)} cells, but the header has {expected}")
                continue
            if missing > 0:
                short += 1
                first_short = first_short or line
            yield Row(line, cells[:expected] + [""] * missing)
        if short:
            rows = "1 row has" if short == 1 else f"{short} rows have"
            self.notices.append(f"{self.label}: {rows} fewer cells than the header (first at line {first_short})")

    def _refusal(self, line: int, problem: str) -> RefusedError:
        return RefusedError(f"{self.label}: line {line}: {problem}", code="file.malformed")


def open_delimited(source: Path | str, *, encoding: str | None = None, delimiter: str | None = None) -> Delimited:
    """Open a file, or standard input for ``-``, whose encoding and delimiter are found unless they are named.

    ``delimiter`` is one character or ``tab``. Raises UsageError for a bad encoding or delimiter, CrmError when the file
    cannot be read, RefusedError when its bytes are not text.
    """
    if delimiter in ("tab", "\\t"):
        delimiter = "\t"
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise UsageError(f"no delimiter {delimiter!r}", hint="use one character, or tab")
    from_stdin = str(source) == STANDARD_INPUT
    stream = sys.stdin.buffer if from_stdin else open_to_read(Path(source))
    label = "standard input" if from_stdin else str(source)
    return Delimited(_seekable(stream), label, encoding=encoding, delimiter=delimiter)


def sniff(sample: str) -> str:
    """Return the delimiter under which most lines are as wide as the first; a comma when none parts it."""
    import csv

    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(sample) == _SAMPLE and len(lines) > 1 else lines
    best, best_score = DELIMITERS[0], (0.0, 1)
    for delimiter in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(whole, delimiter=delimiter) if cells]
        if widths and widths[0] > 1:
            score = (widths.count(widths[0]) / len(widths), widths[0])
            if score > best_score:
                best, best_score = delimiter, score
    return best


def write_rows(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    write: Callable[[str], object],
    *,
    guards: Sequence[Callable[[str], str] | None] | None = None,
) -> int:
    r"""Write header and rows as CSV with ``\n`` line ends; return how many rows there were.

    ``guards`` has one function of ``formulas`` (or None) for each column, applied to its cells; without guards the text
    stays exactly as it is, for machines.
    """
    import csv

    # The writer quotes a lone carriage return only when its own line end has one.
    target = _LineWriter(write)
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow(header if guards is None else [neutralise(name) for name in header])
    count = 0
    for row in rows:
        if guards is None:
            writer.writerow(row)
        else:
            writer.writerow([guard(cell) if guard else cell for guard, cell in zip(guards, row, strict=True)])
        count += 1
    return count


class _LineWriter:
    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def write(self, line: str) -> None:
        self._write(line.removesuffix("\r\n") + "\n")


def _below_preamble(records: Iterator[_Record]) -> tuple[int, list[str], Iterator[_Record]]:
    """Return line and cells of the header, and the records after it.

    Some exports begin with notes: lines of a single cell, a blank line, then the header. Where no blank line parts the
    notes from the first record of several cells, the first record is the header of a table of one column.
    """
    passed: list[_Record] = []
    previous = 0
    for line, cells in records:
        several = sum(map(bool, cells)) > 1
        if several and (not passed or line > previous + 1):
            return line, cells, records
        if several or len(passed) == _MOST_NOTES:
            passed.append((line, cells))
            break
        passed.append((line, cells))
        previous = line + sum(cell.count("\n") for cell in cells)
    if not passed:
        return 0, [], records
    return *passed[0], chain(passed[1:], records)


def _seekable(stream: BinaryIO) -> BinaryIO:
    """Return the stream, or for a pipe a copy of it: the encoding is decided on the whole before the first line."""
    if stream.seekable():
        return stream
    from shutil import copyfileobj
    from tempfile import SpooledTemporaryFile

    copy = cast("BinaryIO", SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115 - the reader closes it
    copyfileobj(stream, copy)
    copy.seek(0)
    return copy
