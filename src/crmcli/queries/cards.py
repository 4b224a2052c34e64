"""A record whole: its fields, what belongs to it and what happened, for ``show``.

Only plain data leaves here; how a card is laid out on a screen belongs to ``output``. In JSON (``Sheet.document``) a
card is the record's object plus the lists ``open_deals``, ``open_tickets``, ``open_tasks``, ``coming_events``,
``last_interactions``, ``people``, ``employers``, ``comments``, ``stage_list`` and ``timeline``, as far as its kind of
record has them, and ``recurrence``, the rule of an event or task in words. ``open_deals``, ``open_tickets`` and
``open_tasks`` are lists there and counts in lists of records.
"""

import sqlite3
from typing import NamedTuple

from crmcli.domain.schema import Entity, Field
from crmcli.errors import NotFoundError
from crmcli.queries import timeline as past
from crmcli.queries.card_parts import PARTS, Part, read_part
from crmcli.queries.columns import Shown
from crmcli.queries.fields import custom_fields
from crmcli.queries.occurrences import in_words
from crmcli.queries.records import get_record
from crmcli.queries.references import title_of

_SUBTITLES = {
    "lead": ("status", "company_name"),
    "organization": ("type", "city", "country"),
    "contact": ("job_title", "organization"),
    "deal": ("organization", "stage"),
    "task": ("status", "priority", "main"),
    "event": ("status", "location", "main"),
    "interaction": ("kind", "outcome", "main"),
    "ticket": ("status", "priority", "contact", "organization"),
}
_HIDDEN = frozenset({"ref", "id", "uid", "version", "name_key", "due_wall", "due_zone", "due_is_date",
                     "start_wall", "series_uid", "occurrence_key", "end_wall", "zone", "merged_into_id", "custom",
                     "currency", "score_lines", "next_contact_set_at"})  # fmt: skip
RECURRENCE = "recurrence"  # the rule of what recurs, in words
_LINK_COLUMNS = (Shown("ref", "Ref", "text"), Shown("name", "Name", "text"), Shown("is_main", "Main", "bool"))


class Fact(NamedTuple):
    """A field of a card with its presented value; ``type`` is that of the field."""

    label: str
    key: str
    value: object
    type: str


class Sheet(NamedTuple):
    """One record with everything around it. ``fields`` are those that hold something, in the catalogue's order."""

    record: dict[str, object]
    title: str
    subtitle: str
    fields: tuple[Fact, ...]
    sections: tuple[Part, ...]

    def document(self) -> dict[str, object]:
        """Return the card as one JSON object: the record plus a list for each section."""
        words = {fact.key: fact.value for fact in self.fields if fact.key == RECURRENCE}
        return {**self.record, **words, **{part.key: part.rows for part in self.sections}}


def sheet(con: sqlite3.Connection, entity: Entity, record_id: int, *, timeline: int = 20) -> Sheet:
    """Return a record with its parts and the latest rows of its timeline; NotFoundError when there is none."""
    record = get_record(con, entity, record_id)
    if record is None:
        raise NotFoundError(entity.noun, entity.ref(record_id))
    sections = [read_part(con, listed, {"owner": record_id}) for listed in PARTS.get(entity.name, ())]
    if record.get("links"):
        sections.append(_links(record))
    if past.has_timeline(entity.name):
        rows, total = past.timeline(con, entity.name, record_id, timeline)
        sections.append(Part("Timeline", "entries", past.COLUMNS, rows, total, "timeline"))
    title = title_of(con, entity.name, record_id)
    facts = tuple(_facts(con, entity, record, title))
    return Sheet(record, title, _subtitle(entity, record), facts, tuple(sections))


def _links(record: dict[str, object]) -> Part:
    links = record["links"]
    rows = [dict(link) for link in links] if isinstance(links, list) else []
    return Part("Linked records", "records", _LINK_COLUMNS, rows, len(rows), "links")


def _subtitle(entity: Entity, record: dict[str, object]) -> str:
    words = [f"{entity.label.lower()} {record['ref']}"]
    words += [str(record[key]) for key in _SUBTITLES.get(entity.name, ()) if record.get(key)]
    if record.get("merged_into_id"):
        words.append(f"merged into {entity.letter}{record['merged_into_id']}")
    elif record.get("deleted_at"):
        words.append("deleted")
    return " · ".join(words)


def _facts(con: sqlite3.Connection, entity: Entity, record: dict[str, object], title: str) -> list[Fact]:
    facts = [
        Fact(field.label, key, record[key], field.type)
        for key, field in entity.fields.items()
        if _is_shown(field) and _holds(field, record[key]) and record[key] != title
    ]
    if words := in_words(entity.name, record):
        place = next(place for place, fact in enumerate(facts) if fact.key == "rrule")
        facts.insert(place, Fact("Recurs", RECURRENCE, words, "text"))
    values = record.get("custom")
    known = custom_fields(con).get(entity.name, {}) if values else {}
    for key, value in values.items() if isinstance(values, dict) else ():
        field = known.get(key, Field(key, "text", key))
        facts.append(Fact(field.label, f"custom.{key}", value, field.type))
    return facts


def _is_shown(field: Field) -> bool:
    """Say whether a field has a line: child rows have sections; what is derived and writable stands elsewhere too."""
    if field.key in _HIDDEN or field.ref == "subject" or field.type in ("links", "rows"):
        return False
    return not (field.derived and field.writable)


def _holds(field: Field, value: object) -> bool:
    """Say whether a value is worth a line: a stored zero is, a count of nothing and a plain no are not."""
    if value is None or value is False or value == "" or value == []:
        return False
    return not (field.derived and value in (0, "none"))
