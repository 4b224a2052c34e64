"""SQL functions that the catalogue's expressions use, registered on every connection, reading and writing alike."""

import sqlite3

from crmcli import clock
from crmcli.domain.text import fold


def register(con: sqlite3.Connection, zone: str) -> None:
    """Give a connection the functions, with the local days of a zone (IANA name).

    ``fold(text)``; ``crm_now()``, a UTC instant; ``crm_today()``, a date; ``crm_day(instant)``, the number of its date.
    """
    con.create_function("fold", 1, _fold, deterministic=True)
    con.create_function("crm_now", 0, clock.now_text, deterministic=True)  # one moment for all rows of a statement
    con.create_function("crm_today", 0, lambda: _today(zone), deterministic=True)
    con.create_function("crm_day", 1, lambda instant: _day(instant, zone), deterministic=True)


def _fold(text: object) -> str | None:
    return None if text is None else fold(str(text))


def _today(zone: str) -> str:
    from crmcli.domain.zones import local_date  # only a query that asks for the day pays for the zone data

    return local_date(clock.now_text(), zone)


def _day(instant: str | None, zone: str) -> int | None:
    from crmcli.domain.zones import day_number

    return None if instant is None else day_number(instant, zone)
