"""Records as they were at an instant, for figures that never change later (``--as-of``).

The state (outcome and stage of a deal, status of a lead, ticket or task) is read from the state log. A record without
an entry before the instant, as an import leaves it, falls back on its own dates: open from its creation until it was
closed. Amounts, probability and expected close are those before the first later change in the journal. What is not
named here is taken as it is today.
"""

from typing import NamedTuple

from crmcli.domain.schema import Entity


class _Track(NamedTuple):
    """How the states of an entity are logged.

    ``state`` is the column that says so, ``logged`` what of the log (alias ``w``) it holds, ``first`` its value before
    anything happened. ``dates`` are columns with the states in which they are set; ``journalled`` columns have their
    earlier values in the journal.
    """

    field: str
    state: str
    logged: str
    first: str
    dates: tuple[tuple[str, tuple[str, ...]], ...]
    journalled: tuple[str, ...] = ()
    created: str = "created_at"


_TRACKS = {
    "deal": _Track(
        "stage", "outcome", "w.to_kind", "open", (("closed_at", ("won", "lost")),),
        ("amount_minor", "currency", "exchange_rate", "expected_close", "lost_reason"),
    ),
    "lead": _Track(
        "status", "status", "w.to_value", "new",
        (("converted_at", ("converted",)), ("lost_at", ("unqualified", "junk"))),
    ),
    "ticket": _Track(
        "status", "status", "w.to_value", "open", (("resolved_at", ("resolved", "closed")),), created="opened_at",
    ),
    "task": _Track("status", "status", "w.to_value", "todo", (("completed_at", ("done",)),)),
}  # fmt: skip
_CREATED = {"interaction": "occurred_at"}


def as_it_was(entity: Entity, columns: tuple[str, ...]) -> Entity:
    """Return an entity whose rows are those known before the instant ``:until``; ``columns`` are those of its table."""
    track = _TRACKS.get(entity.name)
    if track is None:
        created = _CREATED.get(entity.name, "created_at")
        return entity._replace(table=f"(SELECT * FROM {entity.table} WHERE {created} < :until)")
    then = {track.state: "p.state_then"}
    then |= {column: _date(column, states) for column, states in track.dates}
    then |= {column: _journalled(entity, column) for column in track.journalled}
    if entity.name == "deal":
        then |= {"stage_id": _STAGE, "probability_bp": _probability(entity)}
    chosen = ", ".join(f"{then[column]} AS {column}" if column in then else f"p.{column}" for column in columns)
    return entity._replace(table=f"(SELECT {chosen} FROM ({_joined(entity, track)}) p)")


def _joined(entity: Entity, track: _Track) -> str:
    """Return the rows with the last entry of the log before the instant, and the state that follows from both."""
    done = f"COALESCE({', '.join(f'd.{column}' for column, _ in track.dates)}, '')"
    state = (
        f"CASE WHEN w.id IS NOT NULL THEN {track.logged} WHEN {done} < :until THEN d.{track.state}"
        f" ELSE '{track.first}' END"
    )
    return (
        f"SELECT d.*, w.id AS log_id, w.to_value, w.entered_at, w.left_at, {state} AS state_then"
        f" FROM {entity.table} d LEFT JOIN state_log w ON w.id = (SELECT MAX(s.id) FROM state_log s"
        f" WHERE s.entity = '{entity.name}' AND s.record_id = d.id AND s.field = '{track.field}'"
        f" AND s.entered_at < :until) WHERE d.{track.created} < :until"
    )


def _date(column: str, states: tuple[str, ...]) -> str:
    """Return the date of the state then: the record's own while it is in that state still, else when it entered it."""
    return (
        f"CASE WHEN p.state_then IN ({', '.join(map(repr, states))}) THEN"
        f" CASE WHEN p.log_id IS NULL OR p.left_at IS NULL THEN p.{column} ELSE p.entered_at END END"
    )


def _before(entity: Entity, column: str) -> str:
    """Return FROM and WHERE of the later changes of a column in the journal, the first one first."""
    return (
        "FROM change ch JOIN operation o ON o.id = ch.operation_id"
        f" WHERE ch.entity = '{entity.name}' AND ch.record_id = p.id AND o.at >= :until"
        f" AND json_type(ch.before, '$.{column}') IS NOT NULL ORDER BY ch.id LIMIT 1"
    )


def _journalled(entity: Entity, column: str) -> str:
    later = _before(entity, column)
    return (
        f"CASE WHEN EXISTS (SELECT 1 {later}) THEN (SELECT json_extract(ch.before, '$.{column}') {later})"
        f" ELSE p.{column} END"
    )


_STAGE = (
    "CASE WHEN p.log_id IS NOT NULL THEN CAST(p.to_value AS INTEGER) WHEN p.state_then = p.outcome THEN p.stage_id"
    " ELSE COALESCE(p.last_open_stage_id, p.stage_id) END"
)


def _probability(entity: Entity) -> str:
    """Return the probability then: that of the last open stage for a deal of which only the closing is known."""
    known = "p.log_id IS NOT NULL OR p.state_then = p.outcome"
    stage = "(SELECT s.probability_bp FROM stage s WHERE s.id = p.last_open_stage_id)"
    return f"CASE WHEN {known} THEN {_journalled(entity, 'probability_bp')} ELSE COALESCE({stage}, 0) END"
