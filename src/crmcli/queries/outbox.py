"""What rules decided and what became of what they sent, the newest first; what of it is stuck."""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from crmcli.catalogue import ENTITIES
from crmcli.store.reader import fetch

_RUNS = (
    "SELECT r.id, r.at, r.rule_id, r.event, r.entity, r.record_id, r.status, r.reason, r.actions"
    " FROM rule_run r WHERE r.status <> 'skipped' AND (:rule IS NULL OR r.rule_id = :rule)"
    " AND (NOT :failed OR r.status IN ('failed', 'blocked') OR EXISTS"
    " (SELECT 1 FROM outbox o WHERE o.run_id = r.id AND o.status IN ('failed', 'blocked')))"
    " ORDER BY r.id DESC LIMIT :limit"
)
_SENT = (
    "SELECT run_id, action_no, status, last_error FROM outbox"
    " WHERE run_id IN (SELECT value FROM json_each(?)) ORDER BY id"
)
_WORST = ("failed", "blocked", "sending", "pending", "cancelled", "done")  # of several rows of one action


def list_runs(
    con: sqlite3.Connection, *, rule: str | None = None, failed: bool = False, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the runs of rules: ref (the number of the run), at, rule, event, record, status, actions, reason."""
    runs = list(fetch(con, _RUNS, {"rule": rule, "failed": failed, "limit": -1 if limit is None else limit}))
    sent: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for row in fetch(con, _SENT, (json.dumps([run["id"] for run in runs]),)):
        sent.setdefault((row["run_id"], row["action_no"]), []).append(row)
    for run in runs:
        actions = json.loads(run["actions"] or "[]")
        rows = [_worst(sent.get((run["id"], action["number"]), [])) for action in actions]
        states = [row["status"] if row else action["status"] for action, row in zip(actions, rows, strict=True)]
        kind = ENTITIES.get(run["entity"])
        yield {
            "ref": str(run["id"]),
            "at": run["at"],
            "rule": run["rule_id"],
            "event": run["event"],
            "record": kind.ref(run["record_id"]) if kind and run["record_id"] else None,
            "status": next((state for state in _WORST[:4] if state in states), run["status"]),
            "actions": ", ".join(f"{one['action']} {state}" for one, state in zip(actions, states, strict=True))
            or None,
            "reason": run["reason"] or next((row["last_error"] for row in rows if row and row["last_error"]), None),
        }


def _worst(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
    return min(rows, key=lambda row: _WORST.index(row["status"]), default=None)


def count_stuck(con: sqlite3.Connection, due_before: str, lost_before: str) -> dict[str, int]:
    """Return how many rows of the outbox failed, were blocked, and are overdue since before a stored instant.

    A notice for somebody who does not look waits without being stuck. ``lost_before`` is when a lease is over.
    """
    sql = (
        "SELECT COUNT(*) FILTER (WHERE status = 'failed') AS failed,"
        " COUNT(*) FILTER (WHERE status = 'blocked') AS blocked,"
        " COUNT(*) FILTER (WHERE (status = 'pending' AND COALESCE(not_before, created_at) < :due"
        " AND kind NOT IN ('notify', 'digest')) OR (status = 'sending' AND lease_until < :lost)) AS overdue FROM outbox"
    )
    return next(fetch(con, sql, {"due": due_before, "lost": lost_before}))
