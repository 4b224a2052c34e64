"""The check of a whole store: business invariants, child rows, journal, state log, search, and the file itself."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.queries.custom_checks import broken_customs
from crmcli.queries.index_checks import WAY_OUT, broken_index
from crmcli.queries.invariants import invariants
from crmcli.queries.journal_checks import broken_journal, broken_states
from crmcli.queries.labels import own_ref_sql
from crmcli.store.index_check import index_damage, is_of_index

_POINTING = (  # child tables, whose rows name the record they belong to by entity and number
    ("contact_point", "entity", "record_id"),
    ("tagging", "entity", "record_id"),
    ("external_ref", "entity", "record_id"),
    ("activity_link", "entity", "record_id"),
    ("activity_link", "activity_entity", "activity_id"),
    ("attendee", "entity", "record_id"),
    ("distinction", "owner_entity", "owner_id"),
    ("distinction", "entity", "record_id"),
)


class Finding(NamedTuple):
    """Something that is wrong with a record; ``entity`` is ``store`` and ``ref`` a table for the file itself."""

    entity: str
    ref: str
    what: str


def broken_invariants(con: sqlite3.Connection) -> Iterator[Finding]:
    """Yield everything that does not hold in a store; a sound one yields nothing."""
    yield from broken_file(con)
    for invariant in invariants():
        entity = ENTITIES[invariant.entity]
        sql = (
            f"SELECT {own_ref_sql(entity)} FROM {entity.table} r"
            f" WHERE r.deleted_at IS NULL AND ({invariant.where}) ORDER BY r.id"
        )
        for (ref,) in con.execute(sql):
            yield Finding(invariant.entity, ref, invariant.what)
    yield from _orphans(con)
    for found in (broken_customs(con), broken_states(con), broken_journal(con), broken_index(con)):
        for name, record_id, what in found:
            yield Finding(name, ENTITIES[name].ref(record_id), what)


def broken_file(con: sqlite3.Connection) -> Iterator[Finding]:
    """Yield what SQLite itself finds wrong: damaged pages and indexes, rows against constraints, missing parents."""
    for (message,) in con.execute("PRAGMA integrity_check"):
        if message != "ok" and not is_of_index(message):
            yield Finding("store", "", message)
    for table, row, parent, _ in con.execute("PRAGMA foreign_key_check"):
        yield Finding("store", table, f"row {row} points to a missing row of {parent}")


def damaged_index(store: Path) -> Iterator[Finding]:
    """Yield that the full-text index of a store is damaged, so that some records may not be found, if it is."""
    if problem := index_damage(store):
        yield Finding("store", "search_index", f"search: its index is damaged ({problem}): {WAY_OUT}")


def _orphans(con: sqlite3.Connection) -> Iterator[Finding]:
    """Yield child rows that belong to a record which does not exist."""
    for table, kind, owner in _POINTING:
        for name, entity in ENTITIES.items():
            sql = (
                f"SELECT DISTINCT c.{owner} FROM {table} c WHERE c.{kind} = ?"
                f" AND NOT EXISTS (SELECT 1 FROM {entity.table} r WHERE r.id = c.{owner}) ORDER BY c.{owner}"
            )
            for (record_id,) in con.execute(sql, (name,)):
                yield Finding(name, entity.ref(record_id), f"rows of {table} belong to a record that does not exist")
