"""What a text names: a ref, a number, a uid, or an exact key such as an e-mail, a phone, a domain or a full name.

Never a guess: several records that fit are told as such, and near names are only ever a hint. How records are shown
belongs to ``labels``; words inside records are found by ``search``.
"""

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.plurals import with_article
from crmcli.domain.schema import Entity
from crmcli.errors import AmbiguousError, CrmError, NotFoundError
from crmcli.queries import config_keys, record_keys
from crmcli.queries.labels import chunks, labels, own_ref_sql

LETTERS = {entity.letter: entity for entity in ENTITIES.values() if entity.letter}
_REF = r"([A-Za-z])(\d{1,18})"


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
    found = _search(_Asked(con, asked, country, me, deleted), entity)
    if not found:
        gone = [] if deleted else _search(_Asked(con, asked, country, me, True), entity)
        raise _removed(gone[0], asked) if len(gone) == 1 else _not_found(con, entity, asked)
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
    found = _search(_Asked(con, asked, country, me), entity)
    if not found:
        raise _not_found(con, entity, asked)
    return tuple(reference.id for reference in found)


def find_by_key(con: sqlite3.Connection, text: str, *, country: str = "IT") -> list[Reference]:
    """Return the records that a text names by a ref, a uid or a strong key, such as an e-mail; not by a mere name."""
    return _search(_Asked(con, text.strip(), country), None, by_name=False)


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


class _Asked(NamedTuple):
    """A text that names something, and what is needed to understand it."""

    con: sqlite3.Connection
    text: str
    country: str = "IT"
    me: int | None = None
    deleted: bool = False

    def records(self, entity: str, ids: Iterable[int]) -> list[Reference]:
        """Return the records behind ids, each once, merged ones replaced by their survivors, deleted ones left out."""
        found: dict[int, Reference] = {}
        for asked_id in ids:
            survivor = _survivor(self.con, ENTITIES[entity], asked_id, self.deleted)
            if survivor is not None:
                merged_from = asked_id if survivor != asked_id else None
                found.setdefault(survivor, Reference(entity, survivor, self.text, merged_from))
        return list(found.values())

    def first(self, steps: Iterable[record_keys.Step], entities: Iterable[str]) -> list[Reference]:
        """Return the records that the first fitting kind of key leads to."""
        for step in steps:
            found = [
                reference
                for name in entities
                for reference in self.records(name, step(self.con, ENTITIES[name], self.text, self.country))
            ]
            if found:
                return found
        return []


def _search(asked: _Asked, entity: str | None, *, by_name: bool = True) -> list[Reference]:
    """Return the records that a text names; a ref decides, even when there is no such record."""
    if not asked.text:
        return []
    if entity is not None and not ENTITIES[entity].letter:
        kind = ENTITIES[entity]
        return asked.records(entity, config_keys.find_ids(asked.con, kind, asked.text, asked.me))
    if match := re.fullmatch(_REF, asked.text):
        named = LETTERS.get(match[1].upper())
        if named is not None and entity in (None, named.name):
            return asked.records(named.name, [int(match[2])])
    keys = record_keys.KEYS if by_name else record_keys.STRONG_KEYS
    if entity is not None:
        return asked.first((record_keys.by_id, record_keys.by_uid, *keys), [entity])
    anything = [kind.name for kind in LETTERS.values()]
    return asked.first([record_keys.by_uid], anything) or asked.first(keys, record_keys.KEYED)


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


def _removed(gone: Reference, text: str) -> CrmError:
    kind = ENTITIES[gone.entity]
    told = f"; crm {kind.noun} restore {kind.ref(gone.id)} brings it back" if kind.letter else ""
    return NotFoundError(kind.noun, text, hint=f"it was removed{told}")


def _not_found(con: sqlite3.Connection, entity: str | None, text: str) -> CrmError:
    if entity is None:
        return NotFoundError("record", text, hint=record_keys.near(con, record_keys.KEYED, text))
    kind = ENTITIES[entity]
    if not kind.letter:
        return NotFoundError(kind.noun, text, hint=config_keys.near(con, kind, text))
    match = re.fullmatch(_REF, text)
    other = LETTERS.get(match[1].upper()) if match else None
    if other is not None and other is not kind:
        hint = f"{text.upper()} would be {with_article(other.label.lower())}: crm {other.noun} show {text}"
        return NotFoundError(kind.noun, text, hint=hint)
    return NotFoundError(kind.noun, text, hint=record_keys.near(con, (entity,), text))
