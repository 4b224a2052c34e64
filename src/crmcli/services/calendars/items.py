"""Records as the items that calendars and address books hold: one for each UID, a series with what was changed of it.

Only reads, and loads nothing of the write side, so that a feed costs no more than a list. How a property is written
belongs to ``formats``; what is kept in step with a server is decided by ``sync``.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from hashlib import sha256
from itertools import chain
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.formats.ical_files import COLUMNS, OWN_LINK, OWN_USER, component_of, write_calendar, years_of
from crmcli.formats.items import dropping, joined, split
from crmcli.formats.vcard_files import COLUMNS as CARD_COLUMNS
from crmcli.formats.vcard_files import write_cards
from crmcli.queries.exports import mail_of, times_of
from crmcli.queries.records import ListQuery, list_records

OPEN_CLOSES = Clause("r.outcome = 'open' AND r.expected_close IS NOT NULL", {})
Wanted = Mapping[str, Clause | None]  # by entity, which of its records
_REMEMBERED = 1 << 12  # addresses of people
_OWN = frozenset({"ATTENDEE", "ORGANIZER", OWN_LINK, OWN_USER})
_UTC = "UTC"
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@+-]{0,120}")  # what is safe as the name of a file and in an address

Row = dict[str, Any]


class Part(NamedTuple):
    """One record as a component. ``key`` is empty, or of a changed instance the wall time it was changed from."""

    key: str
    record_id: int
    text: str


class Item(NamedTuple):
    """What one file holds: the records of one UID, the series first. ``zones`` and ``years`` are those of its times."""

    entity: str
    uid: str
    ref: str
    title: str
    parts: tuple[Part, ...]
    zones: frozenset[str] = frozenset()
    years: tuple[int, int] = (0, 0)

    def text(self) -> str:
        """Return the file: a whole calendar, or the card."""
        if self.entity not in COLUMNS:
            return "".join(part.text for part in self.parts)
        written: list[str] = []
        write_calendar((part.text for part in self.parts), sorted(self.zones), years_of(*self.years), written.append)
        return "".join(written)


def write_feed(con: sqlite3.Connection, wanted: Wanted, write: Callable[[str], object]) -> int:
    """Write events, tasks and expected closes as one calendar; return how many there were."""
    mails = _mails(con)
    zones: set[str] = set()
    years: list[int] = []
    for entity in wanted.keys() & {"event", "task"}:
        times = times_of(con, ENTITIES[entity], wanted[entity])
        zones |= set(times.zones)
        years += [times.first, times.last] if times.zones else []
    components = (
        component_of(entity, row, mails) for entity, clause in wanted.items() for row in _rows(con, entity, clause)
    )
    span = years_of(min(years, default=0), max(years, default=0))
    return write_calendar(components, sorted(zones), span, write)


def read_items(con: sqlite3.Connection, wanted: Wanted) -> Iterator[Item]:
    """Yield the items of the live records that are wanted, by entity and number."""
    return chain.from_iterable(_items(con, entity, clause) for entity, clause in wanted.items())


def sent_items(con: sqlite3.Connection, wanted: Wanted) -> Iterator[Item]:
    """Yield items as a server gets them: without those invited, whom it would write to, and what they are about."""
    for item in read_items(con, wanted):
        parts = (part._replace(text=joined([dropping(split(part.text).components[0], _OWN)])) for part in item.parts)
        yield item._replace(parts=tuple(parts))


def _items(con: sqlite3.Connection, entity: str, clause: Clause | None) -> Iterator[Item]:
    if entity == "contact":
        for row in _rows(con, entity, clause):
            yield Item(entity, row["uid"], row["ref"], row["name"] or "", (Part("", row["id"], _card(row)),))
        return
    mails = _mails(con)
    groups: dict[str, list[Row]] = {}
    for row in _rows(con, entity, clause):
        groups.setdefault(uid_of(entity, row), []).append(row)
    for uid, rows in groups.items():
        rows.sort(key=lambda row: (row.get("recurrence_id") or "", row["id"]))
        parts = tuple(Part(row.get("recurrence_id") or "", row["id"], component_of(entity, row, mails)) for row in rows)
        first = rows[0]
        title = first["subject"] if entity == "task" else first["title"] if entity == "event" else first["name"]
        yield Item(entity, uid, first["ref"], title, parts, frozenset(_zones(entity, rows)), _years(entity, rows))


def uid_of(entity: str, row: Mapping[str, Any]) -> str:
    """Return under which UID a record stands in a calendar."""
    if entity == "event":
        return str(row["ical_uid"] or row["uid"])
    return f"{row['uid']}-close" if entity == "deal" else str(row["uid"])


def file_name(uid: str, suffix: str) -> str:
    """Return the name of an item's file: its UID where that is a plain word, else what a hash makes of it."""
    if _PLAIN.fullmatch(uid):
        return f"{uid}{suffix}"
    return f"{sha256(uid.encode(errors='surrogatepass')).hexdigest()[:32]}{suffix}"


def _card(row: Row) -> str:
    written: list[str] = []
    write_cards([row], written.append)
    return "".join(written)


def _rows(con: sqlite3.Connection, entity: str, clause: Clause | None) -> Iterator[Row]:
    columns = CARD_COLUMNS if entity == "contact" else COLUMNS[entity]
    return list_records(con, ENTITIES[entity], ListQuery(clause, columns=columns, portable=True)).rows


def _mails(con: sqlite3.Connection) -> Callable[[str, str], str]:
    return lru_cache(_REMEMBERED)(partial(mail_of, con))


def _zones(entity: str, rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        zone = row["zone"] if entity == "event" else row["due_zone"] if entity == "task" else None
        if zone and zone != _UTC and not row.get("all_day") and not row.get("due_is_date"):
            yield zone


def _years(entity: str, rows: list[Row]) -> tuple[int, int]:
    keys = {"event": ("start_at", "end_at"), "task": ("due_at", "due_at"), "deal": ("expected_close",) * 2}[entity]
    years = [int(row[key][:4]) for row in rows for key in keys if row[key]]
    return min(years, default=0), max(years, default=0)
