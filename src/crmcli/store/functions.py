"""SQL functions that the catalogue's expressions use, registered on every connection, reading and writing alike."""

import sqlite3

from crmcli import clock
from crmcli.domain.text import fold


def register(con: sqlite3.Connection, zone: str) -> None:
    """Give a connection ``fold(text)``, ``crm_now()`` (UTC instant) and ``crm_today()`` (local day of ``zone``)."""
    con.create_function("fold", 1, _fold, deterministic=True)
    con.create_function("crm_now", 0, clock.now_text)
    con.create_function("crm_today", 0, lambda: _today(zone))


def _fold(text: object) -> str | None:
    return None if text is None else fold(str(text))


def _today(zone: str) -> str:
    from crmcli.domain.zones import local_date  # only a query that asks for the day pays for the zone data

    return local_date(clock.now_text(), zone)
