"""Records as they were at an instant, for figures that never change later (``--as-of``).

The state (outcome and stage of a deal, status of a lead, ticket or task) is read from the state log. A record without
an entry before the instant, as an import leaves it, falls back on its own dates: open from its creation until it was
closed. Amounts, probability and expected close are those before the first later change in the journal. What is not
named here is taken as it is today.

What differs from today is worked out once for each kind of record and kept in memory, since a report reads each kind
many times; and with it what figures ask most, so that few of them look at the records besides.
"""

import sqlite3
from typing import NamedTuple

from crmcli.domain.schema import Entity
from crmcli.store.reader import keep


class _Track(NamedTuple):
    """How the states of an entity are logged.

    ``state`` is the column that says so, ``logged`` what of the log (alias ``w``) it holds, ``first`` its value before
    anything happened. ``dates`` are columns with the states in which they are set; ``journalled`` columns have their
    earlier values in the journal. ``often`` are further columns that most figures ask.
    """

    field: str
    state: str
    logged: str
    first: str
    dates: tuple[tuple[str, tuple[str, ...]], ...]
    journalled: tuple[str, ...] = ()
    created: str = "created_at"
    often: tuple[str, ...] = ("deleted_at", "created_at", "owner_id", "source")


_TRACKS = {
    "deal": _Track(
        "stage", "outcome", "w.to_kind", "open", (("closed_at", ("won", "lost")),),
        ("amount_minor", "currency", "exchange_rate", "expected_close", "lost_reason", "push_count"),
        often=("deleted_at", "created_at", "owner_id", "source", "amount_minor", "currency", "exchange_rate",
               "expected_close"),
    ),
    "lead": _Track(
        "status", "status", "w.to_value", "new",
        (("converted_at", ("converted",)), ("lost_at", ("unqualified", "junk"))),
    ),
    "ticket": _Track(
        "status", "status", "w.to_value", "open", (("resolved_at", ("resolved", "closed")),), created="opened_at",
        often=("deleted_at", "opened_at"),
    ),
    "task": _Track("status", "status", "w.to_value", "todo", (("completed_at", ("done",)),), often=("deleted_at",)),
}  # fmt: skip
_CREATED = {"interaction": "occurred_at"}


