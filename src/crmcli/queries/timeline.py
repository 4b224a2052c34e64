"""What happened with a customer, newest first: interactions, events, tasks done, moves, creations, conversions.

The timeline of an organization holds that of its people, deals and tickets, that of a person its deals and tickets, and
both the lead they came from (``domain.families``); an activity linked to several of them stands there once. Field
changes are in ``history``.
"""

import sqlite3
from collections.abc import Sequence

from crmcli.domain.families import family, linked
from crmcli.queries.columns import Shown
from crmcli.queries.labels import Labels
from crmcli.store.reader import fetch

COLUMNS = (
    Shown("at", "When", "instant"),
    Shown("kind", "What", "text"),
    Shown("ref", "Ref", "text"),
    Shown("title", "Title", "text"),
    Shown("change", "Change", "text"),
    Shown("user", "By", "text"),
)
_TOLD = ("lead", "organization", "contact", "deal", "ticket")  # those that have a timeline
_BORN = {"ticket": "opened_at"}  # when a record came to be, where that is not created_at
_BRANCHES = (  # at, kind, entity, id, place (in what the entity has of one instant), field, old, new, user
    "SELECT occurred_at, kind, 'interaction', id, id, NULL, NULL, NULL, user_id FROM interaction"
    f" WHERE deleted_at IS NULL AND id IN ({linked('family', 'interaction')})",
    "SELECT start_at, 'event', 'event', id, id, NULL, NULL, NULL, organiser_id FROM event"
    f" WHERE deleted_at IS NULL AND start_at <= crm_now() AND id IN ({linked('family', 'event')})",
    "SELECT completed_at, 'task', 'task', id, id, NULL, NULL, NULL, assignee_id FROM task"
    f" WHERE deleted_at IS NULL AND completed_at IS NOT NULL AND id IN ({linked('family', 'task')})",
    "SELECT s.entered_at, s.field, s.entity, s.record_id, s.id, s.field, s.from_value, s.to_value, s.actor_id"
    " FROM family f JOIN state_log s ON s.entity = f.entity AND s.record_id = f.id WHERE s.from_value IS NOT NULL",
    "SELECT r.converted_at, 'converted', 'lead', r.id, r.id, NULL, NULL, NULL, r.converted_by_id FROM family f"
    " JOIN lead r ON r.id = f.id WHERE f.entity = 'lead' AND r.converted_at IS NOT NULL AND r.deleted_at IS NULL",
    *(
        f"SELECT r.{_BORN.get(entity, 'created_at')}, 'created', '{entity}', r.id, r.id, NULL, NULL, NULL,"
        f" r.created_by_id FROM family f JOIN {entity} r ON r.id = f.id"
        f" WHERE f.entity = '{entity}' AND r.deleted_at IS NULL"
        for entity in _TOLD
    ),
)


def has_timeline(entity: str) -> bool:
    """Say whether records of an entity have a timeline; activities are part of those of others."""
    return entity in _TOLD


def timeline(con: sqlite3.Connection, entity: str, record_id: int, limit: int) -> tuple[list[dict[str, object]], int]:
    """Return the latest rows, keys as in ``COLUMNS``, and how many there are in all.

    ``kind`` is that of an interaction, ``event``, ``task`` (done), the field that moved, ``created`` or ``converted``.
    Events to come are left out.
    """
    past = (
        f"WITH family AS (SELECT DISTINCT entity, id FROM ({family(entity, ':id', former=True)})),"
        f" past (at, kind, entity, id, place, field, old, new, user_id) AS ({' UNION ALL '.join(_BRANCHES)})"
    )
    parameters = {"id": record_id, "limit": limit}
    order = "at DESC, kind = 'created', entity, place DESC"  # within one instant a record comes to be before it moves
    rows = list(fetch(con, f"{past} SELECT * FROM past ORDER BY {order} LIMIT :limit", parameters))
    total: int = con.execute(f"{past} SELECT COUNT(*) FROM past", parameters).fetchone()[0]
    return _presented(con, rows), total


def _presented(con: sqlite3.Connection, rows: Sequence[dict[str, object]]) -> list[dict[str, object]]:
    names, states = Labels(con), States(con)
    for row in rows:
        names.want(str(row["entity"]), [_id(row["id"])])
        names.want("user", [_id(row["user_id"])])
    return [
        {
            "at": row["at"],
            "kind": row["kind"],
            "ref": names.ref(str(row["entity"]), _id(row["id"])),
            "title": names.name(str(row["entity"]), _id(row["id"])),
            "change": states.move(row["field"], row["old"], row["new"]),
            "user": names.name("user", _id(row["user_id"])),
        }
        for row in rows
    ]


class States:
    """Values of the state log for people: stages, which it holds by id, by their names, other values as they are."""

    def __init__(self, con: sqlite3.Connection) -> None:
        self._con = con
        self._stages: dict[str, str] | None = None

    def name(self, field: object, value: object) -> str:
        """Return the name of a value of a tracked field."""
        if field != "stage" or value is None:
            return "" if value is None else str(value)
        if self._stages is None:
            self._stages = dict(self._con.execute("SELECT CAST(id AS TEXT), name FROM stage"))
        return self._stages.get(str(value), str(value))

    def move(self, field: object, old: object, new: object) -> str | None:
        """Return a move as ``Potential → Won``; None when nothing moved."""
        return f"{self.name(field, old)} → {self.name(field, new)}" if field else None


def _id(value: object) -> int | None:
    return value if isinstance(value, int) else None
