"""One write transaction: queue, BEGIN IMMEDIATE, rows in, commit or nothing. Opened by ``services.writer`` alone.

Rows are dicts of stored values. Statements are compiled once per table from the model and run in bulk, so that one
record and a hundred thousand take the same way.
"""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from itertools import compress, repeat
from operator import not_
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, update
from sqlalchemy.exc import DBAPIError

from crmcli import interrupts
from crmcli.errors import CrmError, StoreError
from crmcli.model.registry import table_class
from crmcli.store import collections, search
from crmcli.store.among import among
from crmcli.store.contents import strange_trigger
from crmcli.store.engine import make_engine
from crmcli.store.inserting import insertions
from crmcli.store.manner import Manner
from crmcli.store.queue import write_queue
from crmcli.store.reader import LOCK_WAIT_S, check_version, foreign, store_error

_MANY = 1000  # records that are worth a look at how many others there are

Row = Mapping[str, Any]


class UnitOfWork:
    """The rows of one transaction. Use as a context manager; leaving it without ``commit`` rolls back."""

    def __init__(self, path: Path, manner: Manner, command: str, wait_s: float = LOCK_WAIT_S) -> None:
        self._path = path
        self._command = command
        self._wait_s = wait_s
        self._manner = manner
        self._open = ExitStack()
        self._sql: dict[tuple[str, tuple[str, ...]], str] = {}
        self._next: dict[str, int] = {}
        self.connection: Connection

    def __enter__(self) -> "UnitOfWork":
        if not self._path.exists():
            raise StoreError(f"no store at {self._path}", hint="crm init", code="store.missing")
        interrupts.release()
        deadline = time.monotonic() + self._wait_s
        try:
            self._open.enter_context(write_queue(self._path, self._command, deadline))
            engine = make_engine(self._path, self._manner, max(deadline - time.monotonic(), 0.1))
            self.connection = self._open.enter_context(engine.connect())
            self.connection.begin()
            check_version(self.raw, self._path)
            trigger = strange_trigger(self.raw)
            if trigger:
                raise foreign(self._path, f"trigger {trigger}")
        except BaseException as error:
            self._open.close()
            raise self.told(error) from error
        return self

    def __exit__(self, *exception: object) -> None:
        self._open.close()  # closing a connection rolls back what was not committed

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's connection, for reading inside the transaction by the queries of the read side."""
        connection: sqlite3.Connection = self.connection.connection.driver_connection  # type: ignore[assignment]  # the sqlite dialect's driver
        return connection

    def commit(self) -> None:
        """Make everything durable; an interrupt that comes now waits for the answer to the user."""
        interrupts.hold()
        try:
            self.connection.commit()
        except BaseException:
            interrupts.release()
            raise

    @contextmanager
    def part(self, *, trial: bool = False) -> Iterator[None]:
        """Open a part of the transaction, which alone is taken back when it fails, and a trial one in any case."""
        next_ids, keep = dict(self._next), False
        self.connection.exec_driver_sql("SAVEPOINT part")
        try:
            yield
            keep = not trial
        finally:
            if not keep:
                self.connection.exec_driver_sql("ROLLBACK TO part")
                self._next = next_ids
            self.connection.exec_driver_sql("RELEASE part")

    def told(self, error: BaseException) -> BaseException:
        """Return a failure of the database as the product's own error, any other one as it is."""
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, sqlite3.Error) and not isinstance(error, CrmError):
            return store_error(cause, self._path)
        return error

    def new_ids(self, table: Table, count: int) -> range:
        """Reserve ids that were never given before; the transaction's lock keeps them ours."""
        name = table.name
        if name not in self._next:
            found = self.raw.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (name,)).fetchone()
            self._next[name] = (found[0] if found else 0) + 1
        first = self._next[name]
        self._next[name] = first + count
        return range(first, first + count)

    def insert(self, table: Table, columns: Mapping[str, Sequence[Any]]) -> None:
        """Store new rows, given by the columns that are not all NULL; what belongs elsewhere is left aside."""
        self.fill(table.name, {column.name: columns[column.name] for column in table.columns if column.name in columns})

    def update(self, table: Table, record_id: int, values: Row) -> None:
        """Change columns of one row."""
        columns = tuple(values)
        self._run(self._update_sql(table, columns), [(*values.values(), record_id)])

    def delete(self, table: Table, ids: Sequence[int]) -> None:
        """Remove rows for good; only taking back a creation does this."""
        where, numbers = among("id", ids)
        self._run(f"DELETE FROM {table.name} WHERE {where}", [numbers])

    def fill(self, table: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Store new rows, given by column; one that holds nothing is left out, since a NULL takes longer than text."""
        filled = {name: values for name, values in columns.items() if any_filled(values)}
        for sql, rows in insertions(table, filled) if filled else ():
            self._run(sql, rows)

    def insert_children(self, name: str, entity: str, ids: Sequence[int], rows: Sequence[collections.Rows]) -> None:
        """Store the rows that records with these ids have in one collection and did not have before."""
        self.fill(collections.CHILDREN[name].table, collections.columns(name, entity, ids, rows))

    def remove_children(self, name: str, entity: str, ids: Sequence[int]) -> None:
        """Remove the rows that records have in one collection."""
        sql, parameters = collections.remove_sql(name, entity, ids)
        self._run(sql, [parameters])

    def replace_children(self, name: str, entity: str, record_id: int, rows: collections.Rows) -> None:
        """Store the rows of one collection of a record instead of those it had."""
        self.remove_children(name, entity, [record_id])
        self.insert_children(name, entity, [record_id], [rows])

    def index(self, entity: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Let new records, given by column, be found by their words."""
        if entity not in search.SEARCHED:
            return
        entries = search.entries(entity, columns)
        self._run(search.INSERT, compress(entries, map(not_, columns.get("deleted_at") or repeat(None))))

    def reindex(self, entity: str, record_id: int, image: Row) -> None:
        """Bring the full-text index in step with the image of a record that was changed."""
        self.unindex(entity, [record_id])
        self.index(entity, {**{name: [value] for name, value in image.items()}, "id": [record_id]})

    def unindex(self, entity: str, ids: Iterable[int]) -> None:
        """Take records out of the full-text index, upwards: a step down makes it write out what it holds."""
        if entity in search.SEARCHED:
            upwards = ids if isinstance(ids, range) else sorted(ids)
            self._run(search.DELETE, ((search.row_number(entity, record_id),) for record_id in upwards))

    def unindex_gone(self, portions: Mapping[str, Sequence[Sequence[int]]]) -> None:
        """Take records that are no more, in portions by kind, out of the full-text index.

        Where more go than stay, it is written anew, which takes less time and leaves no marks of what went.
        """
        gone = {entity: own for entity, own in portions.items() if entity in search.SEARCHED}
        count = sum(len(ids) for own in gone.values() for ids in own)
        if count >= _MANY and count * 2 > self.raw.execute("SELECT COUNT(*) FROM search_index").fetchone()[0]:
            for statement in search.WRITE_ANEW:
                self.raw.execute(statement)
            return
        for entity, own in gone.items():
            for ids in reversed(own):
                self.unindex(entity, ids)

    def execute(self, sql: str, values: Sequence[tuple[Any, ...]]) -> None:
        """Run one statement with positional marks for each tuple of values."""
        self._run(sql, values)

    def _run(self, sql: str, values: Iterable[tuple[Any, ...]]) -> None:
        if not values:  # a list, most often; an iterator makes the rows of a bulk load as they are stored
            return
        try:
            self.raw.executemany(sql, values)
        except sqlite3.Error as error:
            raise self.told(error) from error

    def _update_sql(self, table: Table, columns: tuple[str, ...]) -> str:
        key = (f"update {table.name}", columns)
        if key not in self._sql:
            statement = update(table).where(table.c.id == bindparam("old_id"))
            changed = statement.ordered_values(*[(table.c[column], bindparam(column)) for column in columns])
            self._sql[key] = str(changed.compile(dialect=self.connection.dialect))
        return self._sql[key]


def any_filled(values: Sequence[Any]) -> bool:
    """Say whether a column holds anything."""
    return bool(values) and (values[0] is not None or values.count(None) < len(values))


def table_of(entity: str) -> Table:
    """Return the table of an entity."""
    table: Table = table_class(entity).__table__
    return table
