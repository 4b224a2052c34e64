"""Live names for completion in a shell: what may follow the letters typed so far, with what each one means.

Quick, read-only and bounded; what a finished word means is decided by ``references``.
"""

import re
import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.domain.text import fold
from crmcli.queries.fields import entity_with_custom
from crmcli.queries.labels import own_ref_sql
from crmcli.store.search import SEARCHED, row_number

_BY_NOUN = {entity.noun: entity for entity in ENTITIES.values()}
_ANY = ("organization", "contact", "deal", "lead", "task", "event", "ticket", "interaction")
_WORD = r"[^\W_]+"
_STRIDE = row_number("lead", 1) - row_number("lead", 0)

Name = tuple[str, str]  # what to type, and what it is


def names_for(con: sqlite3.Connection, kind: str, prefix: str, limit: int = 50) -> list[Name]:
    """Return what may be typed and what it means, at most ``limit`` pairs.

    ``kind`` is a command noun (refs with titles; the newest first while nothing is typed), ``record`` for any of those
    with refs, or a noun with ``.fields`` for the fields of its records, custom ones included. The prefix is that of a
    ref, a key or a word of the name. An unknown kind has no names.
    """
    noun, _, part = kind.partition(".")
    if kind == "record":
        return _records(con, prefix, limit)
    if noun not in _BY_NOUN:
        return []
    entity = _BY_NOUN[noun]
    if part == "fields":
        return _fields(con, entity, prefix)[:limit]
    return _refs(con, entity, prefix, limit) if entity.letter else _configured(con, entity, prefix)[:limit]


def _records(con: sqlite3.Connection, prefix: str, limit: int) -> list[Name]:
    found: list[Name] = []
    for name in _ANY:
        if len(found) < limit and prefix:
            found += _refs(con, ENTITIES[name], prefix, limit - len(found))
    return found


def _refs(con: sqlite3.Connection, entity: Entity, prefix: str, limit: int) -> list[Name]:
    typed = re.fullmatch(rf"(?i:{entity.letter})?(\d*)", prefix)
    if typed:
        where, parameters = "CAST(r.id AS TEXT) LIKE ? || '%'", [typed[1]]
    else:
        words = " ".join(f'"{word}"*' for word in re.findall(_WORD, fold(prefix)))
        if not words or entity.name not in SEARCHED:
            return []
        where = (
            f"r.id IN (SELECT rowid / {_STRIDE} FROM search_index WHERE search_index MATCH ?"
            f" AND rowid % {_STRIDE} = {row_number(entity.name, 0)})"
        )
        parameters = [f"name : ({words})"]
    sql = (
        f"SELECT '{entity.letter}' || r.id, {entity.title} FROM {entity.table} r"
        f" WHERE r.deleted_at IS NULL AND {where} ORDER BY r.id DESC LIMIT ?"
    )
    return con.execute(sql, (*parameters, limit)).fetchall()


def _configured(con: sqlite3.Connection, entity: Entity, prefix: str) -> list[Name]:
    sql = f"SELECT {own_ref_sql(entity)}, {entity.title} FROM {entity.table} r WHERE r.deleted_at IS NULL ORDER BY r.id"
    wanted = fold(prefix)
    return [
        (ref, name)
        for ref, name in con.execute(sql)
        if fold(ref).startswith(wanted) or fold(ref.rpartition("/")[2]).startswith(wanted)
    ]


def _fields(con: sqlite3.Connection, entity: Entity, prefix: str) -> list[Name]:
    fields = entity_with_custom(con, entity.name).fields.values()
    return [(field.key, field.label) for field in fields if field.key.startswith(prefix.casefold())]
