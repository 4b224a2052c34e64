"""The star schema as views of one connection, with the functions that its SQL calls; see ``warehouse_tables``."""

import sqlite3
from collections.abc import Callable, Iterator

from crmcli.reports.warehouse_tables import TABLES, TYPES, select

_BP = 4  # decimals of a share in basis points


def views() -> Iterator[str]:
    """Yield the statements that make the views, for the connection alone; in them decimals are numbers."""
    for table in TABLES.values():
        columns = ", ".join(column.key for column in table.columns)
        yield f"CREATE TEMP VIEW {table.name} ({columns}) AS {select(table, exact=False)}"


def functions(currency: str) -> Callable[[sqlite3.Connection], None]:
    """Return what gives a connection the functions of the views; ``currency`` is the base currency.

    ``crm_base(minor, currency, rate, bp)``: that share of an amount in the base currency, None without a rate;
    ``crm_currency()``: that currency; ``crm_scaled(number, digits)``: a whole number as a decimal;
    ``crm_digits(currency)``: how many decimals it has. Decimals are exact text.
    """

    def register(con: sqlite3.Connection) -> None:
        con.create_function("crm_base", 4, lambda *amount: _base(currency, *amount), deterministic=True)
        con.create_function("crm_currency", 0, lambda: currency, deterministic=True)
        con.create_function("crm_scaled", 2, _scaled, deterministic=True)
        con.create_function("crm_digits", 1, _digits, deterministic=True)

    return register


def diagram() -> Iterator[str]:
    """Yield the lines of a Mermaid entity-relationship diagram: tables with their keys, and what they lead to."""
    yield "erDiagram"
    for table in TABLES.values():
        yield f"    {table.name} {{"
        for column in table.columns:
            kind = TYPES[column.type].partition("(")[0].lower()
            mark = " PK" if column == table.columns[0] else " FK" if column.of else ""
            yield f"        {kind} {column.key}{mark}"
        yield "    }"
    for table in TABLES.values():
        for column in table.columns:
            if column.of:
                yield f'    {column.of} ||--o{{ {table.name} : "{column.key}"'


def _scaled(number: int | None, digits: int) -> str | None:
    if number is None:
        return None
    whole, rest = divmod(abs(number), 10**digits)
    told = f"{whole}.{rest:0{digits}}" if digits else str(whole)
    return f"-{told}" if number < 0 else told


def _digits(currency: str) -> int:
    from crmcli.domain.money import exponent

    return exponent(currency)


def _base(base: str, minor: int | None, currency: str, rate: str | None, points: int) -> str | None:
    """Return so many basis points of an amount in the base currency, exactly, as the figures convert it."""
    from crmcli.reports.measures import AMOUNT, Excluded, Surroundings

    converted = AMOUNT.value(Surroundings(base, "UTC", None, None), minor, currency, rate)
    if isinstance(converted, Excluded):
        return None
    if isinstance(converted, int):
        return _scaled(converted * points, _digits(base) + _BP)
    from decimal import Context, Decimal

    exact = converted * points
    whole = Context(prec=100).divide(Decimal(exact.numerator), Decimal(exact.denominator))
    return format(whole.scaleb(-_digits(base) - _BP), "f")
