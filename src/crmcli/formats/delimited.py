"""Reads and writes delimited text: CSV (RFC 4180) and its relatives with semicolons, tabs and bars.

Reading is strict where leniency loses rows: a stray or unclosed quote, a NUL or a giant cell refuses the file and names
the line. What a column means belongs to the import; how a file is replaced whole belongs to ``files``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from io import TextIOWrapper
from itertools import chain, islice
from typing import TYPE_CHECKING, BinaryIO, Self

from crmcli.errors import RefusedError, UsageError
from crmcli.formats.encodings import decide
from crmcli.formats.formulas import GUARD, guarded, neutralise, restore
from crmcli.formats.tabular import Record, below_preamble, fitted, name_columns

if TYPE_CHECKING:
    from csv import Error

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL = 1 << 20  # characters
MAX_LINE = 1 << 24  # characters
_CHUNK = 64  # lines read at a time
_ROWS = 1_000  # rows written at a time
_SAMPLE = 1 << 16  # characters the delimiter is found from


class Delimited:
    """An open delimited file: a ``Table`` whose header is the first record below any preamble.

    Encoding and delimiter, a character or ``tab``, are found unless they are named; UsageError for bad ones,
    RefusedError when the bytes are not text.
    """

    def __init__(self, stream: BinaryIO, label: str, *, encoding: str | None, delimiter: str | None) -> None:
        codec, notice, _ = decide(stream, label, encoding)
        self.label = label
        self.encoding = codec.removesuffix("-sig")
        self.notices = [notice] if notice else []
        self._text = TextIOWrapper(stream, encoding=codec, newline="")
        self._above = 0  # physical lines passed before the first record
        self._may_be_guarded = False  # whether a line so far holds a guard against formulas
        self.delimiter = self._choose_delimiter(None if delimiter is None else _character(delimiter))
        self.header_line, first, records = below_preamble(self._records())
        self.header = name_columns(label, first, self.notices)
        self.rows = fitted(label, records, len(self.header), self.notices)

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
            self._above = 1
            return asked or first[4]
        return asked or sniff(sample)

    def _chunks(self) -> Iterator[list[str]]:
        """Yield the lines of the file, some at a time."""
        lines = iter(partial(self._text.readline, MAX_LINE), "")
        passed = self._above
        while chunk := list(islice(lines, _CHUNK)):
            text = "".join(chunk)
            if "\0" in text or len(text) >= MAX_LINE:
                self._check(chunk, passed + 1)
            self._may_be_guarded = self._may_be_guarded or GUARD in text
            passed += len(chunk)
            yield chunk

    def _check(self, lines: Sequence[str], first: int) -> None:
        """Raise RefusedError for a line, the ``first`` having that number, that no text file has."""
        for number, line in enumerate(lines, start=first):
            if "\0" in line:
                raise self._refusal(number, "a NUL character: this is no text file")
            if len(line) == MAX_LINE:
                raise self._refusal(number, f"longer than {MAX_LINE} characters")

    def _records(self) -> Iterator[Record]:
        """Yield each record that is not blank with the line it starts at."""
        import csv

        csv.field_size_limit(MAX_CELL)
        reader = csv.reader(chain.from_iterable(self._chunks()), delimiter=self.delimiter, strict=True)
        start = self._above + 1
        try:
            for cells in reader:
                if cells and (cells[0].strip() or any(map(str.strip, cells))):
                    if self._may_be_guarded:
                        cells = [restore(cell) if cell.startswith(GUARD) else cell for cell in cells]
                    yield start, cells
                start = self._above + reader.line_num + 1
        except csv.Error as problem:
            raise self._refusal(*self._explain(problem, start, self._above + reader.line_num)) from None

    def _explain(self, problem: "Error", start: int, line: int) -> tuple[int, str]:
        """Return the line to be named and what is wrong, for a record from ``start`` on that fails at ``line``."""
        text = str(problem)
        if "end of data" in text:
            return start, "a quote opens here or in the same record and is never closed"
        if "expected after" in text:
            since = f" in the record that starts at line {start}" if start != line else ""
            return line, f"a stray quote{since}: a quote inside a quoted cell is written twice"
        if "field limit" in text:
            return start, f"a cell of more than {MAX_CELL} characters"
        return line, text

    def _refusal(self, line: int, problem: str) -> RefusedError:
        return RefusedError(f"{self.label}: line {line}: {problem}", code="file.malformed")


def _character(named: str) -> str:
    """Return the character that parts cells: the one named, or ``tab``."""
    found = "\t" if named in ("tab", "\\t") else named
    if len(found) != 1 or found in '"\r\n':
        raise UsageError(f"no delimiter {named!r}", hint="use one character, or tab")
    return found


def sniff(sample: str) -> str:
    """Return the delimiter under which most lines are as wide as the first, notes above left out; else a comma."""
    lines = sample.splitlines(keepends=True)
    whole = lines[:-1] if len(sample) == _SAMPLE and len(lines) > 1 else lines
    below_comments = next((place for place, line in enumerate(whole) if not line.startswith("#")), 0)
    below_notes = next((place for place, line in enumerate(whole) if not line.strip()), 0)
    return _sniff(whole[below_comments:]) or _sniff(whole[below_notes:]) or DELIMITERS[0]


def _sniff(lines: Sequence[str]) -> str | None:
    import csv

    best, best_score = None, (0.0, 1)
    for delimiter in DELIMITERS:
        widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
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
    count, waiting = 0, iter(rows)
    while some := list(islice(waiting, _ROWS)):
        count += len(some)
        if guards is None:
            writer.writerows(some)
        else:
            columns = zip(*some, strict=True)
            writer.writerows(zip(*map(guarded, columns, guards), strict=True))
    return count


class _LineWriter:
    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write

    def write(self, line: str) -> None:
        self._write(line.removesuffix("\r\n") + "\n")
