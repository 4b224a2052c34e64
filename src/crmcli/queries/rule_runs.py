"""What rules decided, as the write path left it, and which writes they were not asked about."""

import json
import sqlite3
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.store.reader import fetch

SINGLE = 20  # records; of a command that changes more of them, what only rested is not kept
_FAMILY = (
    "WITH RECURSIVE family(id) AS (SELECT ?1"
    " UNION SELECT r.id FROM {table} r JOIN family ON r.merged_into_id = family.id)"
    " SELECT id FROM family"
)
_DECISIONS = (
    "SELECT r.at, r.rule_id AS rule, r.record_id, r.status, r.reason, r.event, r.actions, o.command, r.operation_id"
    " FROM rule_run r LEFT JOIN operation o ON o.id = r.operation_id"
    " WHERE r.entity = :entity AND r.record_id IN (SELECT value FROM json_each(:ids)) AND r.status <> 'ended'"
    " ORDER BY r.id DESC LIMIT :limit"
)
_UNASKED = (
    "SELECT DISTINCT o.at, NULL AS rule, c.record_id, 'skipped' AS status, NULL AS event, o.command,"
    " o.id AS operation_id,"
    " CASE WHEN ' ' || o.command || ' ' LIKE '% --no-rules %' THEN 'no rule was to act: --no-rules'"
    " WHEN o.kind = 'import' THEN 'an import: only rules with imports = true act on it, or all with --with-rules'"
    " WHEN o.kind IN ('undo', 'redo') THEN 'rules do not act on what is taken back or done again'"
    " ELSE 'a command on many records: of the rules that rested nothing is kept' END AS why"
    " FROM change c JOIN operation o ON o.id = c.operation_id"
    " WHERE c.entity = :entity AND c.record_id IN (SELECT value FROM json_each(:ids))"
    " AND (' ' || o.command || ' ' LIKE '% --no-rules %' OR o.kind IN ('undo', 'redo')"
    " OR (o.kind = 'import' AND ' ' || o.command || ' ' NOT LIKE '% --with-rules %')"
    f" OR EXISTS (SELECT 1 FROM change m WHERE m.operation_id = o.id LIMIT 1 OFFSET {SINGLE}))"
    " ORDER BY o.id DESC LIMIT :limit"
)


def last_runs(con: sqlite3.Connection) -> dict[str, str]:
    """Return the stored instant of the last run of each rule that has run."""
    return dict(
        con.execute(
            "SELECT rule_id, MAX(at) FROM rule_run WHERE status IN ('done', 'matched') GROUP BY rule_id"
        ).fetchall()
    )


def decisions(con: sqlite3.Connection, entity: str, record_id: int, limit: int) -> list[dict[str, Any]]:
    """Return what rules last decided on a record and on those that were merged into it, the newest first.

    Keys: at, rule, record (ref), status, why (it rested, or what its actions came to: ``set done, task skipped``),
    event, command. Where rules were not asked about a write of it, a row without a rule says why.
    """
    kind = ENTITIES[entity]
    merges = "merged_into_id" in kind.fields
    ids = [row[0] for row in con.execute(_FAMILY.format(table=kind.table), (record_id,))] if merges else [record_id]
    asked = {"entity": entity, "ids": json.dumps(ids), "limit": limit}
    rows = list(fetch(con, _DECISIONS, asked))
    for row in rows:
        done = [f"{action['action']} {action['status']}" for action in json.loads(row.pop("actions") or "[]")]
        row["why"] = row.pop("reason") or ", ".join(done) or None
    both = [*rows, *fetch(con, _UNASKED, asked)]
    both.sort(key=lambda row: (row["at"], row["operation_id"] or 0), reverse=True)
    for row in both:
        row["record"] = kind.ref(row.pop("record_id"))
        del row["operation_id"]
    return both[:limit]
