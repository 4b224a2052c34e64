"""What every readable format offers to an import: named columns and rows of text, whatever the file is like inside."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol, Self


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
