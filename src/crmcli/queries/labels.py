"""How records are named wherever another one points to them: the ref to type and the name to read.

A user is called by the handle, a stage or pipeline by its name with its key as the ref. What a *text* means as a
reference belongs to ``references``.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import Later
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
}
_NUMBERED = frozenset({"ticket_comment", "subject", "consent"})  # entities whose ref is the id alone
_STAGE_PATH = "(SELECT p.key FROM pipeline p WHERE p.id = r.pipeline_id) || '/' || r.key"


Told = list[tuple[Any, ...]]  # ids of records and what is told of them, by column


class Label(NamedTuple):
    """The ref, the name and the uid of a record."""

    ref: str
    name: str
    uid: str


def ref_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the ref by which another record names this one."""
    return f"'{entity.letter}' || r.id" if has_id_in_ref(entity) else _REFS[entity.name]


def has_id_in_ref(entity: Entity) -> bool:
    """Say whether the ref of a record is made of the letter of its kind, if it has one, and its id."""
    return bool(entity.letter) or entity.name in _NUMBERED


def refs_of(entity: Entity, ids: Iterable[int]) -> list[str]:
    """Return the refs of records that are made of their ids."""
    letter = entity.letter
    return [f"{letter}{record_id}" for record_id in ids]


def own_ref_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the ref of the record itself, a stage's with its pipeline."""
    return _STAGE_PATH if entity.name == "stage" else ref_sql(entity)


def name_sql(entity: Entity) -> str:
    """Return the expression over alias ``r`` for the name that a reference shows."""
    return "r.handle" if entity.name == "user" else entity.title


def labels(con: sqlite3.Connection, entity: Entity, ids: Iterable[int]) -> dict[int, Label]:
    """Return the labels of records by id, deleted ones included; ids without a record are absent."""
    found: dict[int, Label] = {}
    for each, *own in told(con, entity, ids, (ref_sql(entity), name_sql(entity), "r.uid")):
        found.update(zip(each, map(Label, *own), strict=True))
    return found


def told(
    con: sqlite3.Connection, entity: Entity, ids: Iterable[int], columns: Sequence[str], source: str = ""
) -> Iterator[Told]:
    """Yield what SQL expressions tell of the records of each chunk that has some, from their table or a query."""
    select = f"SELECT {', '.join(('r.id', *columns))} FROM {source or entity.table} r WHERE r.id IN "
    for chunk in chunks(ids):
        if rows := con.execute(f"{select}({', '.join('?' * len(chunk))})", chunk).fetchall():
            yield list(zip(*rows, strict=True))


def chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    """Yield ids in lists that one statement can hold."""
    listed = list(ids)
    for start in range(0, len(listed), _CHUNK):
        yield listed[start : start + _CHUNK]


class _Known(NamedTuple):
    """What is known of the records of one kind, by id; refs made of ids are made where they are asked for."""

    names: dict[int | None, str]
    refs: dict[int | None, str]
    uids: dict[int | None, str]


def _refs(entity: str, known: _Known) -> dict[int | None, str]:
    """Return the refs of all records of one kind that are known."""
    kind = ENTITIES[entity]
    if has_id_in_ref(kind) and len(known.refs) < len(known.names):
        missing = [record_id for record_id in known.names.keys() - known.refs.keys() if record_id is not None]
        known.refs.update(zip(missing, refs_of(kind, missing), strict=True))
    return known.refs


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
        kind, known = ENTITIES[entity], self._known.setdefault(entity, _Known({}, {}, {}))
        missing = {record_id for record_id in set(ids) - known.names.keys() if record_id is not None}
        asked = [(name_sql(kind), known.names)]
        asked += [] if has_id_in_ref(kind) else [(ref_sql(kind), known.refs)]
        asked += [("r.uid", known.uids)] if self.with_uids else []
        for each, *columns in self.look_up(kind, missing, [sql for sql, _ in asked]):
            for (_, texts), column in zip(asked, columns, strict=True):
                texts.update(zip(each, column, strict=True))

    def look_up(self, entity: Entity, ids: Iterable[int], columns: Sequence[str]) -> Iterable[Told]:
        """Return what SQL expressions tell of records, in chunks."""
        return told(self.con, entity, ids, columns)

    def names(self, entity: str, ids: Iterable[int | None]) -> list[str | None]:
        """Return the names of records that were wanted before; see ``name``."""
        return [*map(self._known[entity].names.get, ids)]

    def refs(self, entity: str, ids: Sequence[int | None]) -> Later:
        """Return the refs of records that were wanted before; see ``ref``."""
        known = self._known[entity]
        return Later(len(ids), lambda: [*map(_refs(entity, known).get, ids)])

    def uids(self, entity: str, ids: Iterable[int | None]) -> list[str | None]:
        """Return the uids of records that were wanted before; None without an id or a record."""
        return [*map(self._known[entity].uids.get, ids)]

    def name(self, entity: str, record_id: int | None) -> str | None:
        """Return the name of a record that was wanted before; None without an id or a record."""
        return self._known[entity].names.get(record_id)

    def ref(self, entity: str, record_id: int | None) -> str | None:
        """Return the ref of a record that was wanted before; None without an id or a record."""
        return _refs(entity, self._known[entity]).get(record_id)

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
