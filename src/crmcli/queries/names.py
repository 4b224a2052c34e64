"""Live names for completion in a shell: how the word begun so far may end, with what each ending means.

Whatever is offered begins with the letters as they were typed, since a shell drops everything else, and is understood
when it is entered. Quick, read-only and bounded; what a finished word means is decided by ``references``.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.domain.text import fold
from crmcli.queries.labels import own_ref_sql
from crmcli.queries.record_keys import KEYED, NAMES, POINTED
from crmcli.queries.references import LETTERS
from crmcli.store.search import row_number

_BY_NOUN = {entity.noun: entity for entity in ENTITIES.values()}
_WORD = r"[^\W_]+"
_STRIDE = row_number("lead", 1) - row_number("lead", 0)
_EACH = 5  # of the newest records of each kind, where any kind will do

Name = tuple[str, str]  # what to type, and what it is


def names_for(con: sqlite3.Connection, kind: str, prefix: str, limit: int = 50) -> list[Name]:
    """Return what may be typed and what it means, at most ``limit`` pairs; refs come first, then names and e-mails.

    ``kind`` is a command noun, or ``record`` for any of those with refs. While nothing is typed the newest records are
    offered. An unknown kind has no names.
    """
    if kind == "record":
        found = _of_any(con, prefix, limit)
    elif kind not in _BY_NOUN:
        return []
    elif _BY_NOUN[kind].letter:
        entity = _BY_NOUN[kind]
        found = (*_refs(con, entity, prefix, limit), *_called(con, entity, prefix, limit))
    else:
        found = (*_configured(con, _BY_NOUN[kind], prefix),)
    return _each_once(found, limit)


def stages_of(con: sqlite3.Connection, pipeline_id: int, prefix: str) -> list[Name]:
    """Return the stages of a pipeline in their order, as ``names_for`` does."""
    sql = "SELECT key, name FROM stage WHERE pipeline_id = ? AND deleted_at IS NULL ORDER BY position"
    return _each_once(_by_key_or_name(con.execute(sql, (pipeline_id,)), prefix))


def _of_any(con: sqlite3.Connection, prefix: str, limit: int) -> Iterable[Name]:
    each = limit if prefix else _EACH
    for entity in () if prefix.isdecimal() else LETTERS.values():
        yield from _refs(con, entity, prefix, each)
    for name in KEYED:
        yield from _called(con, ENTITIES[name], prefix, limit)


def _refs(con: sqlite3.Connection, entity: Entity, prefix: str, limit: int) -> Iterator[Name]:
    """Yield refs, or numbers where a number was begun, with titles; the newest first."""
    typed = re.fullmatch(rf"((?i:{entity.letter})?)(\d*)", prefix)
    if typed is None:
        return
    sql = (
        f"SELECT r.id, {entity.title} FROM {entity.table} r"
        " WHERE r.deleted_at IS NULL AND CAST(r.id AS TEXT) LIKE ? || '%' ORDER BY r.id DESC LIMIT ?"
    )
    letter = typed[1] if prefix else entity.letter
    for number, title in con.execute(sql, (typed[2], limit)):
        yield f"{letter}{number}", title


def _called(con: sqlite3.Connection, entity: Entity, prefix: str, limit: int) -> Iterator[Name]:
    """Yield the full names, then the e-mail addresses, that begin as typed, with the refs that they stand for."""
    words = " ".join(f'"{word}"*' for word in re.findall(_WORD, fold(prefix)))
    if not words:
        return
    for key in NAMES[entity.name]:
        name = entity.fields[key].sql
        sql = (
            f"SELECT r.id, {name} FROM search_index s JOIN {entity.table} r ON r.id = s.rowid / {_STRIDE}"
            f" WHERE search_index MATCH ? AND s.rowid % {_STRIDE} = {row_number(entity.name, 0)}"
            f" AND r.deleted_at IS NULL AND fold(substr({name}, 1, ?)) = ? ORDER BY s.rowid DESC LIMIT ?"
        )
        for record_id, text in con.execute(sql, (f"name : ({words})", len(prefix), fold(prefix), limit)):
            yield prefix + text[len(prefix) :], entity.ref(record_id)
    if entity.name in POINTED:
        yield from _addressed(con, entity, prefix, limit)


def _addressed(con: sqlite3.Connection, entity: Entity, prefix: str, limit: int) -> Iterator[Name]:
    sql = (
        f"SELECT p.value_norm, r.id, {entity.title} FROM contact_point p JOIN {entity.table} r ON r.id = p.record_id"
        " WHERE p.value_norm >= ?1 AND p.value_norm < ?1 || char(0x10ffff) AND p.kind = 'email' AND +p.entity = ?2"
        " AND r.deleted_at IS NULL ORDER BY p.value_norm LIMIT ?3"
    )
    for address, record_id, title in con.execute(sql, (prefix.casefold(), entity.name, limit)):
        yield prefix + address[len(prefix) :], f"{entity.ref(record_id)} {title}"


def _configured(con: sqlite3.Connection, entity: Entity, prefix: str) -> Iterator[Name]:
    sql = f"SELECT {own_ref_sql(entity)}, {entity.title} FROM {entity.table} r WHERE r.deleted_at IS NULL ORDER BY r.id"
    rows = con.execute(sql).fetchall()
    if entity.name == "stage" and "/" not in prefix:  # its pipeline is mostly known
        rows = [(ref.rpartition("/")[2], name) for ref, name in rows]
    return _by_key_or_name(rows, prefix)


def _by_key_or_name(rows: Iterable[tuple[str, str]], prefix: str) -> Iterator[Name]:
    """Yield what begins as typed: keys, and names where the key does not."""
    wanted = fold(prefix)
    for key, name in rows:
        text = next((word for word in (key, name) if fold(word[: len(prefix)]) == wanted), None)
        if text is not None:
            yield prefix + text[len(prefix) :], name


def _each_once(found: Iterable[Name], limit: int | None = None) -> list[Name]:
    names: dict[str, str] = {}
    for text, meaning in found:
        names.setdefault(text, meaning)
    return list(islice(names.items(), limit))
