"""What imports remember: the job with its receipt, and what became of each row, so that the same row is known again.

Rejected rows are not kept: they are in the rejects file, and their words have no business in the store.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.errors import ConflictError
from crmcli.importing.receipts import Receipt
from crmcli.importing.rows import Prepared
from crmcli.importing.sources import fingerprint
from crmcli.model.journal import ImportJob
from crmcli.queries.history import taken_back
from crmcli.services.drafts import canonical
from crmcli.services.imports.kept_rows import Kept, KeptRows
from crmcli.services.imports.lookups import live

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_KNOWN = (
    "SELECT i.row_hash, i.record_id, j.id AS job,"
    " COALESCE((SELECT MAX(o.id) FROM operation o WHERE o.batch_uid = j.uid), j.operation_id) AS operation_id"
    " FROM import_row i JOIN import_job j ON j.id = i.job_id"
    " WHERE i.row_hash IN (SELECT value FROM json_each(?)) AND i.entity = ?"
    " AND j.operation_id NOT IN (SELECT value FROM json_each(?)) ORDER BY j.id, i.row_no"
)
_OTHERS = (  # two ranges of an index
    "SELECT 1 FROM import_row WHERE job_id < ?1 UNION ALL SELECT 1 FROM import_row WHERE job_id > ?1 LIMIT 1"
)
_LAST_IMPORT = (
    "SELECT c.record_id, MAX(c.operation_id) AS operation_id FROM change c JOIN operation o ON o.id = c.operation_id"
    " WHERE c.entity = ? AND c.record_id IN (SELECT value FROM json_each(?)) AND o.kind = 'import' GROUP BY c.record_id"
)
_NOTE = "UPDATE import_job SET counts = ?, last_row = ?, status = ? WHERE id = ?"


RUNNING, DONE = "running", "done"  # states of a job


class Known(NamedTuple):
    """What an equal row became in an earlier job: its record as it stands now, None when that is removed."""

    id: int | None
    job: int


class Ids:
    """Ids of records, a bit for each: unlike a set it stays small however many rows a file has."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, record_id: int) -> None:
        """Take an id in."""
        place, bit = divmod(record_id, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits)))
        self._bits[place] |= 1 << bit

    def discard(self, record_id: int) -> None:
        """Take an id out that is in."""
        place, bit = divmod(record_id, 8)
        self._bits[place] &= ~(1 << bit)

    def __contains__(self, record_id: int) -> bool:
        place, bit = divmod(record_id, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)


class Met:
    """Hashes that were met, a bit for each: beside those met before, a few others seem to have been."""

    def __init__(self) -> None:
        self._bits = bytearray(1 << 21)

    def again(self, hashes: Iterable[str]) -> list[str]:
        """Return those that may have been met before; from now on all of them were."""
        bits, found = self._bits, []
        for row_hash in hashes:
            start = int(row_hash[:8], 16)
            place, bit = start >> 11, 1 << (start & 7)
            if bits[place] & bit:
                found.append(row_hash)
            bits[place] |= bit
        return found


class Memory:
    """The rows that earlier imports, and earlier parts of this one, have seen.

    ``met`` are those of earlier parts of the ``job``. Where there are no others, the store is not asked for rows that
    were not met: from place to place all over an index, that would take the longer, the more rows there are.
    """

    def __init__(self, writer: "Writer", job: int | None = None, met: Met | None = None) -> None:
        self._writer = writer
        is_whole = (job is None or met is not None) and not writer.one(_OTHERS, job or 0)
        self.met = (met or Met()) if is_whole else None
        self.kept = KeptRows(writer.unit)
        self._taken_back = json.dumps(sorted(taken_back(writer.unit.raw)))

    def recall(self, entity: str, hashes: Sequence[str]) -> dict[str, Known]:
        """Return by row hash what equal rows became, unless a later import changed the record in another way."""
        if self.met and not (hashes := self.met.again(hashes)):
            return {}
        asked = json.dumps(hashes)
        self.kept.store_if_any(asked)
        rows = {row["row_hash"]: row for row in self._writer.all(_KNOWN, asked, entity, self._taken_back)}
        if not rows:
            return {}
        ids = sorted({row["record_id"] for row in rows.values()})
        last = {
            row["record_id"]: row["operation_id"] for row in self._writer.all(_LAST_IMPORT, entity, json.dumps(ids))
        }
        now = live(self._writer, entity, ids)
        return {
            row_hash: Known(now[row["record_id"]], row["job"])
            for row_hash, row in rows.items()
            if last.get(row["record_id"], 0) <= row["operation_id"]
        }


class Job:
    """The row of one file's import, made when the import first changes something, and what became of the file's rows.

    ``job_id`` is that of an import that goes on, of which the rows up to the line ``upto`` are done.
    """

    def __init__(
        self,
        writer: "Writer",
        kept: KeptRows,
        prepared: Prepared,
        options: Mapping[str, Any],
        job_id: int | None,
        upto: int,
    ) -> None:
        self.id = job_id
        self._writer = writer
        self._kept = kept
        self._prepared = prepared
        self._options = options
        if job_id is not None:
            self._check(upto)

    def keep(self, rows: Sequence[Kept]) -> None:
        """Remember rows, once a change of this write is in the journal."""
        job_id = self.id = self.id or self._open()
        if rows:
            self._kept.add(job_id, rows)

    def note(self, receipt: Receipt, line: int, *, done: bool) -> None:
        """Keep the receipt so far, and up to which line the rows are in: all that is to be committed."""
        if self.id is not None:
            self._kept.store()
            status = DONE if done else RUNNING
            self._writer.unit.execute(_NOTE, [(canonical(receipt.as_json()), line, status, self.id)])

    def _check(self, upto: int) -> None:
        """Raise ConflictError when somebody else goes on with this import."""
        found = self._writer.one("SELECT last_row, status FROM import_job WHERE id = ?", self.id)
        if found is None or (found["last_row"], found["status"]) != (upto, RUNNING):
            raise ConflictError(f"import {self.id} goes on elsewhere", hint="crm import list", code="import.elsewhere")

    def _open(self) -> int:
        unit, prepared = self._writer.unit, self._prepared
        table = ImportJob.__table__  # type: ignore[attr-defined]  # SQLModel tells no types of tables
        (job_id,) = unit.new_ids(table, 1)
        row = {
            "id": job_id,
            "uid": self._writer.context.command.batch_uid or str(uuid.uuid4()),
            "at": self._writer.now,
            "source": prepared.mapping.kind.preset,
            "entity": prepared.mapping.kind.entity,
            "file_name": prepared.source.label,
            "file_sha256": fingerprint(prepared.source),
            "mapping": canonical(prepared.mapping.told()),
            "options": canonical(dict(self._options)),
            "counts": None,
            "status": RUNNING,
            "last_row": 0,
            "operation_id": self._writer.journal.operation_id,
        }
        unit.insert(table, {name: [value] for name, value in row.items()})
        return job_id
