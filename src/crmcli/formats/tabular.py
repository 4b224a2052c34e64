"""What every readable format offers to an import: named columns and rows of text, whatever the file is like inside.

Beside the contract, what formats made of rows and columns share: the header below its notes, its names, ragged rows.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple, Protocol, Self

Record = tuple[int, list[str]]  # the line it starts at, from 1, and its cells
_MOST_NOTES = 20  # lines before a header
_MOST_RENAMED = 12  # columns told one by one


class Digits(str):
    """A cell that the file holds as a number, and not as text: its point begins the decimals, whatever the column."""

    __slots__ = ()


class Row(NamedTuple):
    """One record: the place in the file it starts at (a line, from 1), its cells and what is wrong with it.

    A good row has as many cells as the header; one with an ``error`` has those it came with.
    """

    line: int
    cells: list[str]
    error: str | None = None


class Table(Protocol):
    """An open file, to be used as a context manager.

    ``header``: the names of the columns, each once. ``header_line``: where they stand, 0 when the format needs none.
    ``rows``: the records, blank ones left out, read as they are asked for; raises RefusedError.
    ``encoding`` and ``delimiter``: what was decided, empty where the format leaves no choice.
    ``notices``: what was decided or mended for the user to know, complete once the rows are read.
    """

    label: str
    encoding: str
    delimiter: str
    header: list[str]
    header_line: int
    rows: Iterator[Row]
    notices: list[str]

    def __enter__(self) -> Self:
        """Return itself."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        ...


def below_preamble(records: Iterator[Record]) -> tuple[int, list[str], Iterator[Record]]:
    """Return line and cells of the header, and the records after it.

    Some exports begin with notes: lines of a single cell, a blank line, then the header; after comments (``# ...``) it
    needs no blank line. Else the first record is the header of a table of one column.
    """
    passed: list[Record] = []
    previous = 0
    for line, cells in records:
        several = sum(map(bool, cells)) > 1
        if several and (line > previous + 1 or all(note[0].lstrip().startswith("#") for _, note in passed)):
            return line, cells, records
        if several or len(passed) == _MOST_NOTES:
            passed.append((line, cells))
            break
        passed.append((line, cells))
        previous = line + sum(cell.count("\n") for cell in cells)
    if not passed:
        return 0, [], records
    return *passed[0], chain(passed[1:], records)


def name_columns(label: str, cells: Iterable[str], notices: list[str]) -> list[str]:
    """Return the names of columns, trimmed and each once: a repeated one gets ``#2``, an empty one is ``column 4``."""
    counts: dict[str, int] = {}  # of every name given
    renamed = 0
    for number, cell in enumerate(cells, start=1):
        name = unique = cell.strip() or f"column {number}"
        while unique in counts:
            counts[name] += 1
            unique = f"{name}#{counts[name]}"
        if unique != name:
            renamed += 1
            if renamed <= _MOST_RENAMED:
                notices.append(f"{label}: a second column {name!r} is called {unique!r}")
        counts[unique] = 1
    if renamed > _MOST_RENAMED:
        notices.append(f"{label}: so are {renamed - _MOST_RENAMED:,} more columns whose names occur before")
    return list(counts)


def fitted(label: str, records: Iterable[Record], width: int, notices: list[str]) -> Iterator[Row]:
    """Pad records that are too short, which Excel leaves so, and mark those with more cells than names."""
    short = first_short = 0
    for line, cells in records:
        missing = width - len(cells)
        if not missing:
            yield Row(line, cells)
            continue
        if missing < 0 and any(cells[width:]):
            yield Row(line, cells, f"{len(cells)} cells, but the header has {width}")
            continue
        if missing > 0:
            short += 1
            first_short = first_short or line
        yield Row(line, cells[:width] + [""] * missing)
    if short:
        rows = "1 row has" if short == 1 else f"{short} rows have"
        notices.append(f"{label}: {rows} fewer cells than the header (first at line {first_short})")
