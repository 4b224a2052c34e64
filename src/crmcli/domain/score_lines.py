"""The lines a lead's score is the sum of, and how points fade. Which lines a lead has is decided by the services.

A line is stored as JSON, a part of the lead, so the journal keeps it and undo puts it back.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

BOUND = 1_000_000  # a score lies between minus this and this
_DAY = 86_400  # seconds


class Line(NamedTuple):
    """Why a lead has some of its points.

    ``kind`` is ``entry`` (a ``[[score]]`` table that holds), ``rule`` (an action of a rule), ``manual`` or
    ``imported``; ``name`` the entry or rule. ``points`` are those once given, ``counted`` those that count now;
    ``since`` is the stored instant from which they are there.
    """

    kind: str
    name: str
    points: int
    counted: int
    since: str
    reason: str = ""


def parse_lines(stored: str | None) -> list[Line]:
    """Return the lines in their stored JSON; none when there is nothing."""
    return [Line(**row) for row in json.loads(stored)] if stored else []


def plain(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return lines as the JSON in which they are stored, what is empty left out."""
    return [{key: value for key, value in line._asdict().items() if value or key != "reason"} for line in lines]


def total(lines: Iterable[Line]) -> int:
    """Return the score that lines make."""
    return max(-BOUND, min(BOUND, sum(line.counted for line in lines)))


def add_up(lines: list[Line], new: Line) -> list[Line]:
    """Return lines with the points of a new one, in the line of the same origin and reason where there is one.

    Entries stand last.
    """
    if not new.points:
        return lines
    for place, line in enumerate(lines):
        if (line.kind, line.name, line.reason) == (new.kind, new.name, new.reason):
            merged = new._replace(points=line.points + new.points, counted=line.counted + new.counted)
            return [*lines[:place], *([merged] if merged.points else []), *lines[place + 1 :]]
    return sorted([*lines, new], key=lambda line: line.kind == "entry")


def faded(points: int, half_life_days: int, since: str, now: datetime) -> int:
    """Return what is left of points after whole days of exponential decay, rounded half to even; all without decay.

    ``since`` is a stored instant or date; one in the future leaves all.
    """
    if not half_life_days:
        return points
    start = datetime.fromisoformat(since if "T" in since else f"{since}T00:00:00Z")
    days = max(0, int((now - start).total_seconds() // _DAY))
    left: float = points * 0.5 ** (days / half_life_days)
    return round(left)
