"""Fits columns of text into the width of a screen and draws them as aligned lines.

It knows nothing of records or streams: labels and cells come in as safe text. Widths are terminal cells.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from crmcli.output.cells import cut, pad, width

GAP = "  "
_COMFORT = (40, 28, 20, 14, 10)  # text columns shrink to one of these in turn, the last column first
_TELLING = 21  # what rows are called is not cut below this, since two may begin alike
_NARROW = 60  # unless the screen is narrower than this


class Grid(NamedTuple):
    """Cells to draw, row by row. ``rigid`` columns are never cut; ``right`` ones are aligned to the right."""

    labels: Sequence[str]
    rows: Sequence[Sequence[str]]
    rigid: Sequence[bool]
    right: Sequence[bool]


def fit(grid: Grid, available: int) -> list[int]:
    """Return the widths of the leading columns that fit; columns without a width do not fit and are to be hidden.

    Text columns shrink first, the last one before the others; when they have shrunk enough, columns go from the end.
    The first column always stays, and a rigid one keeps its width whatever the screen.
    """
    natural = [_natural_width(grid, column) for column in range(len(grid.labels))]
    for shown in range(len(natural), 0, -1):
        widths = _shrink(natural[:shown], grid.rigid, available)
        if total_width(widths) <= available:
            return widths
    first = natural[0] if grid.rigid[0] else min(natural[0], max(available, 2))
    return [first]


def lines(grid: Grid, widths: Sequence[int]) -> Iterator[str]:
    """Yield the header line and a line for each row, cut and padded to the widths, without blanks at the end."""
    for row in (grid.labels, *grid.rows):
        cells = [
            pad(cut(cell, wide), wide, right=right) for cell, wide, right in zip(row, widths, grid.right, strict=False)
        ]
        yield GAP.join(cells).rstrip()


def _natural_width(grid: Grid, column: int) -> int:
    return max(width(grid.labels[column]), 1, *(width(row[column]) for row in grid.rows))


def total_width(widths: Sequence[int]) -> int:
    """Return the cells a line of columns takes, gaps included."""
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _shrink(natural: Sequence[int], rigid: Sequence[bool], available: int) -> list[int]:
    widths = list(natural)
    telling = _TELLING if available >= _NARROW else 0
    for comfort in _COMFORT:
        for column in reversed(range(len(widths))):
            excess = total_width(widths) - available
            if excess <= 0:
                return widths
            least = comfort if column else max(comfort, telling)
            if not rigid[column] and widths[column] > least:
                widths[column] = max(least, widths[column] - excess)
    return widths
