"""Which records belong to a customer: SQL written once, so that counts, cards and timelines agree.

``owner`` is the expression of the customer's id. A deal or ticket that names no organization belongs to the main
employer of its person. What is selected of these records belongs to whoever asks.
"""

_OF_COMPANY = (
    "SELECT x.id FROM {table} x WHERE x.organization_id = {owner} UNION ALL SELECT x.id FROM organization_contact p"
    " JOIN {table} x ON x.contact_id = p.contact_id AND x.organization_id IS NULL"
    " WHERE p.organization_id = {owner} AND p.is_primary = 1"
)
_OF_PERSON = {
    "deal": "SELECT x.id FROM deal x WHERE x.contact_id = {owner}"
    " UNION ALL SELECT x.deal_id FROM deal_contact x WHERE x.contact_id = {owner}",
    "ticket": "SELECT x.id FROM ticket x WHERE x.contact_id = {owner}",
}
_CAME_FROM = {
    "organization": "SELECT x.id FROM lead x WHERE x.converted_organization_id = {owner}",
    "contact": "SELECT x.id FROM lead x WHERE x.converted_contact_id = {owner}",
    "deal": "SELECT x.lead_id FROM deal x WHERE x.id = {owner} AND x.lead_id IS NOT NULL",
}
_PEOPLE = "SELECT x.contact_id FROM organization_contact x WHERE x.organization_id = {owner}"


def people(owner: str, *, former: bool = False) -> str:
    """Return the SELECT of the ids of an organization's contacts, with ``former`` also of those who have left."""
    return _PEOPLE.format(owner=owner) + ("" if former else " AND x.is_active = 1")


def business(entity: str, table: str, owner: str) -> str:
    """Return the SELECT of the ids of the deals or tickets (``table``) of an organization or contact (``entity``)."""
    pattern = _OF_COMPANY if entity == "organization" else _OF_PERSON[table]
    return pattern.format(table=table, owner=owner)


def family(entity: str, owner: str, *, former: bool = False) -> str:
    """Return the SELECT of (entity, id) of a record and of those whose activities are its own.

    One may come more than once. ``former`` adds the people who have left an organization; its past is theirs too.
    """
    members = {}
    if entity == "organization":
        members["contact"] = people(owner, former=former)
    if entity in ("organization", "contact"):
        members |= {table: business(entity, table, owner) for table in ("deal", "ticket")}
    if entity in _CAME_FROM:
        members["lead"] = _CAME_FROM[entity].format(owner=owner)
    further = (f"SELECT '{name}', m.* FROM ({select}) m" for name, select in members.items())
    return " UNION ALL ".join((f"SELECT '{entity}' AS entity, {owner} AS id", *further))


def activities(entity: str, activity: str, owner: str, *, former: bool = False) -> str:
    """Return the SELECT of the ids of a record's tasks, events or interactions (``activity``); one may come twice."""
    return linked(f"({family(entity, owner, former=former)})", activity)


def linked(relation: str, activity: str) -> str:
    """Return the SELECT of the ids of the activities of a kind that are linked to the records of a ``family``."""
    return (
        f"SELECT l.activity_id FROM {relation} f JOIN activity_link l"
        # the plus keeps SQLite from an index by kind of activity, which would look at every link there is
        f" ON l.entity = f.entity AND l.record_id = f.id AND +l.activity_entity = '{activity}'"
    )
