"""How records are named wherever another one points to them: the ref to type and the name to read.

A user is called by the handle, a stage or pipeline by its name with its key as the ref. What a *text* means as a
reference belongs to ``references``.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity

_CHUNK = 500  # ids in one statement
_MOST = 20_000  # labels kept of one kind of record while a list goes on
_REFS = {  # of entities without a letter; a stage is called by its key where its pipeline is known
    "pipeline": "r.key",
    "stage": "r.key",
    "tag": "r.name",
    "custom_field": "r.entity || '.' || r.key",
    "view": "r.key",
    "user": "r.handle",
    "target": ENTITIES["target"].title,
    "currency_rate": ENTITIES["currency_rate"].title,
    "ticket_comment": "CAST(r.id AS TEXT)",
    "subject": "CAST(r.id AS TEXT)",
    "consent": "CAST(r.id AS TEXT)",
}
_STAGE_PATH = "(SELECT p.key FROM pipeline p WHERE p.id = r.pipeline_id) || '/' || r.key"


Told = list[tuple[Any, ...]]  # ids, refs, names and uids of records, by column


class Label(NamedTuple):
    """The ref, the name and the uid of a record."""

    ref: str
    name: str
    uid: str


def ref_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the ref by which another record names this one."""
    return f"'{entity.letter}' || r.id" if entity.letter else _REFS[entity.name]


def own_ref_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the ref of the record itself, a stage's with its pipeline."""
    return _STAGE_PATH if entity.name == "stage" else ref_sql(entity)


def name_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the name that a reference shows."""
    return "r.handle" if entity.name == "user" else entity.title


def labels(con: sqlite3.Connection, entity: Entity, ids: Iterable[int]) -> dict[int, Label]:
    """Return the labels of records by id, deleted ones included; ids without a record are absent."""
    found: dict[int, Label] = {}
    for each, *own in told(con, entity, ids):
        found.update(zip(each, map(Label, *own), strict=True))
    return found


def told(con: sqlite3.Connection, entity: Entity, ids: Iterable[int], source: str = "") -> Iterator[Told]:
    """Yield the ids, refs, names and uids of the records of each chunk that has some, from their table or a query."""
    source = source or entity.table
    select = f"SELECT r.id, {ref_sql(entity)}, {name_sql(entity)}, r.uid FROM {source} r WHERE r.id IN "
    for chunk in chunks(ids):
        if rows := con.execute(f"{select}({', '.join('?' * len(chunk))})", chunk).fetchall():
            yield list(zip(*rows, strict=True))


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield ids in lists that one statement can hold."""
    listed = list(ids)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


class _Known(NamedTuple):
    """What is known of the records of one kind, by id."""

    names: dict[int | None, str]
    refs: dict[int | None, str]
    uids: dict[int | None, str]


class Labels:
    """Labels of the records that a chunk of rows points to, each asked for once.

    ``with_uids`` tells those who present rows that the file is to be read in other stores too.
    """

    def __init__(self, con: sqlite3.Connection, *, with_uids: bool = False) -> None:
        self.with_uids = with_uids
        self.con = con
        self._known: dict[str, _Known] = {}

    def want(self, entity: str, ids: Iterable[int | None]) -> None:
        """Make the labels of these records known."""
        known = self._known.setdefault(entity, _Known({}, {}, {}))
        missing = {record_id for record_id in set(ids) - known.names.keys() if record_id is not None}
        for each, refs, names, uids in self.look_up(ENTITIES[entity], missing):
            known.names.update(zip(each, names, strict=True))
            known.refs.update(zip(each, refs, strict=True))
            known.uids.update(zip(each, uids, strict=True))

    def look_up(self, entity: Entity, ids: Iterable[int]) -> Iterable[Told]:
        """Return the ids, refs, names and uids of records in chunks."""
        return told(self.con, entity, ids)

    def names(self, entity: str, ids: Iterable[int | None]) -> list[str | None]:
        """Return the names of records that were wanted before; see ``name``."""
        return [*map(self._known[entity].names.get, ids)]

    def refs(self, entity: str, ids: Iterable[int | None]) -> list[str | None]:
        """Return the refs of records that were wanted before; see ``ref``."""
        return [*map(self._known[entity].refs.get, ids)]

    def uids(self, entity: str, ids: Iterable[int | None]) -> list[str | None]:
        """Return the uids of records that were wanted before; None without an id or a record."""
        return [*map(self._known[entity].uids.get, ids)]

    def name(self, entity: str, record_id: int | None) -> str | None:
        """Return the name of a record that was wanted before; None without an id or a record."""
        return self._known[entity].names.get(record_id)

    def ref(self, entity: str, record_id: int | None) -> str | None:
        """Return the ref of a record that was wanted before; None without an id or a record."""
        return self._known[entity].refs.get(record_id)

    def uid(self, entity: str, record_id: int | None) -> str | None:
        """Return the uid of a record that was wanted before; None without an id or a record."""
        return self._known[entity].uids.get(record_id)

    def forget(self) -> None:
        """Drop the labels of records where they have become very many, and keep those of configuration."""
        self._known = {
            entity: known
            for entity, known in self._known.items()
            if len(known.names) < _MOST or not ENTITIES[entity].letter
        }
