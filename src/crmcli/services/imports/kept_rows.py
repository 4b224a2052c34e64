"""What became of the rows of an import on its way into the store: gathered in memory, stored in the order of hashes.

A hash stands anywhere in its index. Stored as they come, rows of a large file take a page of it in and out for each;
in their order, many share one.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from crmcli.store.unit_of_work import UnitOfWork

MOST = 50_000  # rows gathered: a few megabytes
_COLUMNS = ("row_no", "row_hash", "entity", "record_id", "action")
_NAMES = f"job_id, {', '.join(_COLUMNS)}"
_GATHERED = "temp.import_row_gathered"
_OPEN = f"CREATE TEMP TABLE IF NOT EXISTS import_row_gathered ({_NAMES}, PRIMARY KEY (row_hash, row_no)) WITHOUT ROWID"
_ANY_OF = f"SELECT 1 FROM {_GATHERED} WHERE row_hash IN (SELECT value FROM json_each(?)) LIMIT 1"
_MOVE = (
    f"INSERT INTO import_row ({_NAMES}) SELECT {_NAMES} FROM {_GATHERED} WHERE row_hash >= ? AND row_hash < ?"
    " ORDER BY row_hash"
)
_BOUNDS = (*[f"{first:02x}" for first in range(256)], "g")  # a part at a time: SQLite can take one back, so it copies


class Kept(NamedTuple):
    """What became of a row."""

    line: int
    row_hash: str
    entity: str
    record_id: int
    action: str  # created, updated or unchanged


class KeptRows:
    """What became of the rows of one transaction. What was gathered is lost unless it is stored before the commit.

    Rows are added when they are there to stay. They are looked up in parts of the transaction too, and stored on the
    way: where such a part is taken back they are gathered again, so they count as gathered until the next full store.
    """

    def __init__(self, unit: "UnitOfWork") -> None:
        self._unit = unit
        self._count = 0  # no less than there are
        unit.execute(_OPEN, [()])

    def add(self, job_id: int, rows: Sequence[Kept]) -> None:
        """Take rows of a job in."""
        columns = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
        self._unit.fill(_GATHERED, {"job_id": [job_id] * len(rows), **dict(columns)})
        self._count += len(rows)
        if self._count >= MOST:
            self.store()

    def store_if_any(self, hashes: str) -> None:
        """Store what was gathered if any row of it has one of the hashes, a JSON array."""
        if self._count and self._unit.raw.execute(_ANY_OF, (hashes,)).fetchone():
            self._move()

    def store(self) -> None:
        """Store what was gathered."""
        if self._count:
            self._move()
            self._count = 0

    def _move(self) -> None:
        self._unit.execute(_MOVE, list(pairwise(_BOUNDS)))
        self._unit.execute(f"DELETE FROM {_GATHERED}", [()])
