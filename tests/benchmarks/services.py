"""Fills a store with what customers asked for and how close they came: tickets with comments and states, and phases.

Everything is drawn at random and always the same, as in ``histories``.
"""

import random
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tests.benchmarks.histories import Row

CUSTOMERS = 2_000
TICKETS_PER_DEAL = 0.2
_FIRST = datetime(2021, 3, 1, 9)
_MINUTES = 5 * 365 * 24 * 60
_PHASES = ("awareness", "exploration", "expansion", "commitment", "dissolution")


def in_phase(number: int) -> Row:
    """Return the phase of an organization; only the first ones are customers that have one."""
    return {"lifecycle_phase": _PHASES[number % 5] if number < CUSTOMERS + 2 else None}


def phases(model: Row) -> Iterator[Row]:
    """Yield two entries of the log for the phase of each organization."""
    chance = random.Random(6)
    for number in range(2, CUSTOMERS + 2):
        start = _FIRST + timedelta(minutes=chance.randrange(_MINUTES // 2))
        moved = start + timedelta(minutes=chance.randrange(_MINUTES // 2))
        for phase, at, left in (("awareness", start, moved), (_PHASES[number % 5], moved, None)):
            yield model | {"entity": "organization", "field": "lifecycle_phase", "record_id": number,
                           "to_value": phase, "to_kind": None, "cause": "lifecycle", "entered_at": _text(at),
                           "left_at": _text(left) if left else None}  # fmt: skip


def tickets(model: Row, count: int) -> Iterator[Row]:
    """Yield tickets of five years: nine in ten resolved, one in ten of these once more."""
    chance = random.Random(7)
    for number in range(2, count + 2):
        opened = _FIRST + timedelta(minutes=chance.randrange(_MINUTES))
        resolved = _text(opened + timedelta(minutes=60 + chance.randrange(20_000)))
        is_done = number % 10 > 0
        yield model | {
            "id": number, "uid": f"{number:08x}-0000-4000-8000-0000000000dd", "number": str(number),
            "opened_at": _text(opened), "created_at": _text(opened),
            "first_response_at": _text(opened + timedelta(minutes=chance.randrange(60))) if number % 3 else None,
            "status": "resolved" if is_done else "open", "resolved_at": resolved if is_done else None,
            "first_resolved_at": resolved if is_done else None, "reopened_count": int(number % 10 == 1),
            "priority": chance.choice(("low", "normal", "high")), "channel": chance.choice(("email", "phone")),
            "csat_score": chance.choice((None, 1, 3, 4, 5)), "organization_id": 2 + number % CUSTOMERS,
            "owner_id": chance.choice((1, 2)), "clock_at": None,
        }  # fmt: skip


def states(model: Row, asked: Iterable[Row]) -> Iterator[Row]:
    """Yield the entries of the log for tickets: opened, resolved, and one in ten reopened and resolved again."""
    for ticket in asked:
        opened = ticket["opened_at"]
        way: list[tuple[str, str | None, Any]] = [("open", None, opened)]
        if ticket["resolved_at"]:
            way += [("done", "open", ticket["resolved_at"])] * (1 + ticket["reopened_count"])
            if ticket["reopened_count"]:
                way.insert(2, ("open", "done", ticket["resolved_at"]))
        for place, (kind, before, at) in enumerate(way):
            left = way[place + 1][2] if place + 1 < len(way) else None
            yield model | {"entity": "ticket", "field": "status", "record_id": ticket["id"], "to_kind": kind,
                           "from_kind": before, "to_value": "open" if kind == "open" else "resolved",
                           "entered_at": at, "left_at": left}  # fmt: skip


def comments(model: Row, asked: Iterable[Row]) -> Iterator[Row]:
    """Yield an answer to each ticket that has one, and a second one to every other."""
    number = 1
    for ticket in asked:
        for _ in range(1 + ticket["id"] % 2 if ticket["first_response_at"] else 0):
            number += 1
            yield model | {"id": number, "uid": f"{number:08x}-0000-4000-8000-0000000000ee", "ticket_id": ticket["id"],
                           "occurred_at": ticket["first_response_at"], "author_id": 1}  # fmt: skip


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
