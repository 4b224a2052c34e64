"""What a text names: a ref, a number, a uid, or an exact key such as an e-mail, a phone, a domain or a full name.

Never a guess: several records that fit are told as such, and near names are only ever a hint. How records are shown
belongs to ``labels``; words inside records are found by ``search``.
"""

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.errors import AmbiguousError, CrmError, NotFoundError
from crmcli.queries import config_keys, record_keys
from crmcli.queries.labels import chunks, labels, own_ref_sql

LETTERS = {entity.letter: entity for entity in ENTITIES.values() if entity.letter}
_KEYED = ("contact", "lead", "organization", "deal")  # searched by their keys when no entity is named
_REF = re.compile(r"([A-Za-z])(\d{1,18})")
_NUMBER = re.compile(r"\d{1,18}")
_UID = re.compile(r"[0-9a-fA-F-]{8,36}")


class Reference(NamedTuple):
    """The record that a text names; ``merged_from`` is the id that was asked for when that one was merged into it."""

    entity: str
    id: int
    asked: str
    merged_from: int | None = None


def find_reference(
    con: sqlite3.Connection,
    entity: str | None,
    text: str,
    *,
    country: str = "IT",
    me: int | None = None,
    deleted: bool = False,
) -> Reference:
    """Return the one record that a text names; without an entity any of those that have refs.

    A merged record's ref leads to the survivor. Deleted records are found only when ``deleted``. ``me`` is the id of
    the acting user, ``country`` where phone numbers without a prefix belong. NotFoundError has near names as its hint,
    AmbiguousError the candidates.
    """
    asked = text.strip()
    found = _search(con, entity, asked, country, me, deleted)
    if not found:
        raise _not_found(con, entity, asked)
    if len(found) > 1:
        candidates = [_candidate(con, reference) for reference in found]
        raise AmbiguousError(ENTITIES[entity].noun if entity else "record", asked, candidates)
    return found[0]


def resolve_ids(
    con: sqlite3.Connection, entity: str, text: str, me: int | None = None, country: str = "IT"
) -> tuple[int, ...]:
    """Return the ids of all records of an entity that a text names, for conditions; NotFoundError when there is none.

    Several same-named records all count, as do the stages of that key, name or alias in every pipeline.
    """
    asked = text.strip()
    found = _search(con, entity, asked, country, me, deleted=False)
    if not found:
        raise _not_found(con, entity, asked)
    return tuple(reference.id for reference in found)


def title_of(con: sqlite3.Connection, entity: str, record_id: int) -> str:
    """Return how people call a record, empty when there is none of that id."""
    label = labels(con, ENTITIES[entity], [record_id]).get(record_id)
    return label.name if label else ""


def refs_with_titles(con: sqlite3.Connection, entity: str, ids: Iterable[int]) -> list[tuple[str, str]]:
    """Return the refs to type and the names of records, in the order of the ids; missing ones are left out."""
    asked, kind = list(ids), ENTITIES[entity]
    found: dict[int, tuple[str, str]] = {}
    for chunk in chunks(asked):
        sql = f"SELECT r.id, {own_ref_sql(kind)}, {kind.title} FROM {kind.table} r WHERE r.id IN"
        rows = con.execute(f"{sql} ({', '.join('?' * len(chunk))})", chunk)
        found.update({record_id: (ref, title) for record_id, ref, title in rows})
    return [found[record_id] for record_id in asked if record_id in found]


def _search(
    con: sqlite3.Connection, entity: str | None, text: str, country: str, me: int | None, deleted: bool
) -> list[Reference]:
    """Return the records that the first fitting kind of name leads to, each once."""
    if not text:
        return []
    if entity is not None and not ENTITIES[entity].letter:
        return _unique(con, entity, config_keys.find_ids(con, ENTITIES[entity], text, me), text, deleted)
    if match := _REF.fullmatch(text):
        named = LETTERS.get(match[1].upper())
        if named is not None and entity in (None, named.name):
            return _unique(con, named.name, [int(match[2])], text, deleted)
    searched = [entity] if entity else [kind.name for kind in LETTERS.values()]
    if entity and _NUMBER.fullmatch(text) and (found := _unique(con, entity, [int(text)], text, deleted)):
        return found
    if _UID.fullmatch(text):
        uids = [_unique(con, name, _by_uid(con, ENTITIES[name], text), text, deleted) for name in searched]
        if found := [reference for references in uids for reference in references]:
            return found
    for step in record_keys.STEPS:
        steps = [
            _unique(con, name, step(con, ENTITIES[name], text, country), text, deleted)
            for name in searched
            if entity or name in _KEYED
        ]
        if found := [reference for references in steps for reference in references]:
            return found
    return []


def _by_uid(con: sqlite3.Connection, entity: Entity, text: str) -> list[int]:
    prefix = text.lower()
    sql = f"SELECT id FROM {entity.table} WHERE uid >= ? AND uid < ? ORDER BY id LIMIT 9"
    return [row[0] for row in con.execute(sql, (prefix, f"{prefix}~"))]


def _unique(con: sqlite3.Connection, entity: str, ids: Iterable[int], text: str, deleted: bool) -> list[Reference]:
    """Return the records behind ids, merged ones replaced by their survivors, deleted ones left out unless wanted."""
    found: dict[int, Reference] = {}
    for asked_id in ids:
        survivor = _survivor(con, ENTITIES[entity], asked_id, deleted)
        if survivor is not None:
            merged_from = asked_id if survivor != asked_id else None
            found.setdefault(survivor, Reference(entity, survivor, text, merged_from))
    return list(found.values())


def _survivor(con: sqlite3.Connection, entity: Entity, record_id: int, deleted: bool) -> int | None:
    """Follow merges to their end; None when there is no record, or only a deleted one and those are not wanted."""
    merged = "merged_into_id" if "merged_into_id" in entity.fields else "NULL"
    sql = f"SELECT {merged}, deleted_at FROM {entity.table} WHERE id = ?"
    seen: set[int] = set()
    while record_id not in seen:
        seen.add(record_id)
        row = con.execute(sql, (record_id,)).fetchone()
        if row is None:
            return None
        if row[0] is None:
            return record_id if deleted or row[1] is None else None
        record_id = row[0]
    return None


def _candidate(con: sqlite3.Connection, reference: Reference) -> tuple[str, str]:
    return refs_with_titles(con, reference.entity, [reference.id])[0]


def _not_found(con: sqlite3.Connection, entity: str | None, text: str) -> CrmError:
    if entity is None:
        return NotFoundError("record", text, hint=record_keys.near(con, _KEYED, text))
    kind = ENTITIES[entity]
    if not kind.letter:
        return NotFoundError(kind.noun, text, hint=config_keys.near(con, kind, text))
    match = _REF.fullmatch(text)
    other = LETTERS.get(match[1].upper()) if match else None
    if other is not None and other is not kind:
        hint = f"{text.upper()} would be a {other.noun}: crm {other.noun} show {text}"
        return NotFoundError(kind.noun, text, hint=hint)
    return NotFoundError(kind.noun, text, hint=record_keys.near(con, (entity,), text))
