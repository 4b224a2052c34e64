"""Dates in the cells of a column: which order of day and month the column has, and what a cell then means.

A year first or a month by name can be read one way only; figures alone need an order, found over the whole column or
given. Natural language ("next friday") is for people and belongs in ``domain.dates``.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache
from typing import NamedTuple

from crmcli.clock import stored
from crmcli.domain.date_words import MONTHS
from crmcli.domain.text import fold
from crmcli.domain.zones import EARLIEST_YEAR, LATEST_YEAR, to_utc, zone_of
from crmcli.errors import UsageError

_TIME = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? ?([ap]\.?m\.?)? ?(z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE | re.ASCII)
_FIGURES = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_DAY_NAME = re.compile(rf"(\d{{1,2}})[ -]([a-z]{{3,9}})\.?[ ,-]+(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_NAME_DAY = re.compile(rf"([a-z]{{3,9}})\.? (\d{{1,2}}),? (\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_NOTHING = re.compile(r"[0/.\- :]+")  # some programs write an empty date as 0/0/00 or 0000-00-00
_ORDERS = {"dmy": True, "mdy": False, "ymd": None}
_LONGEST = 60  # characters


class CellDate(NamedTuple):
    """What a cell says: a date, or a moment with its time, in UTC only when the cell names an offset."""

    day: date
    moment: datetime | None


class DateOrder:
    """Gathers how the dates of one column are written; ``decide`` says whether the day stands first."""

    def __init__(self) -> None:
        self._day_first = self._month_first = self._either = ""  # an example of each

    def see(self, cell: str) -> None:
        """Take a cell into account."""
        if cell[4:5] == "-" or not (match := _FIGURES.fullmatch(cell.strip())):
            return
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            self._day_first = cell
        elif second > 12 >= first:
            self._month_first = cell
        elif first != second and first and second:
            self._either = self._either or cell

    def decide(self, column: str) -> bool | None:
        """Return whether day comes before month, None when no cell needs to know.

        Raises UsageError when the column is written both ways, or could be.
        """
        if self._day_first and self._month_first:
            told = f"holds {self._day_first!r} and {self._month_first!r}: day first and month first"
        elif self._either and not (self._day_first or self._month_first):
            told = f"can be read day first or month first, as {self._either!r}"
        else:
            return True if self._day_first else False if self._month_first else None
        raise UsageError(
            f"the column {column!r} {told}",
            hint="say which with --date-format DD/MM/YYYY or MM/DD/YYYY",
            code="import.date_format",
        )


def parse_order(date_format: str) -> bool | None:
    """Return whether a format such as ``DD/MM/YYYY`` or ``%m/%d/%y`` has the day first, None when the year is.

    Raises UsageError when day, month and year cannot be told from it.
    """
    order = "".join(dict.fromkeys(char for char in date_format.lower() if char in "dmy"))
    if date_format.lower() == "iso":
        order = "ymd"
    if order not in _ORDERS:
        raise UsageError(f"no date format {date_format!r}", hint="use DD/MM/YYYY, MM/DD/YYYY or YYYY-MM-DD")
    return _ORDERS[order]


def date_reader(kind: str, day_first: bool | None, zone: str) -> Callable[[str], str | None]:
    """Return what reads a cell of a column into its stored form; it raises ValueError with the reason.

    ``date``: the date, local when the cell names an offset. ``instant``: UTC; see ``instant_of_day`` for a bare date.
    ``zoned``: a bare date stays one. ``birthdate``: also ``--06-15``, without a year. None for an empty date.
    """
    zone_of(zone)

    @lru_cache(maxsize=1 << 14)
    def read(cell: str) -> str | None:
        if kind == "birthdate" and re.fullmatch(r"--\d{2}-\d{2}", cell):
            date.fromisoformat(f"2000{cell[1:]}")  # a leap year knows every day
            return cell
        found = parse_cell(cell, day_first)
        if found is None:
            return None
        if kind in ("date", "birthdate"):
            return _local_day(found, zone)
        if found.moment is None:
            return found.day.isoformat() if kind == "zoned" else instant_of_day(found.day, zone)
        return stored(found.moment) if found.moment.tzinfo else to_utc(found.moment.isoformat(), zone)

    return read


def parse_cell(cell: str, day_first: bool | None) -> CellDate | None:
    """Return what a cell says, None for an empty date such as ``0/0/00``; ValueError when it is no date.

    A year of two digits lies between 1969 and 2068 (POSIX, strptime).
    """
    text = cell.strip()
    if len(text) == 10 and text[4] == text[7] == "-" and (iso := _iso_day(text)):
        return CellDate(_in_range(iso), None)
    if not 0 < len(text) <= _LONGEST:
        raise ValueError(f"{text[:_LONGEST]!r} is not a date")
    if _NOTHING.fullmatch(text):
        return None
    year, month, day_of_month, clock = _parts(text, day_first)
    try:
        day = date(year, month, day_of_month)
        moment = _moment(day, clock)
    except ValueError:
        raise ValueError(f"there is no such date or time as {text!r}") from None
    return CellDate(_in_range(day), moment)


def instant_of_day(day: date, zone: str) -> str:
    """Return the stored instant that stands for a date without time: the start of that day in the zone.

    Reckoned by the zone's smaller offset of that year, so that two dates lie whole days apart whatever the clock
    change between them, and each instant falls on its own local date (at 01:00 under summer time).
    """
    return stored(datetime(day.year, day.month, day.day, tzinfo=timezone(_offset(day.year, zone))))


def _local_day(found: CellDate, zone: str) -> str:
    if found.moment is not None and found.moment.tzinfo:
        return found.moment.astimezone(zone_of(zone)).date().isoformat()
    return found.day.isoformat()


@cache
def _offset(year: int, zone: str) -> timedelta:
    offsets = (datetime(year, month, 1, tzinfo=zone_of(zone)).utcoffset() for month in (1, 7))
    return min(offset or timedelta(0) for offset in offsets)


def _iso_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _in_range(day: date) -> date:
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        raise ValueError(f"the year {day.year} is out of range ({EARLIEST_YEAR} to {LATEST_YEAR})")
    return day


def _parts(text: str, day_first: bool | None) -> tuple[int, int, int, tuple[str | None, ...]]:
    """Return year, month, day and the groups of the time; the words of a month are folded first."""
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4]), match.groups()[4:]
    if match := _FIGURES.fullmatch(text):
        first, second = int(match[1]), int(match[3])
        day, month = (first, second) if day_first else (second, first)
        return _year(match[4]), month, day, match.groups()[4:]
    folded = fold(text)
    if match := _DAY_NAME.fullmatch(folded):
        return _year(match[3]), _month(match[2], text), int(match[1]), match.groups()[3:]
    if match := _NAME_DAY.fullmatch(folded):
        return _year(match[3]), _month(match[1], text), int(match[2]), match.groups()[3:]
    raise ValueError(f"{text!r} is not a date")


def _year(digits: str) -> int:
    year = int(digits)
    if len(digits) == 4:
        return year
    return year + (1900 if year >= 69 else 2000)


def _month(word: str, text: str) -> int:
    if word not in MONTHS:
        raise ValueError(f"{text!r} is not a date: no month {word!r}")
    return MONTHS[word]


def _moment(day: date, clock: tuple[str | None, ...]) -> datetime | None:
    hours, minutes, seconds, half, offset = clock
    if hours is None:
        return None
    hour = int(hours)
    if half:
        if not 1 <= hour <= 12:
            raise ValueError
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    moment = datetime(day.year, day.month, day.day, hour, int(minutes or 0), int(seconds or 0))
    return moment.replace(tzinfo=_zone(offset)) if offset else moment


def _zone(offset: str) -> timezone:
    if offset[0] not in "+-":
        return UTC
    digits = offset[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
