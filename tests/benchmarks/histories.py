"""Fills a store of many deals with what moved through it: leads, the log of all states, and interactions.

Everything is drawn at random and always the same. The deals themselves are drawn by ``reports``.
"""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

LEADS_PER_DEAL = 0.5
INTERACTIONS_PER_DEAL = 3
_KINDS = ("call", "email", "meeting")
_OUTCOMES = ("connected", "no_answer", "voicemail", None)
_SOURCES = ("website", "referral", "event", None)
Row = dict[str, Any]


def stage_entries(model: Row, stages: dict[str, int], deals: Iterable[Row]) -> Iterator[Row]:
    """Yield eight entries of the log for each deal: through the open stages, sometimes back, to where it stands."""
    chance = random.Random(2)
    path = [stages[key] for key in ("potential", "negotiation", "quote_sent")]
    for deal in deals:
        end = deal["closed_at"] or "2026-03-01T12:00:00Z"
        start, last = _moment(deal["created_at"]), _moment(end)
        way = [path[0], path[1], path[chance.randrange(3)], *(path[chance.randrange(3)] for _ in range(4))]
        way = [*way, deal["stage_id"]]
        moments = sorted(start + (last - start) * chance.random() for _ in way[1:-1])
        times = [start, *moments, last]
        for place, (stage, at) in enumerate(zip(way, times, strict=True)):
            left = times[place + 1] if place + 1 < len(times) else None
            yield model | {
                "entity": "deal", "field": "stage", "record_id": deal["id"],
                "from_value": str(way[place - 1]) if place else None, "to_value": str(stage),
                "from_kind": "open" if place else None, "to_kind": "open" if left else deal["outcome"],
                **_spent(at, left),
            }  # fmt: skip


def leads(model: Row, count: int) -> Iterator[Row]:
    """Yield leads of five years: a third converted, a third lost."""
    chance = random.Random(3)
    first = datetime(2021, 3, 1, 9)
    for number in range(2, count + 2):
        created = first + timedelta(minutes=chance.randrange(5 * 365 * 24 * 60))
        ended = _text(created + timedelta(minutes=chance.randrange(100 * 24 * 60)))
        status = chance.choice(("contacted", "converted", "unqualified"))
        yield model | {
            "id": number, "uid": f"{number:08x}-0000-4000-8000-0000000000aa", "last_name": f"Rossi {number}",
            "status": status, "created_at": _text(created), "score": chance.randrange(120),
            "converted_at": ended if status == "converted" else None,
            "lost_at": ended if status == "unqualified" else None,
            "lost_reason": "price" if status == "unqualified" else None,
            "source": chance.choice(_SOURCES), "owner_id": chance.choice((1, 2)),
            "rating": chance.choice(("hot", "warm", None)), "industry": chance.choice(("retail", "energy", None)),
        }  # fmt: skip


def lead_entries(model: Row, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield two entries of the status of each lead, and two of its life cycle."""
    for lead in rows:
        start = _moment(lead["created_at"])
        end = _moment(lead["converted_at"] or lead["lost_at"] or _text(start + timedelta(days=9)))
        for field, kind, ways in (("status", "open", ("new", lead["status"])), ("lifecycle_stage", "", ("mql", "sql"))):
            for value, at, left in ((ways[0], start, end), (ways[1], end, None)):
                yield model | {"entity": "lead", "field": field, "record_id": lead["id"], "to_value": value,
                               "to_kind": kind or None, **_spent(at, left)}  # fmt: skip


def interactions(model: Row, count: int) -> Iterator[Row]:
    """Yield calls, mails and meetings of five years."""
    chance = random.Random(4)
    first = datetime(2021, 3, 1, 9)
    for number in range(2, count + 2):
        kind = chance.choice(_KINDS)
        yield model | {
            "id": number, "uid": f"{number:08x}-0000-4000-8000-0000000000bb", "kind": kind, "subject": "Talk",
            "occurred_at": _text(first + timedelta(minutes=chance.randrange(5 * 365 * 24 * 60))),
            "direction": chance.choice(("in", "out")), "outcome": chance.choice(_OUTCOMES) if kind == "call" else None,
            "user_id": chance.choice((1, 2)), "owner_id": None,
        }  # fmt: skip


def links(count: int, deals: int, people: int) -> Iterator[Row]:
    """Yield the main link of each interaction: of every other one to a deal, of the rest to a lead."""
    chance = random.Random(5)
    for number in range(2, count + 2):
        entity, among = ("deal", deals) if number % 2 else ("lead", people)
        yield {"activity_entity": "interaction", "activity_id": number, "entity": entity, "position": 0,
               "record_id": chance.randrange(2, among + 2), "is_main": 1}  # fmt: skip


def model_of(con: sqlite3.Connection, table: str, where: str = "TRUE") -> Row:
    """Return the first row of a table, of which the others are copies."""
    return dict(con.execute(f"SELECT * FROM {table} WHERE {where} ORDER BY id LIMIT 1").fetchone())


def numbered(rows: Iterable[Row], first: int) -> Iterator[Row]:
    """Yield rows with ids in the order of their moments, as a store that grew has them."""
    for number, row in enumerate(sorted(rows, key=lambda row: str(row["entered_at"])), start=first):
        yield row | {"id": number}


def _spent(at: datetime, left: datetime | None) -> Row:
    return {"entered_at": _text(at), "left_at": _text(left) if left else None,
            "seconds": int((left - at).total_seconds()) if left else None}  # fmt: skip


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z"))


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def firm(number: int) -> dict[str, Any]:
    """Return what tells an organization from the others."""
    named = {"id": number, "uid": f"{number:08x}-0000-4000-8000-00000000f000", "name": f"Firm {number}"}
    return named | {"name_key": f"firm {number}", "industry": ("retail", "furniture", "printing")[number % 3]}
