"""What the log of states tells besides the present one: how deals passed through stages, how leads were handed over.

Each stands for the table of deals or leads. As of a moment the log ends there.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from crmcli.store.reader import keep

_WON = 1 << 30  # stands beyond every open stage
_RANKS = "SELECT id, CASE kind WHEN 'won' THEN ? WHEN 'open' THEN position ELSE -1 END FROM stage"
_LOG = (
    "SELECT record_id, CAST(to_value AS INTEGER), entered_at FROM state_log"
    " WHERE entity = 'deal' AND field = 'stage' AND entered_at >= ? AND entered_at < ? ORDER BY id DESC"
)
_IN_LOG = "s.entity = 'deal' AND s.field = 'stage' AND (:until IS NULL OR s.entered_at < :until)"
_END = "9999"
_BITS = 24  # of the id of a stage
_STAGE = (1 << _BITS) - 1


def entries(con: sqlite3.Connection, table: str, asked: Mapping[str, Any]) -> str:
    """Return the deals, once for each open stage that they entered in the period.

    ``passed_stage_id`` is the stage and ``reached`` whether a further stage, or the end as won, came later: skipping a
    stage counts, going back does not undo.
    """
    keep(con, "passage", "key INTEGER, reached INTEGER", "VALUES (?, ?)", rows=_walked(con, asked).items())
    return (
        f"(SELECT d.*, p.key & {_STAGE} AS passed_stage_id, p.reached FROM temp.passage p"
        f" CROSS JOIN {table} d ON d.id = p.key >> {_BITS})"
    )


def _walked(con: sqlite3.Connection, asked: Mapping[str, Any]) -> dict[int, bool]:
    """Read the log backwards, so that what came later is known: the first entry of the period is met last.

    What came before the period does not matter. Deal and stage are one number, by which a million entries go quicker.
    """
    ranks: dict[int, int] = dict(con.execute(_RANKS, (_WON,)).fetchall())
    end = asked["to_utc"] or _END
    farthest: dict[int, int] = {}
    found: dict[int, bool] = {}
    for deal, stage, at in con.execute(_LOG, (asked["from_utc"] or "", asked["until"] or _END)):
        later, rank = farthest.get(deal, -1), ranks.get(stage, -1)
        if 0 <= rank < _WON and at < end:
            found[deal << _BITS | stage] = later > rank
        if rank > later:
            farthest[deal] = rank
    return found


def stays(_con: sqlite3.Connection, table: str, _asked: Mapping[str, Any]) -> str:
    """Return the deals, once for each stay in an open stage: ``entered_at``, ``left_at`` and ``seconds`` of it."""
    return (
        "(SELECT d.*, CAST(s.to_value AS INTEGER) AS passed_stage_id, s.entered_at,"
        " CASE WHEN :until IS NULL OR s.left_at < :until THEN s.left_at END AS left_at, s.seconds"
        f" FROM state_log s CROSS JOIN {table} d ON d.id = s.record_id WHERE {_IN_LOG} AND s.to_kind = 'open')"
    )


_HANDED = (  # sales takes over at sql; who skips that has passed it
    "SELECT m.record_id, m.at, (SELECT MIN(s.entered_at) FROM state_log s WHERE s.entity = 'lead'"
    " AND s.record_id = m.record_id AND s.field = 'lifecycle_stage' AND s.entered_at >= m.at"
    " AND s.to_value IN ('sql', 'opportunity', 'customer', 'evangelist')"
    " AND (:until IS NULL OR s.entered_at < :until) AND (NOT :accepted OR s.cause = 'user'))"
    " FROM (SELECT record_id, MIN(entered_at) AS at FROM state_log INDEXED BY ix_state_log_entered"
    " WHERE entity = 'lead' AND field = 'lifecycle_stage' AND to_value = 'mql'"
    " AND (:until IS NULL OR entered_at < :until) GROUP BY record_id) m"
)


def handovers(con: sqlite3.Connection, table: str, asked: Mapping[str, Any]) -> str:
    """Return the leads that marketing qualified: ``mql_at``, and ``taken_at`` when sales took over from there."""
    keep(con, "handover", "id INTEGER PRIMARY KEY, mql_at TEXT, taken_at TEXT", _HANDED, asked)
    return f"(SELECT d.*, h.mql_at, h.taken_at FROM temp.handover h CROSS JOIN {table} d ON d.id = h.id)"
