"""Targets: what a column may become on an entity, from its name in a preset or after ``--map``.

A target is a field of the catalogue, a custom field, an e-mail or phone with a label, an external id, a link to another
record, or a decision about the row. How the cells of a target are read belongs in ``cells``.
"""

from collections.abc import Mapping
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import UsageError

IGNORED = "ignore"

# Fields that commands derive or guard, and that only the history in a file can tell.
_FROM_FILES = {
    "lead": ("converted_at", "converted_organization", "converted_contact", "converted_deal"),
    "deal": ("closed_at", "outcome", "lost_reason", "lost_note", "stage_entered_at"),
    "task": ("completed_at",),
    "event": ("ical_uid",),
    "interaction": ("message_id",),
    "ticket": ("number", "opened_at", "resolved_at", "closed_at", "first_response_at"),
}
_DECISIONS = frozenset({"deleted", "won", "closed", "master", "closing_date"})
_POINTS = {"email": "emails", "emails": "emails", "phone": "phones", "phones": "phones", "socials": "socials"}
_KEYS = {  # by what a record of an entity can be found, and the key a bare link means first
    "organization": ("name", "domain", "external_id"),
    "contact": ("name", "email", "external_id"),
    "lead": ("name", "email", "external_id"),
    "user": ("person", "external_id"),
    "deal": ("name", "external_id"),
    "ticket": ("number", "external_id"),
    "pipeline": ("name",),
    "stage": ("name",),
}


class Target(NamedTuple):
    """One thing a cell becomes.

    ``kind`` decides how it is read: a catalogue type (text, int, money, percent, bool, date, instant, enum, emails,
    phones, socials, tags), or zoned, birthdate, employees, domain, currency, full_name, external_id, link, note, or a
    decision (deleted, won, closed, master, closing_date). ``key`` is the key among the values or links of a draft.
    """

    name: str  # as written: "phones.mobile"
    key: str
    kind: str
    field: Field | None = None
    label: str = ""  # of an e-mail, phone or profile
    entity: str = ""  # a link points to
    by: str = ""  # key a link is found by: name, domain, email, person, number, external_id


def parse_target(entity: str, name: str, custom: Mapping[str, Field] | None = None) -> Target | None:
    """Return the target called so on an entity, None for ``ignore`` and the empty name.

    ``custom`` are the custom fields of the entity by key. Raises UsageError with the nearest names.
    """
    name = name.strip()
    if name in ("", IGNORED, "-"):
        return None
    found = find_target(entity, name, custom or {})
    if found is None:
        described = ENTITIES[entity]
        known = [*described.names(), *_names(entity), *(f"custom.{key}" for key in custom or {})]
        raise UsageError(
            f"a column of {described.plural} cannot become {name!r}",
            hint=did_you_mean(name, known),
            code="import.target_unknown",
        )
    return found


def find_target(entity: str, name: str, custom: Mapping[str, Field]) -> Target | None:
    """Return the target called so, None when there is none."""
    described = ENTITIES[entity]
    head, _, tail = name.partition(".")
    if head == "custom" or (not tail and name in custom):
        return _custom(name, tail or name, custom)
    if name in _DECISIONS:
        return Target(name, name, name)
    if name in ("external_id", "note", "full_name"):
        return None if name == "full_name" and name not in described.fields else Target(name, name, name)
    if head in _POINTS and _POINTS[head] in described.fields:
        return Target(name, _POINTS[head], _POINTS[head], label=tail)
    if (link := _link(described, name, head, tail)) is not None:
        return link
    return None if tail else _plain(described, name)


def _names(entity: str) -> list[str]:
    return [*_DECISIONS, "external_id", "note", IGNORED, *_FROM_FILES.get(entity, ())]


def _custom(name: str, key: str, custom: Mapping[str, Field]) -> Target | None:
    field = custom.get(key)
    if field is None:
        return None
    return Target(name, key, field.type if field.type in _PLAIN else "text", field, label="custom")


def _link(entity: Entity, name: str, head: str, tail: str) -> Target | None:
    """Return a link by reference field, or of an activity to what it is about."""
    field = entity.find(head)
    allowed = field and (field.writable or head in _FROM_FILES.get(entity.name, ()) or "links" in entity.fields)
    if field is None or field.type != "ref" or not allowed or field.key in ("created_by", "updated_by"):
        return None
    keys = _KEYS.get(field.ref, ())
    by = tail or (keys[0] if keys else "")
    return Target(name, field.key, "link", field, entity=field.ref, by=by) if by in keys else None


def _plain(entity: Entity, name: str) -> Target | None:
    field = entity.find(name)
    if field is None:
        return None
    if field.sql in ("r.billing_country", "r.billing_city"):  # an organization's bare country is its billing country
        field = entity.fields[field.sql.removeprefix("r.")]
    special = field.key == "created_at" or field.key in _FROM_FILES.get(entity.name, ())
    if not (field.writable or special) or (field.derived and not field.multi) or field.type not in _READABLE:
        return None
    return Target(name, field.key, _kind(entity, field), field)


_PLAIN = frozenset({"text", "int", "decimal", "money", "percent", "rate", "bool", "date", "instant"})
_READABLE = _PLAIN | {"enum", "emails", "phones", "socials", "tags"}


def _kind(entity: Entity, field: Field) -> str:
    if field.type == "instant" and field.key.replace("_at", "_wall") in entity.fields:
        return "zoned"  # kept as wall time, so that a date stays a date
    if field.key in ("birthdate", "domain", "currency"):
        return field.key
    has_band = field.key == "employees" and "employees_band" in entity.fields
    return "employees" if has_band else field.type
