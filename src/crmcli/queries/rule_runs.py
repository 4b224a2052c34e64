"""What rules decided, as the write path left it."""

import sqlite3
from json import loads
from typing import Any

from crmcli.store.reader import fetch

_DECISIONS = (
    "SELECT r.at, r.rule_id AS rule, r.status, r.reason, r.event, r.actions, o.command FROM rule_run r"
    " LEFT JOIN operation o ON o.id = r.operation_id WHERE r.entity = ? AND r.record_id = ? AND r.status <> 'ended'"
    " ORDER BY r.id DESC LIMIT ?"
)


def last_runs(con: sqlite3.Connection) -> dict[str, str]:
    """Return the stored instant of the last run of each rule that has run."""
    return dict(
        con.execute(
            "SELECT rule_id, MAX(at) FROM rule_run WHERE status IN ('done', 'matched') GROUP BY rule_id"
        ).fetchall()
    )


def decisions(con: sqlite3.Connection, entity: str, record_id: int, limit: int) -> list[dict[str, Any]]:
    """Return what rules last decided on a record, the newest first.

    Keys: at, rule, status, why (it rested, or what its actions came to: ``set done, task skipped``), event, command.
    """
    rows = list(fetch(con, _DECISIONS, (entity, record_id, limit)))
    for row in rows:
        done = [f"{action['action']} {action['status']}" for action in loads(row.pop("actions") or "[]")]
        row["why"] = row.pop("reason") or ", ".join(done) or None
    return rows
