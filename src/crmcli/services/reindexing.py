"""The full-text index written anew from the records, where it is not what they say any more."""

import sqlite3
from pathlib import Path

from crmcli.catalogue import ENTITIES
from crmcli.config.settings import Settings
from crmcli.queries.index_checks import WAY_OUT
from crmcli.services import images
from crmcli.services.results import manner_of
from crmcli.store import search
from crmcli.store.unit_of_work import UnitOfWork

_CHUNK = 500


def reindex(store: Path, settings: Settings) -> int:
    """Write the index of a store anew, in one transaction, and return how many records it holds."""
    with UnitOfWork(store, manner_of(settings), WAY_OUT) as unit:
        try:
            unit.raw.execute("DROP TABLE search_index")
            unit.raw.execute(search.DDL)
            count = fill_index(unit.raw)
        except sqlite3.Error as error:
            raise unit.told(error) from error
        unit.commit()
    return count


def fill_index(con: sqlite3.Connection) -> int:
    """Let every live record be found in an empty index, and return how many there are."""
    count = 0
    for name in search.SEARCHED:
        kind = ENTITIES[name]
        live = con.execute(f"SELECT id FROM {kind.table} WHERE deleted_at IS NULL ORDER BY id").fetchall()
        count += len(live)
        for start in range(0, len(live), _CHUNK):
            ids = [row[0] for row in live[start : start + _CHUNK]]
            found = list(images.load(con, kind, ids).values())
            con.executemany(search.INSERT, search.entries(name, images.columns_of(found, found[0])))
    return count
