"""Dates in the cells of a column: which order of day and month the column has, and what a cell then means.

A year first or a month by name can be read one way only; figures alone need an order, found over the whole column or
given. Natural language ("next friday") is for people and belongs in ``domain.dates``.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import NamedTuple

from crmcli.clock import stored
from crmcli.domain.date_words import MONTHS
from crmcli.domain.text import fold
from crmcli.domain.zones import EARLIEST_YEAR, LATEST_YEAR, to_utc, wall_text, zone_of
from crmcli.errors import UsageError
from crmcli.importing.doubts import AmbiguousColumnError

_TIME = r"(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)? ?([ap]\.?m\.?)? ?(z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.IGNORECASE | re.ASCII)
_FIGURES = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_DAY_NAME = re.compile(rf"(\d{{1,2}})[ -]([a-z]{{3,9}})\.?[ ,-]+(\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_NAME_DAY = re.compile(rf"([a-z]{{3,9}})\.? (\d{{1,2}}),? (\d{{4}}|\d{{2}}){_TIME}", re.IGNORECASE | re.ASCII)
_NOTHING = re.compile(r"[0/.\- :]+")  # some programs write an empty date as 0/0/00 or 0000-00-00
_ORDERS = {"dmy": True, "mdy": False, "ymd": None}
_FORMATS = {"DD/MM/YYYY": True, "MM/DD/YYYY": False}
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
        hint, code = "say which with --date-format DD/MM/YYYY or MM/DD/YYYY", "import.date_format"
        if self._day_first and self._month_first:
            told = f"holds {self._day_first!r} and {self._month_first!r}: day first and month first"
            raise UsageError(f"the column {column!r} {told}", hint=hint, code=code)
        if self._either and not (self._day_first or self._month_first):
            told = f"can be read day first or month first, as {self._either!r}"
            readings = {written: _in_words(self._either, order) for written, order in _FORMATS.items()}
            raise AmbiguousColumnError(column, told, self._either, readings, hint=hint, code=code)
        return True if self._day_first else False if self._month_first else None


def _in_words(cell: str, day_first: bool) -> str:
    """Return a date with its month as a word."""
    try:
        found = parse_cell(cell, day_first)
    except ValueError:
        found = None
    return f"{found.day.day} {found.day:%B %Y}" if found else cell


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

    ``date``: the date, local when the cell names an offset. ``instant``: UTC, of a bare date its local midnight.
    ``zoned``: a bare date stays one, and a wall time with its own zone (RFC 9557, ``2026-03-20T09:00[Europe/Rome]``)
    keeps it. ``birthdate``: also ``--06-15``, without a year. None for an empty date.
    """
    zone_of(zone)

    @lru_cache(maxsize=1 << 14)
    def read(cell: str) -> str | None:
        if kind == "birthdate" and re.fullmatch(r"--\d{2}-\d{2}", cell):
            date.fromisoformat(f"2000{cell[1:]}")  # a leap year knows every day
            return cell
        if cell.endswith("]"):
            return _in_its_zone(cell, kind)
        found = parse_cell(cell, day_first)
        if found is None:
            return None
        if kind in ("date", "birthdate"):
            return _local_day(found, zone)
        if found.moment is None:
            return found.day.isoformat() if kind == "zoned" else to_utc(found.day.isoformat(), zone)
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


def _in_its_zone(cell: str, kind: str) -> str:
    wall, _, zone = cell[:-1].partition("[")
    found = parse_cell(wall, None)
    if found is None or found.moment is None or found.moment.tzinfo:
        raise ValueError(f"{cell[:_LONGEST]!r} is not a time with its zone")
    utc = to_utc(found.moment.isoformat(), zone)
    if kind == "zoned":
        return f"{wall_text(found.moment)}[{zone}]"
    return found.day.isoformat() if kind == "date" else utc


def _local_day(found: CellDate, zone: str) -> str:
    if found.moment is not None and found.moment.tzinfo:
        return found.moment.astimezone(zone_of(zone)).date().isoformat()
    return found.day.isoformat()


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
        day, month = (first, second) if day_first or (day_first is None and first > 12) else (second, first)
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
