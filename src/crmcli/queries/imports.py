"""What imports there were, with their receipts, and what an import must know of the store before it reads a file."""

import sqlite3
from collections.abc import Collection
from contextlib import suppress
from json import dumps, loads
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.domain.counts import LARGEST
from crmcli.domain.emails import normalise
from crmcli.domain.text import fold_key
from crmcli.queries.history import taken_back
from crmcli.store.reader import fetch, fetch_one

_JOBS = "SELECT id, at, source, entity, file_name, counts, status, operation_id FROM import_job"
_ITEMS = (
    "SELECT DISTINCT i.entity, i.record_id FROM import_row i JOIN import_job j ON j.id = i.job_id"
    " WHERE j.file_name = ? AND i.entity IN (SELECT value FROM json_each(?)) ORDER BY 1, 2"
)
_IDS = (
    "SELECT r.id, r.uid FROM {table} r WHERE r.id IN (SELECT value FROM json_each(:ids)) AND r.deleted_at IS NULL"
    " UNION ALL SELECT r.id, x.external_id FROM {table} r JOIN external_ref x ON x.record_id = r.id"
    " AND x.entity = '{entity}' WHERE r.id IN (SELECT value FROM json_each(:ids)) AND r.deleted_at IS NULL"
)
_ITEM_KINDS = ("event", "task", "contact", "organization")
_COUNTED = ("rows", "created", "updated", "unchanged", "rejected")


def list_jobs(con: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the imports, the newest first.

    Keys: job, at, file, preset, entity, rows, created, updated, unchanged, rejected, operation, ``undone``, whether it
    is taken back at present, and ``stopped``, whether it did not come to its end.
    """
    gone = taken_back(con)
    return [_job(row, gone) for row in fetch(con, f"{_JOBS} ORDER BY id DESC", ())]


def get_job(con: sqlite3.Connection, job_id: int) -> dict[str, Any] | None:
    """Return one import, keys as in ``list_jobs`` and its whole ``receipt``; None when there is none of that number."""
    row = fetch_one(con, f"{_JOBS} WHERE id = ?", (job_id,)) if job_id <= LARGEST else None
    return _job(row, taken_back(con)) | {"receipt": loads(row["counts"] or "{}")} if row else None


def stored_job(con: sqlite3.Connection, job_id: int) -> dict[str, Any] | None:
    """Return the stored row of an import, with what it needs to go on; None when there is none of that number."""
    sql = "SELECT * FROM import_job WHERE id = ?"
    return fetch_one(con, sql, (job_id,)) if job_id <= LARGEST else None


def jobs_of(con: sqlite3.Connection, operation_id: int) -> list[int]:
    """Return the numbers of the imports that were one step: the files of one command."""
    sql = "SELECT id FROM import_job WHERE operation_id = ? ORDER BY id"
    return [row[0] for row in con.execute(sql, (operation_id,))]


def missing_items(con: sqlite3.Connection, label: str, there: Collection[str]) -> list[str]:
    """Return the refs of live records that imports of a folder brought, and whose files are no longer there.

    ``label`` is how the imports call the folder, ``there`` the identities of the items that are in it now.
    """
    ids: dict[str, list[int]] = {}
    for entity, record_id in con.execute(_ITEMS, (label, dumps(_ITEM_KINDS))):
        ids.setdefault(entity, []).append(record_id)
    missing = []
    for entity, asked in ids.items():
        known: dict[int, set[str]] = {}
        sql = _IDS.format(table=ENTITIES[entity].table, entity=entity)
        for record_id, identity in con.execute(sql, {"ids": dumps(asked)}):
            known.setdefault(record_id, set()).add(identity)
        missing += [ENTITIES[entity].ref(one) for one, own in sorted(known.items()) if own.isdisjoint(there)]
    return missing


def stage_kinds(con: sqlite3.Connection) -> dict[str, str]:
    """Return the kind (open, won, lost) of every stage by ``fold_key`` of its key, name and aliases."""
    kinds: dict[str, str] = {}
    sql = "SELECT key, name, aliases, kind FROM stage WHERE deleted_at IS NULL ORDER BY pipeline_id, position"
    for row in fetch(con, sql, ()):
        for word in (row["key"], row["name"], *loads(row["aliases"] or "[]")):
            kinds.setdefault(fold_key(word), row["kind"])
    return kinds


def own_addresses(con: sqlite3.Connection) -> dict[str, str]:
    """Return the handles of the users by their e-mail address in normal form."""
    sql = "SELECT email, handle FROM app_user WHERE email IS NOT NULL AND deleted_at IS NULL ORDER BY id DESC"
    found: dict[str, str] = {}
    for row in fetch(con, sql, ()):
        with suppress(ValueError):  # what is no address is nobody's
            found[normalise(row["email"])] = row["handle"]
    return found


def _job(row: dict[str, Any], gone: set[int]) -> dict[str, Any]:
    counts = loads(row["counts"] or "{}")
    return {
        "job": row["id"],
        "at": row["at"],
        "file": row["file_name"],
        "preset": row["source"],
        "entity": row["entity"],
        **{key: counts.get(key) for key in _COUNTED},
        "operation": row["operation_id"],
        "undone": row["operation_id"] in gone,
        "stopped": row["status"] == "running",
    }
