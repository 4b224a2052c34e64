"""SQL functions that the catalogue's expressions use, registered on every connection, reading and writing alike."""

import sqlite3
from collections.abc import Callable
from functools import cache, lru_cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from crmcli import clock
from crmcli.domain.text import fold

if TYPE_CHECKING:
    from crmcli.domain.cadences import Cadences


def register(con: sqlite3.Connection, zone: str, cadences: "Cadences | None" = None) -> None:
    """Give a connection the functions, with the local days of a zone (IANA name), and the cadences of the settings.

    ``fold(text)``; ``crm_now()``, a UTC instant; ``crm_today()``, a date; ``crm_date(instant)``, its date, and
    ``crm_day(instant)``, the number of that;
    ``crm_bucket(date or instant, unit)``, see ``domain.buckets``;
    ``crm_has_cadences()``, 0 or 1; ``crm_followed()``, the names of the tags, stages and tiers that have a cadence, as
    JSON; ``crm_cadence(stage, tier, tags)``, tags in lines; ``crm_next_contact``, see ``domain.cadences``.
    """
    con.create_function("fold", 1, _fold, deterministic=True)
    con.create_function("crm_now", 0, clock.now_text, deterministic=True)  # one moment for all rows of a statement
    con.create_function("crm_today", 0, lambda: _today(zone), deterministic=True)
    con.create_function("crm_date", 1, lambda instant: _date(instant, zone), deterministic=True)
    con.create_function("crm_day", 1, _day_in(zone), deterministic=True)
    con.create_function("crm_bucket", 2, lambda moment, unit: _bucket(moment, unit, zone), deterministic=True)
    con.create_function("crm_has_cadences", 0, lambda: int(cadences is not None), deterministic=True)
    con.create_function("crm_followed", 0, lambda: _followed(cadences), deterministic=True)
    con.create_function("crm_cadence", 3, _cadence_by(cadences), deterministic=True)
    con.create_function("crm_next_contact", 5, partial(_next_contact, zone), deterministic=True)


@cache
def _lazy(module: str) -> Any:
    """Return a module of the domain: only a query that asks for days pays for it, and once, not for each row."""
    return import_module(f"crmcli.domain.{module}")


@lru_cache(maxsize=1 << 10, typed=True)
def _fold(text: object) -> str | None:
    """Fold a value; most columns of which many rows are compared hold few different ones."""
    return None if text is None else fold(str(text))


def _today(zone: str) -> str:
    today: str = _lazy("zones").local_date(clock.now_text(), zone)
    return today


def _date(instant: str | None, zone: str) -> str | None:
    day: str | None = None if instant is None else _lazy("zones").local_date(instant, zone)
    return day


def _day_in(zone: str) -> Callable[[str | None], int | None]:
    numbering: Callable[[], Callable[[str], int]] = cache(lambda: _lazy("zones").numbering(zone))
    return lambda instant: None if instant is None else numbering()(instant)


def _bucket(moment: str | None, unit: str, zone: str) -> str | None:
    named: str | None = None if moment is None else _lazy("buckets").bucket(moment, unit, zone)
    return named


def _followed(cadences: "Cadences | None") -> str:
    from json import dumps

    return dumps({name: [*(getattr(cadences, name, None) or ())] for name in ("tags", "stages", "tiers")})


def _cadence_by(cadences: "Cadences | None") -> Callable[[str | None, str | None, str | None], str | None]:
    """Return the function that finds the cadence of a record; of many records there are few kinds."""

    @lru_cache(maxsize=1 << 12)
    def cadence(stage: str | None, tier: str | None, tags: str | None) -> str | None:
        return None if cadences is None else cadences.of(stage, tier, (tags or "").split("\n"))

    return cadence


def _next_contact(zone: str, *known: str | None) -> str | None:
    found: str | None = _lazy("cadences").next_contact(*known, zone)
    return found
