"""SQL that users wrote, asked of the store: ``crm sql`` and the reports of their own.

The walls stand in ``store.guarded``; the views ``dim_...`` and ``fact_...`` that such SQL may read, in ``warehouse``.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from crmcli.domain.plurals import counted
from crmcli.domain.sql_words import line_of, named_parameters
from crmcli.errors import CrmError, RefusedError, UsageError
from crmcli.store.guarded import OF_SQLITE, Guarded, open_guarded

_TABLES = "crm schema sql   and docs/reference/warehouse.md tell the tables"
_MOST = 256 << 20  # bytes of text that an answer may hold, so that no question takes all the memory there is


class Bounds(NamedTuple):
    """How long SQL of users may take, and how many rows it may give."""

    seconds: int = 10
    rows: int = 100_000


class Answer(NamedTuple):
    """What SQL gives: names of columns, each once, and rows of what SQLite stores."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]


class Store(NamedTuple):
    """Where SQL is asked: the file, the zone of its local dates, the base currency of its amounts."""

    path: Path
    zone: str
    currency: str


def ask(store: Store, sql: str, parameters: Mapping[str, object], bounds: Bounds) -> Answer:
    """Return what one statement gives, its parameters bound by name.

    UsageError for SQL that cannot be understood, RefusedError for what would do more than read, CrmError where it takes
    too long or gives too many rows.
    """
    from time import monotonic

    from crmcli.reports.warehouse import functions, views

    known = named_parameters(sql)
    if unknown := [name for name in parameters if name not in known]:
        message = f"the SQL has no parameter :{unknown[0]}"
        raise UsageError(
            message, hint=f"it has {', '.join(f':{name}' for name in known) or 'none'}", code="sql.parameter"
        )
    if missing := [name for name in known if name not in parameters]:
        raise UsageError(
            f"there is no value for :{missing[0]}", hint=f"--param {missing[0]}=VALUE", code="sql.parameter"
        )
    with open_guarded(store.path, store.zone, views(), functions(store.currency)) as guarded:
        guarded.run_until(monotonic() + bounds.seconds)
        try:
            cursor = guarded.con.execute(sql, parameters)
            if cursor.description is None:
                raise UsageError("that asks for nothing", hint='crm sql "SELECT ..."', code="sql.empty")
            rows = _fetched(cursor, bounds.rows)
        except (sqlite3.Error, sqlite3.Warning, MemoryError, OverflowError) as error:
            raise _failure(error, guarded, sql, bounds) from None
    return Answer(_unique([column[0] for column in cursor.description]), rows)


def _fetched(cursor: sqlite3.Cursor, most: int) -> list[tuple[Any, ...]]:
    """Return all rows of an answer; CrmError where they are too many, or too large to hold together."""
    rows: list[tuple[Any, ...]] = []
    size = 0
    for row in cursor:
        rows.append(row)
        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
        if len(rows) > most:
            hint = "put a LIMIT on it, or: crm config set sql_rows N"
            raise CrmError(f"the SQL gives more than {most:,} rows", hint=hint, code="sql.rows")
        if size > _MOST:
            raise CrmError(f"the SQL gives more than {_MOST >> 20} MB", hint="put a LIMIT on it", code="sql.size")
    return rows


def told(cell: object) -> object:
    """Return a stored value as formats can tell it: bytes as hexadecimal digits, an endless number as a word."""
    if isinstance(cell, bytes):
        return cell.hex()
    return str(cell) if cell in (float("inf"), float("-inf")) else cell


def typed(text: str) -> object:
    """Return a value that was typed for a parameter: a number where it reads as one, else the text itself."""
    if re.fullmatch(r"-?(?:0|[1-9][0-9]{0,17})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?(?:0|[1-9][0-9]*)\.[0-9]+", text) else text


class SqlError(UsageError):
    """SQL that SQLite does not understand; ``line`` is that of the statement, from 1."""

    code = "sql.error"

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message, hint=_TABLES)
        self.line = line


def _failure(error: Exception, guarded: Guarded, sql: str, bounds: Bounds) -> CrmError:
    text = str(error)
    if getattr(error, "sqlite_errorname", "") == "SQLITE_INTERRUPT":
        hint = "ask for less, or: crm config set sql_seconds N"
        return CrmError(f"the SQL took more than {counted(bounds.seconds, 'second')}", hint=hint, code="sql.time")
    refused = "VACUUM" if text.startswith("cannot VACUUM") else guarded.refused
    if refused is not None:
        message = f"SQL of yours may only read: {refused} is not allowed"
        hint = _TABLES if refused == OF_SQLITE else "commands change records: crm --help"
        return RefusedError(message, hint=hint, code="sql.refused")
    if text.startswith("Binding "):
        message = "a parameter needs a name, such as :least"
        return UsageError(message, hint='crm sql "SELECT :least" --param least=5', code="sql.parameter")
    if isinstance(error, MemoryError) or "too big" in text:
        return CrmError("the SQL makes a value that is too large", code="sql.size")
    return SqlError(text, line_of(text, sql))


def kind_of(cells: Iterable[object]) -> str:
    """Return the type of a column by what stands in it: numbers go to the right, as they are."""
    return "int" if all(cell is None or isinstance(cell, int | float) for cell in cells) else "text"


def _unique(names: list[str]) -> tuple[str, ...]:
    taken: list[str] = []
    for name in names:
        tries = (name, *(f"{name}_{number}" for number in range(2, len(names) + 2)))
        taken.append(next(one for one in tries if one not in taken))
    return tuple(taken)
