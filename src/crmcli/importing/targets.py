"""Targets: what a column may become on an entity, from its name in a preset or after ``--map``.

A target is a field of the catalogue, a custom field, an e-mail or phone with a label, an external id, a link to another
record, or a decision about the row. How the cells of a target are read belongs in ``cells``.
"""

from collections.abc import Mapping
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.consents import PREFIX
from crmcli.domain.enums import values
from crmcli.domain.schema import Entity, Field, did_you_mean
from crmcli.errors import UsageError

IGNORED = "ignore"

# Fields that commands derive or guard, and that only the history in a file can tell.
_FROM_FILES = {
    "lead": ("converted_at", "converted_organization", "converted_contact", "converted_deal", "lost_at"),
    "deal": (
        "closed_at",
        "outcome",
        "lost_reason",
        "lost_note",
        "stage_entered_at",
        "last_open_stage",
        "lead",
        "push_count",
    ),
    "task": ("completed_at", "series_uid", "occurrence_key", "missed_count"),
    "event": ("ical_uid", "sequence_no", "recurrence_id"),
    "interaction": ("message_id", "thread_key"),
    "ticket": ("number", "opened_at", "resolved_at", "closed_at", "first_response_at"),
}
_DECISIONS = ("deleted", "private", "master")
_ENDINGS = {"deal": ("won", "closed", "closing_date"), "ticket": ("closed",)}  # decisions about what comes to an end
_COMPOSED = {  # what several columns say together, by field and what stands after the point
    "birthdate": ("birth", ("year", "month", "day")),
    "duration": ("duration", ("", "hours", "minutes", "seconds")),
    "recurring_amount": ("money", ("month", "year")),
    **dict.fromkeys(("start_at", "end_at", "due_at"), ("clock", ("time",))),
}
_ADDRESS = frozenset({"street", "city", "region", "postal_code", "country", "po_box"})
_LABELLED = ("emails", "phones", "socials", "dates")
_BESIDE = frozenset({"labels", "primary"})  # of all e-mails, phones or profiles of a cell, in cells of their own
_ROWS = frozenset({"links", "attendees", "organizations", "contacts", "dates", "socials", "external_refs"})
_POINTS = {"email": "emails", "emails": "emails", "phone": "phones", "phones": "phones", "socials": "socials"}
_KEYS = {  # by what a record of an entity can be found, and the key a bare link means first
    "organization": ("name", "domain", "external_id", "uid"),
    "contact": ("name", "email", "external_id", "uid"),
    "lead": ("name", "email", "external_id", "uid"),
    "user": ("person", "external_id"),
    "deal": ("name", "external_id", "uid"),
    "ticket": ("number", "external_id", "uid"),
    "pipeline": ("name",),
    "stage": ("name",),
}


CONSENT_AT = "consent_at"  # when somebody agreed, or withdrew
_CONSENTED = Field(CONSENT_AT, "instant", "Consented")


class Target(NamedTuple):
    """One thing a cell becomes.

    ``kind`` decides how it is read: a catalogue type (text, int, money, percent, bool, date, instant, enum, emails,
    phones, socials, tags, json), or zoned, birthdate, employees, domain, currency, rrule, full_name, external_id, link,
    note, dates, a decision (deleted, private, won, closed, master, closing_date), or what is put together of several
    cells (label, labels, primary, more, address, birth, clock, duration, identity, about, people, sender, zone, rows).
    ``key`` is the key among the values or links of a draft.
    """

    name: str  # as written: "phones.mobile"
    key: str
    kind: str
    field: Field | None = None
    label: str = ""  # of an e-mail, phone, profile, day, address or part
    entity: str = ""  # a link points to; of what a row is ``about``, the entity of the row
    by: str = ""  # key a link is found by: name, domain, email, person, number, external_id, identity


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
        names = [*described.names(), *_names(entity), *(f"custom.{key}" for key in custom or {})]
        known = [one for one in names if one == IGNORED or find_target(entity, one, custom or {})]
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
    if name in _decisions(entity):
        return Target(name, name, name)
    if name in ("external_id", "note", "full_name"):
        return None if name == "full_name" and name not in described.fields else Target(name, name, name)
    if head in _ROWS and head in described.fields and (tail == "rows" or tail.startswith("rows.")):
        return Target(name, head, "rows", label=tail[5:])
    if head in _POINTS and _POINTS[head] in described.fields:
        return Target(name, _POINTS[head], _POINTS[head], label=tail)
    if "consent.marketing" in described.fields and (name == CONSENT_AT or _is_consent(name)):
        return Target(name, name, "instant" if name == CONSENT_AT else "consent", _CONSENTED)
    if (composed := _composed(described, name, head, tail)) is not None:
        return composed
    if (link := _link(described, name, head, tail)) is not None:
        return link
    return None if tail else _plain(described, name)


