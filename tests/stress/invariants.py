"""What must hold in any store after any crash, checked with the standard library alone: no code of the product.

``python -m tests.stress.invariants STORE`` prints findings and exits with 1 when there are any.
"""

import json
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from typing import Any

RECORDS = ("lead", "organization", "contact", "deal", "task", "event", "interaction", "ticket")


def findings(path: str) -> list[str]:
    """Return everything that is wrong with a store file."""
    with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True)) as con:
        con.row_factory = sqlite3.Row
        return [
            *_pages(con),
            *_journal_replays(con),
            *_search_is_in_step(con),
            *_states_tile(con),
            *_rows_of_imports(con),
        ]


def _pages(con: sqlite3.Connection) -> Iterator[str]:
    for (answer,) in con.execute("PRAGMA integrity_check"):
        if answer != "ok":
            yield f"integrity: {answer}"
    for row in con.execute("PRAGMA foreign_key_check"):
        yield f"reference: {tuple(row)}"


def _journal_replays(con: sqlite3.Connection) -> Iterator[str]:
    """Apply the journal from the first change to the last and compare the outcome with the tables."""
    state: dict[tuple[str, int], dict[str, Any]] = {}
    for row in con.execute("SELECT entity, record_id, action, after FROM change ORDER BY id"):
        key = (row["entity"], row["record_id"])
        if row["action"] == "remove":
            state.pop(key, None)
        else:
            state.setdefault(key, {}).update(json.loads(row["after"] or "{}"))
    for entity in RECORDS:
        columns = {row["name"] for row in con.execute(f"PRAGMA table_info({entity})")} - {"version"}
        stored = {row["id"]: row for row in con.execute(f"SELECT * FROM {entity}")}
        told = {record_id: image for (name, record_id), image in state.items() if name == entity}
        if stored.keys() != told.keys():
            yield f"{entity}: the journal knows {sorted(told.keys() ^ stored.keys())[:5]} otherwise"
        for record_id in stored.keys() & told.keys():
            wrong = [
                c
                for c in columns
                if stored[record_id][c] != told[record_id].get(c)
                and not _default(stored[record_id][c], told[record_id], c)
            ]
            if wrong:
                yield f"{entity} {record_id}: the journal says otherwise of {wrong}"


def _default(value: Any, image: dict[str, Any], column: str) -> bool:
    return column not in image and value is None


def _search_is_in_step(con: sqlite3.Connection) -> Iterator[str]:
    indexed = con.execute("SELECT COUNT(*) FROM search_index").fetchone()[0]
    live = sum(con.execute(f"SELECT COUNT(*) FROM {t} WHERE deleted_at IS NULL").fetchone()[0] for t in RECORDS)
    if indexed != live:
        yield f"search: {indexed} rows for {live} live records"


def _states_tile(con: sqlite3.Connection) -> Iterator[str]:
    last: dict[tuple[str, int, str], sqlite3.Row] = {}
    for row in con.execute("SELECT * FROM state_log ORDER BY id"):
        key = (row["entity"], row["record_id"], row["field"])
        before = last.get(key)
        if before is not None and before["left_at"] is None:
            yield f"state log: two open intervals of {key}"
        if before is not None and before["left_at"] and before["left_at"] > row["entered_at"]:
            yield f"state log: overlap in {key}"
        last[key] = row


def _rows_of_imports(con: sqlite3.Connection) -> Iterator[str]:
    for job in con.execute("SELECT id, last_row FROM import_job"):
        known = con.execute("SELECT COUNT(*) FROM import_row WHERE job_id = ?", (job["id"],)).fetchone()[0]
        if known > job["last_row"]:
            yield f"import {job['id']}: {known} rows remembered, {job['last_row']} read"


if __name__ == "__main__":
    found = findings(sys.argv[1])
    sys.stdout.write("\n".join(found) + ("\n" if found else ""))
    raise SystemExit(1 if found else 0)
