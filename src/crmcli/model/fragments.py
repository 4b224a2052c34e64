"""SQL fragments of derived fields, written once. Each is an expression over the record's row, alias ``r``."""

from crmcli.domain.consents import GRANTED, PREFIX, state_sql
from crmcli.domain.enums import label, values
from crmcli.domain.families import activities, business
from crmcli.model.record import Collection, Derived

EMAILS = Collection("emails", "emails", "E-mails")
PHONES = Collection("phones", "phones", "Phones")
SOCIALS = Collection("socials", "socials", "Profiles")
TAGS = Collection("tags", "tags", "Tags")
LINKS = Collection("links", "links", "Linked records")
REFERENCES = Collection("external_refs", "rows", "Ids in other systems")
DISTINCT = Collection("distinct_from", "rows", "Not duplicates", writable=False)
_INTERESTED = 50  # points of a lead that has shown interest by them alone
PERSON_NAME = "NULLIF(TRIM(COALESCE(r.first_name, '') || ' ' || COALESCE(r.last_name, '')), '')"


def days_since(start: str, end: str) -> str:
    """Return how many local days lie between two instants; 0 where the end lies before the start."""
    return f"MAX(0, crm_day({end}) - crm_day({start}))"


def primary(entity: str, kind: str) -> str:
    """Return the primary e-mail, phone or profile of a record."""
    return (
        f"(SELECT p.value FROM contact_point p WHERE p.entity = '{entity}' AND p.record_id = r.id"
        f" AND p.kind = '{kind}' AND p.is_primary = 1)"
    )


def points(entity: str) -> tuple[Derived, ...]:
    """Return the primary e-mail and phone as fields."""
    return (
        Derived("email", "text", "E-mail", primary(entity, "email"), writable=True, option=True),
        Derived("phone", "text", "Phone", primary(entity, "phone"), writable=True, option=True),
    )


def open_tasks(entity: str) -> Derived:
    """Return the number of open tasks linked to a record or to one that belongs to it."""
    return Derived(
        "open_tasks",
        "int",
        "Open tasks",
        f"(SELECT COUNT(*) FROM task t WHERE t.id IN ({activities(entity, 'task', 'r.id')})"
        " AND t.deleted_at IS NULL AND t.completed_at IS NULL AND t.status NOT IN ('done', 'cancelled'))",
    )


def last_activity(entity: str) -> Derived:
    """Return when the latest interaction linked to a record, or to one that belongs to it, happened."""
    return Derived(
        "last_activity_at",
        "instant",
        "Last activity",
        "(SELECT MAX(i.occurred_at) FROM interaction i"
        f" WHERE i.id IN ({activities(entity, 'interaction', 'r.id', former=True)}) AND i.deleted_at IS NULL)",
    )


def _contacts(entity: str) -> str:
    """Return FROM and WHERE of the interactions of a record that were contacts: no notes, nothing automatic."""
    return (
        f"FROM interaction i WHERE i.id IN ({activities(entity, 'interaction', 'r.id', former=True)})"
        " AND i.deleted_at IS NULL AND i.kind <> 'note' AND i.is_automatic = 0"
    )


def last_contacted(entity: str) -> Derived:
    """Return when a record, or one that belongs to it, was last contacted."""
    return Derived("last_contacted_at", "instant", "Last contact", f"(SELECT MAX(i.occurred_at) {_contacts(entity)})")


def next_contact(entity: str, when: str = "TRUE") -> str:
    """Return the day of the next contact of a record that meets a condition, as ``domain.cadences`` reckons it."""
    tags = (
        "(SELECT GROUP_CONCAT(t.name_key, char(10)) FROM tagging g JOIN tag t ON t.id = g.tag_id"
        f" WHERE g.entity = '{entity}' AND g.record_id = r.id AND t.deleted_at IS NULL)"
    )
    every = (
        "COALESCE(r.follow_every,"
        f" CASE WHEN crm_has_cadences() THEN crm_cadence(r.lifecycle_stage, r.rating, {tags}) END)"
    )
    return (
        f"CASE WHEN {when} THEN (SELECT CASE WHEN r.next_contact_on IS NOT NULL OR e.every IS NOT NULL THEN (SELECT"
        " crm_next_contact(r.next_contact_on, r.next_contact_set_at, e.every, MAX(i.occurred_at), r.created_at)"
        f" {_contacts(entity)}) END FROM (SELECT {every} AS every) e) END"
    )


