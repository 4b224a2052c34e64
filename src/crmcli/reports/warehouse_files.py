"""The star schema as files for other programs: one Parquet file for each table, or one SQLite database.

Parquet is written by DuckDB, which comes with the extra ``warehouse``: it writes exact decimals and reads the files
back itself. All tables are read in one snapshot, and each file appears only when it is complete.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcli.errors import CrmError
from crmcli.formats.files import beside
from crmcli.reports.warehouse import functions
from crmcli.reports.warehouse_tables import TABLES, TYPES, Table, select

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = ("parquet", "sqlite")
DATABASE = "warehouse.db"
_CHUNK = 1000
_LONGEST = 64 << 20  # bytes of a row on its way into DuckDB


def write_warehouse(con: sqlite3.Connection, currency: str, folder: Path, form: str) -> dict[str, int]:
    """Write every table into a folder that exists and return how many rows each has; CrmError where that fails."""
    functions(currency)(con)
    writer = _write_parquet if form == "parquet" else _write_sqlite
    try:
        return writer(con, folder)
    except OSError as problem:
        told = f"cannot write to {folder}: {problem.strerror or problem}"
        raise CrmError(told, code="file.not_written") from problem


def _write_sqlite(con: sqlite3.Connection, folder: Path) -> dict[str, int]:
    with beside(folder / DATABASE) as path, closing(sqlite3.connect(path, isolation_level=None)) as out:
        out.execute("PRAGMA journal_mode=OFF")  # the file counts only when it is whole
        out.execute("BEGIN")
        counts = {table.name: _fill(out, table, con.execute(select(table))) for table in TABLES.values()}
        out.execute("COMMIT")
    return counts


def _fill(out: sqlite3.Connection, table: Table, rows: Iterable[tuple[Any, ...]]) -> int:
    """Make a table and its rows. The keys of dimensions are declared, and facts are indexed by them."""
    key = table.columns[0].key
    declared = [
        f"{column.key} {TYPES[column.type]}{' PRIMARY KEY' if column.key == key else ''}"
        + (f" REFERENCES {column.of}" if column.of else "")
        for column in table.columns
    ]
    out.execute(f"CREATE TABLE {table.name} ({', '.join(declared)})")
    marks = ", ".join("?" * len(table.columns))
    count = out.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows).rowcount
    for column in table.columns:
        if column.of:
            out.execute(f"CREATE INDEX ix_{table.name}_{column.key} ON {table.name} ({column.key})")
    return max(count, 0)


def _write_parquet(con: sqlite3.Connection, folder: Path) -> dict[str, int]:
    duck = _duck()
    counts: dict[str, int] = {}
    with closing(duck), ExitStack() as files:
        for table in TABLES.values():
            path = files.enter_context(beside(folder / f"{table.name}.parquet"))
            counts[table.name] = _copy(duck, table, con.execute(select(table)), path)
    return counts


def _duck() -> "DuckDBPyConnection":
    try:
        import duckdb
    except ImportError:
        hint = "pip install 'crmcli[warehouse]', or --format sqlite"
        raise CrmError("Parquet needs the library duckdb", hint=hint, code="extra.missing") from None
    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "threads": "2"}
    return duckdb.connect(":memory:", config=settings)  # type: ignore[arg-type]  # texts are what all settings take


def _copy(duck: "DuckDBPyConnection", table: Table, rows: sqlite3.Cursor, path: Path) -> int:
    """Hand the rows of a table to DuckDB, by way of a file beside the target, and return how many there were."""
    import duckdb

    types = ", ".join(f"'{column.key}': '{TYPES[column.type]}'" for column in table.columns)
    rest = path.with_name(f"{path.name}.rows")
    try:
        rest.touch(mode=0o600, exist_ok=False)
        with rest.open("w", encoding="utf-8", newline="") as stream:
            count = sum(_written(stream.write, chunk) for chunk in iter(lambda: rows.fetchmany(_CHUNK), []))
        duck.execute(
            f"COPY (SELECT * FROM read_csv({_quoted(rest)}, columns={{{types}}}, header=false, auto_detect=false,"
            " delim=',', quote='\"', escape='\"', new_line='\\n', nullstr='', allow_quoted_nulls=false,"
            f" parallel=false, max_line_size={_LONGEST}, buffer_size={2 * _LONGEST}))"
            f" TO {_quoted(path)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        )
    except duckdb.Error as error:
        raise CrmError(f"{table.name}: {error}".splitlines()[0], code="warehouse.failed") from error
    finally:
        rest.unlink(missing_ok=True)
    return count


def _written(write: Any, rows: list[tuple[Any, ...]]) -> int:
    write("".join(f"{','.join(_cells(row))}\n" for row in rows))
    return len(rows)


def _cells(row: tuple[Any, ...]) -> Iterator[str]:
    """Yield the cells of a row as CSV that tells a missing value from an empty text."""
    for cell in row:
        if isinstance(cell, str):
            yield '"' + cell.replace('"', '""') + '"'
        else:
            yield "" if cell is None else str(cell)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