def _decisions(entity: str) -> tuple[str, ...]:
    return (*_DECISIONS, *_ENDINGS.get(entity, ()))


def _names(entity: str) -> list[str]:
    return [*_decisions(entity), "external_id", "note", IGNORED, *_FROM_FILES.get(entity, ())]


def _custom(name: str, key: str, custom: Mapping[str, Field]) -> Target | None:
    field = custom.get(key)
    if field is None:
        return None
    if field.type == "ref":
        return None
    return Target(name, key, field.type if field.type in _PLAIN | {"json"} else "text", field, label="custom")


def _composed(entity: Entity, name: str, head: str, tail: str) -> Target | None:
    """Return what becomes a part of something, None for any other name."""
    fields = entity.fields
    if name.endswith("+") and (field := fields.get(name[:-1])) and field.writable and field.type == "text":
        return Target(name, field.key, "more", field)
    if head in _ADDRESS and tail and head in fields:
        return Target(name, head, "address", label=tail)
    if head == "dates" and head in fields:
        return Target(name, head, "dates", label=tail)
    if (key := name.removesuffix("_label")) in _LABELLED and key in fields and key != name:
        return Target(name, key, "label")
    key, _, beside = name.rpartition("_")
    if key in ("emails", "phones", "socials") and key in fields and beside in _BESIDE:
        return Target(name, key, beside)
    if name == "zone" and entity.name in ("task", "event"):
        return Target(name, name, name)
    if name in ("about", "about.name", "about.external_id"):
        return Target(name, "about", "about", entity=entity.name, by=tail or "name")
    if name in ("people", "sender") and "links" in fields:
        return Target(name, name, name)
    if name in ("about_kind", "identity"):
        return Target(name, "about" if name == "about_kind" else "", "label" if name == "about_kind" else name)
    if tail == "identity" and head in fields and fields[head].type == "ref":
        return Target(name, head, "identity", by=tail)
    kind, parts = _COMPOSED.get(head, ("", ()))
    is_known = head in fields or (head == "duration" and entity.name in ("event", "interaction"))
    return Target(name, head, kind, fields.get(head), label=tail) if is_known and tail in parts else None


def _is_consent(name: str) -> bool:
    """Say whether a target is a purpose, or a purpose and channel: ``consent.marketing.email``."""
    purpose, _, channel = name.removeprefix(PREFIX).partition(".")
    known = purpose in values("consent_purpose") and (not channel or channel in values("consent_channel"))
    return name.startswith(PREFIX) and known and not name.endswith(".")


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
_READABLE = _PLAIN | {"enum", "emails", "phones", "socials", "tags", "json"}


def _kind(entity: Entity, field: Field) -> str:
    if field.type == "instant" and field.key.replace("_at", "_wall") in entity.fields:
        return "zoned"  # kept as wall time, so that a date stays a date
    if field.key in ("birthdate", "domain", "currency", "rrule"):
        return field.key
    has_band = field.key == "employees" and "employees_band" in entity.fields
    return "employees" if has_band else field.type
