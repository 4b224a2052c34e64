"""What was said last with whom something is about: the latest interaction with the record, its person, its company.

The whole past stands in ``timeline``.
"""

import sqlite3
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.families import activities

_LINKED = (
    "SELECT entity, record_id FROM activity_link WHERE activity_entity = :entity AND activity_id = :id"
    " ORDER BY is_main DESC, position, id"
)
_CUSTOMERS = {
    "task": _LINKED,
    "event": _LINKED,
    "deal": "SELECT 'contact', contact_id FROM deal WHERE id = :id"
    " UNION ALL SELECT 'organization', organization_id FROM deal WHERE id = :id",
    "ticket": "SELECT 'contact', contact_id FROM ticket WHERE id = :id"
    " UNION ALL SELECT 'organization', organization_id FROM ticket WHERE id = :id",
}
_LATEST = (
    f"SELECT r.occurred_at, r.kind, 'A' || r.id, {ENTITIES['interaction'].title} FROM interaction r"
    " WHERE r.id IN ({mine}) AND r.deleted_at IS NULL AND r.occurred_at <= crm_now()"
    " AND r.kind <> 'note' AND r.is_automatic = 0"  # a note to oneself is no contact
    " ORDER BY r.occurred_at DESC, r.id DESC LIMIT 1"
)
_WITH_PAST = ("lead", "organization", "contact", "deal", "ticket")


class LastContact(NamedTuple):
    """The latest interaction: when (stored instant), of which kind, its ref and what was noted."""

    at: str
    kind: str
    ref: str
    note: str | None


def last_contact(con: sqlite3.Connection, entity: str, record_id: int) -> LastContact | None:
    """Return the latest interaction with a record itself, else with the nearest of its customers that has one."""
    looked_at = [(entity, record_id)]
    for customer, customer_id in looked_at:  # grows while it is walked: a task leads to its deal, that to its person
        if customer in _WITH_PAST:
            mine = activities(customer, "interaction", ":id", former=True)
            row = con.execute(_LATEST.format(mine=mine), {"id": customer_id}).fetchone()
            if row:
                return LastContact(*row)
        looked_at += [one for one in _customers(con, customer, customer_id) if one not in looked_at]
    return None


def _customers(con: sqlite3.Connection, entity: str, record_id: int) -> list[tuple[str, int]]:
    sql = _CUSTOMERS.get(entity)
    found = con.execute(sql, {"entity": entity, "id": record_id}) if sql else ()
    return [(customer, customer_id) for customer, customer_id in found if customer_id is not None]
