"""Lengths of time as people type them: durations (``1h30``) and calendar offsets (``+3d``, ``-2w``).

A duration is an exact number of seconds. An offset has calendar units, which act on wall time, so that a day after
nine o'clock is nine o'clock again even when the clock changed; only its hours and minutes are exact.
"""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from crmcli.domain.text import fold
from crmcli.domain.zones import wall_text, zone_of


class Offset(NamedTuple):
    """A signed distance in time."""

    months: int = 0
    days: int = 0
    seconds: int = 0


_UNIT_WORDS = {
    "s": "s sec secs second seconds secondo secondi",
    "min": "min mins minute minutes minuto minuti",
    "h": "h hr hrs hour hours ora ore",
    "d": "d g gg day days giorno giorni",
    "w": "w sett week weeks settimana settimane",
    "m": "m month months mese mesi",
    "y": "y year years anno anni",
}
UNITS = {word: unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
_STEPS = {
    "s": Offset(seconds=1),
    "min": Offset(seconds=60),
    "h": Offset(seconds=3600),
    "d": Offset(days=1),
    "w": Offset(days=7),
    "m": Offset(months=1),
    "y": Offset(months=12),
}
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_PIECE = r"([0-9]{1,6}) ?([a-z]+)[ ,]*"


def offset_of(count: int, word: str) -> Offset:
    """Return the offset of a count and an English or Italian unit, such as 3 and ``giorni``; ValueError if unknown."""
    unit = UNITS.get(word)
    if unit is None:
        raise ValueError(f"{word!r} is not a unit of time; use min, h, d, w, m (months) or y")
    step = _STEPS[unit]
    return Offset(step.months * count, step.days * count, step.seconds * count)


def parse_offset(text: str) -> Offset:
    """Return the offset a text such as ``+3d``, ``-2w``, ``+1m``, ``+4h`` or ``+1d4h`` means; ``m`` is a month."""
    folded = fold(text)
    sign = {"+": 1, "-": -1}.get(folded[:1])
    pieces = _pieces(folded[1:].lstrip())
    if sign is None or not pieces:
        raise ValueError(f"{text!r} is not an offset; use +3d, -2w, +1m, +1y, +4h or +20min")
    parts = [offset_of(sign * count, unit) for count, unit in pieces]
    return Offset(*(sum(part[place] for part in parts) for place in range(3)))


def parse_duration(text: str) -> int:
    """Return the seconds in a text such as ``20m``, ``1h30``, ``90s`` or ``2 ore``; ``m`` is a minute."""
    folded = fold(text)
    if match := re.fullmatch(r"([0-9]{1,6}) ?h ?([0-5]?[0-9])", folded):
        return int(match[1]) * 3600 + int(match[2]) * 60
    pieces = [(count, _SECONDS.get("min" if word == "m" else UNITS.get(word, ""))) for count, word in _pieces(folded)]
    total = sum(count * size for count, size in pieces if size)
    if not pieces or not all(size for _, size in pieces):
        raise ValueError(f"{text!r} is not a duration; use 20m, 1h30, 90s or 2h")
    return total


def shift(wall: str, offset: str, zone: str = "UTC") -> str:
    """Return a wall time or date moved by an offset such as ``+3d``; a date stays a date unless hours are added.

    Days, weeks, months and years act on wall time (a month end is kept inside its month); hours and minutes are
    exact, which only shows in a zone whose clock changes.
    """
    parsed = parse_offset(offset)
    is_date = len(wall) == 10 and not parsed.seconds
    moved = apply(datetime.fromisoformat(wall), parsed, zone)
    return moved.date().isoformat() if is_date else wall_text(moved)


def apply(moment: datetime, offset: Offset, zone: str) -> datetime:
    """Return a naive local datetime moved by an offset; ValueError when it leaves the calendar.

    The result is naive wall time, or aware when hours or minutes made it an exact instant.
    """
    try:
        day = shift_day(moment.date(), offset.months, offset.days)
        moved = datetime.combine(day, moment.time())
        if offset.seconds:
            exact = moved.replace(tzinfo=zone_of(zone)).timestamp() + offset.seconds
            moved = datetime.fromtimestamp(exact, zone_of(zone))
    except (OverflowError, OSError):
        raise ValueError("the date is out of range") from None
    return moved


def shift_day(day: date, months: int = 0, days: int = 0) -> date:
    """Return a date moved by whole months, kept inside the month it lands in, and then by days."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"the year {year} is out of range")
    last = 31 if month == 11 else (date(year, month + 2, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last)) + timedelta(days=days)


def _pieces(folded: str) -> list[tuple[int, str]]:
    if not re.fullmatch(f"(?:{_PIECE})+", folded):
        return []
    return [(int(count), unit) for count, unit in re.findall(_PIECE, folded)]