def consents() -> tuple[Derived, ...]:
    """Return for each purpose what the person of a record has granted; the channels of each are found by name."""
    return tuple(
        Derived(
            f"{PREFIX}{purpose}",
            "enum",
            f"Consent to {label('consent_purpose', purpose).lower()}",
            state_sql("r.subject_id", purpose),
            enum="consent_state",
        )
        for purpose in values("consent_purpose")
    )


def qualified() -> Derived:
    """Return whether a lead has consented to marketing and shown interest: by its score, or by getting in touch."""
    interest = (
        "EXISTS (SELECT 1 FROM activity_link l JOIN interaction i ON i.id = l.activity_id"
        " WHERE l.activity_entity = 'interaction' AND l.entity = 'lead' AND l.record_id = r.id AND i.deleted_at IS NULL"
        " AND i.direction = 'in' AND i.is_automatic = 0)"
    )
    granted = f"{state_sql('r.subject_id', 'marketing')} = '{GRANTED}'"
    shown = f"(r.score >= {_INTERESTED} OR {interest})"
    sql = f"CASE WHEN r.subject_id IS NOT NULL AND {shown} AND {granted} THEN 1 ELSE 0 END"
    return Derived("is_qualified", "bool", "Qualified by consent and interest", sql)


def count_of(key: str, label: str, table: str, column: str, condition: str) -> Derived:
    """Return how many live rows of a table point here and meet a condition over alias ``x``."""
    return Derived(
        key,
        "int",
        label,
        f"(SELECT COUNT(*) FROM {table} x WHERE x.{column} = r.id AND x.deleted_at IS NULL AND {condition})",
    )


def open_business(entity: str) -> tuple[Derived, ...]:
    """Return the numbers of open deals and tickets of an organization or contact."""
    counted = (
        ("open_deals", "Open deals", "deal", "x.outcome = 'open'"),
        ("open_tickets", "Open tickets", "ticket", "x.status NOT IN ('resolved', 'closed')"),
    )
    return tuple(
        Derived(
            key,
            "int",
            label,
            f"(SELECT COUNT(*) FROM {table} x WHERE x.id IN ({business(entity, table, 'r.id')})"
            f" AND x.deleted_at IS NULL AND {condition})",
        )
        for key, label, table, condition in counted
    )


def linked(activity: str, entity: str, label: str) -> Derived:
    """Return the first linked record of one kind as a reference, the main link first."""
    return Derived(
        entity,
        "ref",
        label,
        f"(SELECT l.record_id FROM activity_link l WHERE l.activity_entity = '{activity}' AND l.activity_id = r.id"
        f" AND l.entity = '{entity}' ORDER BY l.is_main DESC, l.id LIMIT 1)",
        ref=entity,
    )


_PERSON = "TRIM(COALESCE(m.first_name, '') || ' ' || COALESCE(m.last_name, ''))"
_NAMES = {
    "lead": ("L", f"COALESCE(NULLIF({_PERSON}, ''), m.company_name, '')"),
    "organization": ("O", "m.name"),
    "contact": ("C", _PERSON),
    "deal": ("D", "m.name"),
    "ticket": ("K", "m.subject"),
}


def main_record(activity: str) -> Derived:
    """Return the ref and the name of the main linked record."""
    cases = " ".join(
        f"WHEN '{entity}' THEN"
        f" (SELECT TRIM('{letter}' || m.id || ' ' || {name}) FROM {entity} m WHERE m.id = l.record_id)"
        for entity, (letter, name) in _NAMES.items()
    )
    return Derived(
        "main",
        "text",
        "For",
        f"(SELECT CASE l.entity {cases} END FROM activity_link l WHERE l.activity_entity = '{activity}'"
        " AND l.activity_id = r.id ORDER BY l.is_main DESC, l.id LIMIT 1)",
    )


def linked_records(activity: str) -> tuple[Derived, ...]:
    """Return the main record, and the linked lead, organization, contact, deal and ticket as references."""
    return (main_record(activity), *(linked(activity, entity, entity.capitalize()) for entity in _NAMES))
