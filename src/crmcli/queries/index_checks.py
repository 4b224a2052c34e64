"""Whether the full-text index finds each record by the words that it has, and nothing that is not there.

Whether the index is sound in itself is looked at by ``store.index_check``.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from json import dumps

from crmcli.catalogue import ENTITIES
from crmcli.queries.exports import stored_images
from crmcli.store.search import SEARCHED, entry, row_number

Broken = tuple[str, int, str]  # entity, id, what is wrong
_CHUNK = 500
_STRIDE = row_number("lead", 1) - row_number("lead", 0)
_ROWS = "SELECT rowid, name, keys, body FROM search_index WHERE rowid IN (SELECT value FROM json_each(?))"
_GONE = (
    f"SELECT s.rowid / {_STRIDE} FROM search_index s WHERE s.rowid % {_STRIDE} = ? AND NOT EXISTS"
    f" (SELECT 1 FROM {{table}} r WHERE r.id = s.rowid / {_STRIDE} AND r.deleted_at IS NULL)"
)
WAY_OUT = "crm doctor --reindex"


def broken_index(con: sqlite3.Connection) -> Iterator[Broken]:
    """Yield the records that are not found by their words, and those that are found and not there any more."""
    for name in SEARCHED:
        table = ENTITIES[name].table
        live = con.execute(f"SELECT id FROM {table} WHERE deleted_at IS NULL ORDER BY id")
        while ids := [row[0] for row in islice(live, _CHUNK)]:
            for record_id in _hidden(con, name, ids):
                yield name, record_id, f"search: not found by the words that it has: {WAY_OUT}"
        for (record_id,) in con.execute(_GONE.format(table=table), (row_number(name, 0),)):
            yield name, record_id, f"search: found, and not there: {WAY_OUT}"


def _hidden(con: sqlite3.Connection, name: str, ids: Sequence[int]) -> Iterator[int]:
    """Yield the records whose words are not those of the index."""
    rows = dumps([row_number(name, record_id) for record_id in ids])
    indexed = {row[0]: row for row in con.execute(_ROWS, (rows,))}
    for record_id, image in stored_images(con, ENTITIES[name], ids).items():
        if indexed.get(row_number(name, record_id)) != entry(name, record_id, image):
            yield record_id