class Past:
    """The past of one store, for one report: ``table`` reads a kind of record as it was before an instant."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con
        self._kept: dict[tuple[str, str], str] = {}
        self.sources: dict[object, str] = {}  # what stands for the tables of record sets that have a source

    def table(self, entity: Entity, until: str) -> str:
        """Return what stands for the table of an entity before an instant; SQL that binds it as ``:until``."""
        track = _TRACKS.get(entity.name)
        if track is None:
            created = _CREATED.get(entity.name, "created_at")
            return f"(SELECT * FROM {entity.table} WHERE {created} < :until)"
        key = (entity.name, until)
        if key not in self._kept:
            self._kept[key] = self._keep(entity, track, until)
        return self._kept[key]

    def _keep(self, entity: Entity, track: _Track, until: str) -> str:
        """Keep what was otherwise than today, and return the join of it with the rest."""
        name = f"past_{entity.name}_{len(self._kept)}"
        later = f"{name}_later"
        keep(self._con, later, "id INTEGER PRIMARY KEY, record_id INTEGER, before TEXT", _LATER,
             {"entity": entity.name, "until": until}, index="record_id")  # fmt: skip
        (has_changed,) = self._con.execute(f"SELECT EXISTS (SELECT 1 FROM temp.{later})").fetchone()
        then = {column: f"p.{column}" for column in track.often}
        then |= _then(entity, track, f"temp.{later}" if has_changed else None)
        columns = ", ".join(("id INTEGER PRIMARY KEY", *then))
        chosen = ", ".join(("p.id", *then.values()))
        keep(self._con, name, columns, f"SELECT {chosen} FROM ({_joined(entity, track)}) p",
             {"entity": entity.name, "field": track.field, "until": until})  # fmt: skip
        known = tuple(column[0] for column in self._con.execute(f"SELECT * FROM {entity.table} LIMIT 0").description)
        read = ", ".join(f"{'t' if column in then else 'd'}.{column}" for column in known)
        return f"(SELECT {read} FROM temp.{name} t LEFT JOIN {entity.table} d ON d.id = t.id)"


_LATER = (
    "SELECT ch.id, ch.record_id, ch.before FROM operation o CROSS JOIN change ch ON ch.operation_id = o.id"
    " WHERE o.at >= :until AND ch.entity = :entity AND ch.before IS NOT NULL"
)


def _then(entity: Entity, track: _Track, later: str | None) -> dict[str, str]:
    """Return the columns that may have been otherwise, with the SQL of what they held; ``later`` are later changes."""
    then = {track.state: "p.state_then"}
    then |= {column: _date(column, states) for column, states in track.dates}
    if later is not None:
        then |= {column: _journalled(column, later) for column in track.journalled}
    if entity.name == "deal":
        then |= {"stage_id": _STAGE, "stage_entered_at": _ENTERED, "probability_bp": _probability(later)}
    return then


def _joined(entity: Entity, track: _Track) -> str:
    """Return the rows with the entry of the log in which they stood before the instant, and the state from both."""
    done = f"COALESCE({', '.join(f'd.{column}' for column, _ in track.dates)}, '')"
    state = (
        f"CASE WHEN w.id IS NOT NULL THEN {track.logged} WHEN {done} < :until THEN d.{track.state}"
        f" ELSE '{track.first}' END"
    )
    stood = (
        "SELECT MAX(s.id) AS id, s.record_id, s.to_value, s.to_kind, s.entered_at, s.left_at"
        " FROM state_log s INDEXED BY ix_state_log_entered"
        " WHERE s.entity = :entity AND s.field = :field AND s.entered_at < :until"
        " AND (s.left_at IS NULL OR s.left_at >= :until) GROUP BY s.record_id"
    )
    return (
        f"SELECT d.*, w.id AS log_id, w.to_value, w.entered_at, w.left_at, {state} AS state_then"
        f" FROM {entity.table} d LEFT JOIN ({stood}) w ON w.record_id = d.id WHERE d.{track.created} < :until"
    )


def _date(column: str, states: tuple[str, ...]) -> str:
    """Return the date of the state then: the record's own while it is in that state still, else when it entered it."""
    return (
        f"CASE WHEN p.state_then IN ({', '.join(map(repr, states))}) THEN"
        f" CASE WHEN p.log_id IS NULL OR p.left_at IS NULL THEN p.{column} ELSE p.entered_at END END"
    )


def _journalled(column: str, later: str) -> str:
    """Return what a column held before the first later change of it."""
    changes = (
        f"FROM {later} ch WHERE ch.record_id = p.id AND json_type(ch.before, '$.{column}') IS NOT NULL"
        " ORDER BY ch.id LIMIT 1"
    )
    return (
        f"CASE WHEN p.id IN (SELECT record_id FROM {later}) AND EXISTS (SELECT 1 {changes})"
        f" THEN (SELECT json_extract(ch.before, '$.{column}') {changes})"
        f" ELSE p.{column} END"
    )


_STAGE = (
    "CASE WHEN p.log_id IS NOT NULL THEN CAST(p.to_value AS INTEGER) WHEN p.state_then = p.outcome THEN p.stage_id"
    " ELSE COALESCE(p.last_open_stage_id, p.stage_id) END"
)


_ENTERED = "CASE WHEN p.log_id IS NULL OR p.left_at IS NULL THEN p.stage_entered_at ELSE p.entered_at END"


def _probability(later: str | None) -> str:
    """Return the probability then: that of the last open stage for a deal of which only the closing is known."""
    known = "p.log_id IS NOT NULL OR p.state_then = p.outcome"
    stage = "(SELECT s.probability_bp FROM stage s WHERE s.id = p.last_open_stage_id)"
    own = "p.probability_bp" if later is None else _journalled("probability_bp", later)
    return f"CASE WHEN {known} THEN {own} ELSE COALESCE({stage}, 0) END"
