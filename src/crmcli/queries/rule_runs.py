"""What rules decided, as the write path left it."""

import sqlite3


def last_runs(con: sqlite3.Connection) -> dict[str, str]:
    """Return the stored instant of the last run of each rule that has run."""
    return dict(
        con.execute(
            "SELECT rule_id, MAX(at) FROM rule_run WHERE status IN ('done', 'matched') GROUP BY rule_id"
        ).fetchall()
    )
