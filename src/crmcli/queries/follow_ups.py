"""Follow-ups: whom to contact next, the most pressing first. When each is due is a field of the record itself.

Who is contacted by neither call nor mail, because both are forbidden, is left out.
"""

import sqlite3
from collections.abc import Iterator
from datetime import date
from json import dumps
from typing import NamedTuple

from crmcli import clock
from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.domain.families import activities
from crmcli.domain.zones import instant_text, local_date
from crmcli.queries.records import ListQuery, list_records

Row = dict[str, object]
FOLLOWED = ("contact", "organization", "lead")
WEIGHTS = {"weak": 2, "medium": 3, "strong": 4}  # of a day by which a follow-up is late
_MEDIUM, _STRONG = 3, 10  # contacts within a year
_BANNED = "r.do_not_call = 1 AND r.do_not_email = 1"
_SHOWN = {
    "contact": ("name", "next_contact_on", "follow_every", "organization", "phone", "owner"),
    "organization": ("name", "next_contact_on", "follow_every", "phone", "owner"),
    "lead": ("name", "next_contact_on", "follow_every", "company_name", "phone", "owner"),
}
_MAY_BE_FOLLOWED = (  # found without reckoning a day: of many people most are followed by nobody
    "r.id IN (SELECT c.id FROM {table} c WHERE c.follow_every IS NOT NULL OR c.next_contact_on IS NOT NULL"
    " OR c.lifecycle_stage IN (SELECT value FROM json_each(crm_followed(), '$.stages'))"
    " OR c.rating IN (SELECT value FROM json_each(crm_followed(), '$.tiers'))"
    " OR c.id IN (SELECT g.record_id FROM tag t CROSS JOIN tagging g ON g.tag_id = t.id AND g.entity = '{entity}'"
    " WHERE t.name_key IN (SELECT value FROM json_each(crm_followed(), '$.tags'))))"
)
_CONTACTS = (
    "SELECT r.id, i.id, i.occurred_at, i.kind, COALESCE(i.subject, substr(i.body, 1, 200)) FROM {table} r"
    " JOIN interaction i ON i.id IN ({activities}) WHERE r.id IN (SELECT value FROM json_each(:ids))"
    " AND i.deleted_at IS NULL AND i.kind <> 'note' AND i.is_automatic = 0 ORDER BY r.id, i.occurred_at, i.id"
)


class Contacts(NamedTuple):
    """What is known of the contacts with somebody: how strong the relation is, and the last one, if there was any."""

    strength: str
    at: str | None = None  # stored instant
    kind: str | None = None
    note: str | None = None


def due_follow_ups(
    con: sqlite3.Connection, last: str, zone: str, user: int | None = None, first: str = ""
) -> list[Row]:
    """Return the follow-ups due by a local day (``last``, and not before ``first``), the most pressing first.

    Of the records of one owner (id), or of all. Rows: ``entity``, ``id``, ``ref``, ``name``, ``about`` (whom they work
    for), ``phone``, ``owner``, ``due`` (local date), ``overdue_days``, ``strength``, ``priority``, ``every``,
    ``last_contacted_at`` (instant), ``last_kind`` and ``last_note``. The priority is the number of days late, today
    counting as one, times the weight of the relation (``WEIGHTS``), which is strong with ten contacts within a year and
    medium with three.
    """
    today = local_date(clock.now_text(), zone)
    found = [row for entity in FOLLOWED for row in _due(con, entity, (first, last), today, user)]
    return sorted(found, key=_turn)


def _due(con: sqlite3.Connection, entity: str, days: tuple[str, str], today: str, user: int | None) -> Iterator[Row]:
    query = ListQuery(_clause(entity, days, user), columns=_SHOWN[entity])
    rows = list(list_records(con, ENTITIES[entity], query).rows)
    known = _contacts(con, entity, [int(str(row["id"])) for row in rows])
    for row in rows:
        yield _row(entity, row, known.get(int(str(row["id"])), Contacts("weak")), today)


def _clause(entity: str, days: tuple[str, str], user: int | None) -> Clause:
    """Return the condition on a record to be contacted within some days."""
    kind = ENTITIES[entity]
    followed = _MAY_BE_FOLLOWED.format(table=kind.table, entity=entity)
    where = f"{followed} AND {kind.fields['next_contact_on'].sql} BETWEEN :first AND :last"
    if "do_not_call" in kind.fields:
        where += f" AND NOT ({_BANNED})"
    if user is not None:
        where += " AND r.owner_id = :user"
    return Clause(where, {"first": days[0], "last": days[1], "user": user or 0})


def _contacts(con: sqlite3.Connection, entity: str, ids: list[int]) -> dict[int, Contacts]:
    """Return what is known of the contacts with each of some records."""
    if not ids:
        return {}
    year_ago = _year_ago()
    sql = _CONTACTS.format(
        table=ENTITIES[entity].table, activities=activities(entity, "interaction", "r.id", former=True)
    )
    counts: dict[int, int] = {}
    last: dict[int, tuple[str, str, str | None]] = {}
    for record_id, _, at, kind, note in con.execute(sql, {"ids": dumps(ids)}):
        counts[record_id] = counts.get(record_id, 0) + (at >= year_ago)
        last[record_id] = (at, kind, note)
    return {record_id: Contacts(_strength(counts[record_id]), *last[record_id]) for record_id in last}


def _strength(contacts: int) -> str:
    return "strong" if contacts >= _STRONG else "medium" if contacts >= _MEDIUM else "weak"


def _year_ago() -> str:
    from datetime import timedelta

    return instant_text(clock.now() - timedelta(days=365))


def _row(entity: str, row: Row, contacts: Contacts, today: str) -> Row:
    due = str(row["next_contact_on"])
    late = (date.fromisoformat(today) - date.fromisoformat(due)).days
    return {
        "entity": entity, "id": row["id"], "ref": row["ref"], "name": row["name"],
        "about": row.get("organization") or row.get("company_name"), "phone": row["phone"], "owner": row["owner"],
        "due": due, "overdue_days": max(late, 0), "strength": contacts.strength,
        "priority": max(late + 1, 0) * WEIGHTS[contacts.strength], "every": row["follow_every"],
        "last_contacted_at": contacts.at, "last_kind": contacts.kind, "last_note": contacts.note,
    }  # fmt: skip


def _turn(row: Row) -> tuple[int, str, int, int]:
    return -int(str(row["priority"])), str(row["due"]), FOLLOWED.index(str(row["entity"])), int(str(row["id"]))
