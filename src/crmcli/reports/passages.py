"""What came to pass with records: how deals went through stages, how leads were handed over and answered.

Each stands for the table of deals or leads. As of a moment the log ends there.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any

from crmcli.reports.sets import Origin
from crmcli.store.reader import keep

_WON = 1 << 30  # stands beyond every open stage
_RANKS = "SELECT id, CASE kind WHEN 'won' THEN ? WHEN 'open' THEN position ELSE -1 END FROM stage"
_END = "9999"
_ENTERED, _FURTHER = 1, 2
_LAST = "SELECT COALESCE(MAX(record_id), 0) FROM state_log WHERE entity = 'deal'"
_LOG = (
    "SELECT record_id, CAST(to_value AS INTEGER), entered_at < ? FROM state_log {}"
    " WHERE entity = 'deal' AND field = 'stage' AND entered_at >= ? AND entered_at < ? ORDER BY id DESC"
)
_WHOLE = "NOT INDEXED"  # the log lies in the order of its ids, and without a beginning most of it is wanted
_IN_LOG = "s.entity = 'deal' AND s.field = 'stage' AND (:until IS NULL OR s.entered_at < :until)"


def entries(con: sqlite3.Connection, origin: Origin, asked: Mapping[str, Any]) -> str:
    """Return the deals, once for each open stage that they entered in the period.

    ``passed_stage_id`` is the stage and ``reached`` whether a further stage, or the end as won, came later: skipping a
    stage counts, going back does not undo.
    """
    passed = (
        (stage, deal, mark == _FURTHER)
        for stage, marks in _walked(con, asked)
        for deal, mark in enumerate(marks)
        if mark
    )
    name = f"{origin.name}_passed"
    keep(con, name, "stage_id INTEGER, deal_id INTEGER, reached INTEGER", "VALUES (?, ?, ?)", rows=passed)
    read, deals = _living(con, origin, asked, "p.deal_id")
    return f"(SELECT {read}, p.stage_id AS passed_stage_id, p.reached FROM temp.{name} p {deals})"


def _walked(con: sqlite3.Connection, asked: Mapping[str, Any]) -> list[tuple[int, bytearray]]:
    """Return by stage a mark for each deal, by its id: whether it entered the stage, and whether it came further.

    The log is read backwards, so that what came later is known: the first entry of the period is met last. What came
    before the period does not matter. A million entries go quicker by lists than by dicts.
    """
    ranks: dict[int, int] = dict(con.execute(_RANKS, (_WON,)).fetchall())
    (last,) = con.execute(_LAST).fetchone()
    marks = {stage: bytearray(last + 1) for stage, rank in ranks.items() if 0 <= rank < _WON}
    since = asked["from_utc"]
    log = _LOG.format("" if since else _WHOLE)
    farthest = [-1] * (last + 1)
    for deal, stage, is_inside in con.execute(log, (asked["to_utc"] or _END, since or "", asked["until"] or _END)):
        rank, later = ranks.get(stage, -1), farthest[deal]
        if is_inside and stage in marks:
            marks[stage][deal] = _FURTHER if later > rank else _ENTERED
        if rank > later:
            farthest[deal] = rank
    return sorted(marks.items())


def stays(con: sqlite3.Connection, origin: Origin, asked: Mapping[str, Any]) -> str:
    """Return the deals, once for each stay in an open stage: ``entered_at``, ``left_at`` and ``seconds`` of it."""
    read, deals = _living(con, origin, asked, "s.record_id")
    return (
        f"(SELECT {read}, CAST(s.to_value AS INTEGER) AS passed_stage_id, s.entered_at,"
        " CASE WHEN :until IS NULL OR s.left_at < :until THEN s.left_at END AS left_at, s.seconds"
        f" FROM state_log s {_WHOLE} {deals} WHERE {_IN_LOG} AND s.to_kind = 'open')"
    )


def _living(con: sqlite3.Connection, origin: Origin, asked: Mapping[str, Any], deal: str) -> tuple[str, str]:
    """Keep what is asked of each deal that counts; return its columns, and what is joined to an id of it for them.

    The log is many times as long as the table of deals, and each look at a wide row costs: where a query asks for
    nothing else of them, SQLite leaves a LEFT JOIN with them out.
    """
    known = [column[0] for column in con.execute(f"SELECT * FROM {origin.table} LIMIT 0", asked).description]
    kept = [column for column in known if column == "outcome" or (column in origin.columns and column != "id")]
    chosen = ", ".join(f"r.{column}" for column in ("id", *kept))
    living = f"SELECT {chosen} FROM {origin.table} r WHERE r.deleted_at IS NULL AND {origin.where}"
    keep(con, origin.name, f"id INTEGER PRIMARY KEY, {', '.join(kept)}", living, asked)
    usual = {"deleted_at": "NULL AS deleted_at"} | {column: f"v.{column}" for column in ("id", *kept)}
    join = "LEFT JOIN" if origin.table == "deal" else "CROSS JOIN"
    read = ", ".join(usual.get(column, f"d.{column}") for column in known)
    return read, f"CROSS JOIN temp.{origin.name} v ON v.id = {deal} {join} {origin.table} d ON d.id = v.id"


_HANDED = (  # sales takes over at sql; who skips that has passed it
    "SELECT m.record_id, m.at, (SELECT MIN(s.entered_at) FROM state_log s WHERE s.entity = 'lead'"
    " AND s.record_id = m.record_id AND s.field = 'lifecycle_stage' AND s.entered_at >= m.at"
    " AND s.to_value IN ('sql', 'opportunity', 'customer', 'evangelist')"
    " AND (:until IS NULL OR s.entered_at < :until) AND (NOT :accepted OR s.cause = 'user'))"
    " FROM (SELECT record_id, MIN(entered_at) AS at FROM state_log INDEXED BY ix_state_log_entered"
    " WHERE entity = 'lead' AND field = 'lifecycle_stage' AND to_value = 'mql'"
    " AND (:until IS NULL OR entered_at < :until) GROUP BY record_id HAVING (:from_utc IS NULL OR at >= :from_utc)"
    " AND (:to_utc IS NULL OR at < :to_utc)) m"
)


def handovers(con: sqlite3.Connection, origin: Origin, asked: Mapping[str, Any]) -> str:
    """Return the leads that marketing qualified: ``mql_at``, and ``taken_at`` when sales took over from there."""
    keep(con, origin.name, "id INTEGER PRIMARY KEY, mql_at TEXT, taken_at TEXT", _HANDED, asked)
    return f"(SELECT d.*, h.mql_at, h.taken_at FROM temp.{origin.name} h CROSS JOIN {origin.table} d ON d.id = h.id)"


_ANSWER = (
    "l.activity_entity = 'interaction' AND l.entity = 'lead' AND i.deleted_at IS NULL AND i.direction = 'out'"
    " AND i.is_automatic = 0 AND i.kind <> 'note'"
)
_ANSWERED = (  # each interaction is met once, in the order of links
    "SELECT c.id, c.at, unixepoch(c.at) - unixepoch(d.created_at) FROM (SELECT l.record_id AS id, MIN(i.occurred_at)"
    " AS at FROM interaction i NOT INDEXED CROSS JOIN activity_link l ON l.activity_id = i.id"
    f" WHERE {_ANSWER} GROUP BY 1) c CROSS JOIN lead d ON d.id = c.id"
)
_ANSWERED_SINCE = (  # of the leads of a period alone
    "SELECT c.id, c.at, unixepoch(c.at) - unixepoch(c.created_at) FROM (SELECT d.id, d.created_at,"
    " (SELECT MIN(i.occurred_at) FROM activity_link l CROSS JOIN interaction i ON i.id = l.activity_id"
    f" WHERE {_ANSWER} AND l.record_id = d.id) AS at FROM lead d WHERE d.created_at >= :from_utc"
    " AND (:to_utc IS NULL OR d.created_at < :to_utc)) c WHERE c.at IS NOT NULL"
)


def answers(con: sqlite3.Connection, origin: Origin, asked: Mapping[str, Any]) -> str:
    """Return the leads with ``first_responded_at``, as lists read it, and the ``seconds`` from their creation to it."""
    sql = _ANSWERED_SINCE if asked["from_utc"] else _ANSWERED
    keep(con, origin.name, "id INTEGER PRIMARY KEY, at TEXT, seconds INTEGER", sql, asked)
    answered = f"temp.{origin.name} a ON a.id = d.id"
    return f"(SELECT d.*, a.at AS first_responded_at, a.seconds FROM {origin.table} d LEFT JOIN {answered})"
