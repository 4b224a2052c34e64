"""Sets of records that tell how the data is kept: who writes, what nobody touches any more, what seems to be twice."""

from functools import partial
from sqlite3 import Connection

from crmcli.catalogue import ENTITIES
from crmcli.reports.sets import RecordSet

UNTOUCHED_DAYS = 30
COMPARED = ("lead", "organization", "contact")  # kinds of which duplicates are looked for
WRITES = (  # operations of people, alias o: neither imports nor rules, reminders or reports
    "o.actor_kind = 'user' AND o.kind IN ('write', 'convert', 'merge', 'undo', 'redo')"
    " AND o.at >= COALESCE(:from_utc, '') AND o.at < MIN(COALESCE(:to_utc, '~'), COALESCE(:until, '~'))"
)
USERS = RecordSet("user", "active users", "r.is_active = 1")
USERS_WRITING = RecordSet(
    "user", "users who wrote", f"r.is_active = 1 AND r.id IN (SELECT o.actor_id FROM operation o WHERE {WRITES})"
)
_UNTOUCHED = f"julianday(crm_now()) - julianday(r.updated_at) > {UNTOUCHED_DAYS}"
DEALS_UNTOUCHED = RecordSet("deal", "open deals nobody touched", f"r.outcome = 'open' AND {_UNTOUCHED}")
DEALS_TENDED = RecordSet("deal", "open deals touched of late", f"r.outcome = 'open' AND NOT ({_UNTOUCHED})")


def _found(entity: str, con: Connection) -> dict[str, str]:
    """Return the records of groups of duplicates, and the first of each, as lists in JSON."""
    from json import dumps

    from crmcli.queries.duplicates import strong_groups

    groups = strong_groups(con, entity)
    grouped = [record_id for ids in groups.values() for record_id in ids]
    return {"grouped": dumps(grouped), "leading": dumps(list(groups))}


def _sets(entity: str) -> tuple[RecordSet, RecordSet]:
    plural, found = ENTITIES[entity].plural, partial(_found, entity)
    return tuple(  # type: ignore[return-value]  # one for each of two parameters
        RecordSet(entity, f"{noun} {plural}", f"r.id IN (SELECT value FROM json_each(:{name}))", found=found)
        for noun, name in (("duplicate", "grouped"), ("groups of duplicate", "leading"))
    )


DUPLICATES = {entity: _sets(entity) for entity in COMPARED}  # records, and the first of each group
