"""Periods of reports: half-open ranges of local dates, named the way people name them.

A period has dates, not instants; ``utc_edges`` turns them into the stored instants of a zone. Single moments in
natural language belong in ``dates``.
"""

import re
from datetime import date, datetime, timedelta
from typing import NamedTuple

from crmcli.domain.durations import UNITS, shift_day
from crmcli.domain.text import fold
from crmcli.domain.zones import EARLIEST_YEAR, LATEST_YEAR, to_utc, zone_of


class Period(NamedTuple):
    """Dates from ``start`` up to ``end`` (excluded); None is without limit. ``label`` reads as the same period."""

    start: str | None
    end: str | None
    label: str


ALL = Period(None, None, "all")
_HINT = "use 2026, 2026-Q1, 2026-03, march 2026, 2026-03-01..2026-03-31, 30d, this-month, last-quarter or all"
_DAY_WORDS = {"today": 0, "oggi": 0, "yesterday": -1, "ieri": -1, "tomorrow": 1, "domani": 1}
_RELATIVE = {"this": 0, "questo": 0, "questa": 0, "quest'": 0, "last": -1, "previous": -1, "next": 1}
_RELATIVE |= {"scorso": -1, "scorsa": -1, "prossimo": 1, "prossima": 1}
_UNITS = {**UNITS, "quarter": "q", "trimestre": "q"}
_MONTHS = {"m": 1, "q": 3, "y": 12}
_AHEAD = {"week": "7d", "settimana": "7d", "month": "1m", "mese": "1m"}
_FAR = "the period {!r} is out of range"


def parse_period(text: str, now: datetime, zone: str) -> Period:
    """Return the period a text means at an aware instant ``now`` in a zone; ValueError when it means none.

    ``2026``, ``2026-Q1``, ``2026-03``, one day, ``A..B`` of these (the end included, either may be missing), ``30d``
    (the last 30 days, today included; also w, m, y), ``this-month`` and its kin and the names of months (``feb`` is
    that of this year, ``february 2027``) in English and Italian, ``today``, ``yesterday``, ``all``.
    """
    folded = fold(text)
    today = now.astimezone(zone_of(zone)).date()
    if folded in ("all", "tutto"):
        return ALL
    try:
        start, end = _edges(folded, today)
    except OverflowError:
        raise ValueError(_FAR.format(text)) from None
    if start and end and start >= end:
        raise ValueError(f"the period {text!r} ends before it starts")
    return _in_range(text, start, end)


def _in_range(text: str, start: date | None, end: date | None) -> Period:
    if not all(EARLIEST_YEAR < edge.year <= LATEST_YEAR for edge in (start, end) if edge):  # the day before counts, too
        raise ValueError(f"{_FAR.format(text)} ({EARLIEST_YEAR + 1} to {LATEST_YEAR - 1})")
    return _period(start, end)


def ahead(text: str, now: datetime, zone: str) -> Period | None:
    """Return the days from today on that ``7d``, ``+2w``, ``1m``, ``week`` or ``month`` mean in a plan, else None."""
    folded = fold(text)
    match = re.fullmatch(r"\+?([1-9][0-9]{0,3})([dwmy])", _AHEAD.get(folded, folded))
    if match is None:
        return None
    today = now.astimezone(zone_of(zone)).date()
    try:
        return _in_range(text, today, step(match[2], today, int(match[1])))
    except OverflowError:
        raise ValueError(_FAR.format(text)) from None


def previous(period: Period) -> Period | None:
    """Return the period of the same length just before: whole months before whole months, else as many days.

    None when a period has no start or no end, since then nothing compares with it.
    """
    if period.start is None or period.end is None:
        return None
    start, end = date.fromisoformat(period.start), date.fromisoformat(period.end)
    if start.day == end.day == 1:
        return _period(shift_day(start, start.year * 12 + start.month - end.year * 12 - end.month), start)
    return _period(start - (end - start), start)


def following(period: Period) -> Period | None:
    """Return the period of the same length just after, as ``previous`` does the one before."""
    if period.start is None or period.end is None:
        return None
    start, end = date.fromisoformat(period.start), date.fromisoformat(period.end)
    if start.day == end.day == 1:
        return _period(end, shift_day(end, end.year * 12 + end.month - start.year * 12 - start.month))
    return _period(end, end + (end - start))


def up_to(period: Period) -> Period:
    """Return all time up to the end of a period."""
    return _period(None, date.fromisoformat(period.end) if period.end else None)


def year_before(period: Period) -> Period | None:
    """Return the same dates of the year before; None when a period has no start or no end."""
    if period.start is None or period.end is None:
        return None
    start, end = (shift_day(date.fromisoformat(edge), -12) for edge in (period.start, period.end))
    return _period(start, end)


COMPARED = {"previous": previous, "last-year": year_before}  # what a period can be set against


def utc_edges(period: Period, zone: str) -> tuple[str | None, str | None]:
    """Return the stored instants of a period in a zone, the second one exclusive; None is without limit."""
    return (to_utc(period.start, zone) if period.start else None, to_utc(period.end, zone) if period.end else None)


def start_of(unit: str, day: date) -> date:
    """Return the first day of the week (Monday), month, quarter or year (``w m q y``) in which a day lies."""
    if unit == "w":
        return day - timedelta(days=day.weekday())
    months = _MONTHS[unit]
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def step(unit: str, day: date, count: int) -> date:
    """Return a day moved by a count of units (``d w m q y``)."""
    if unit in _MONTHS:
        return shift_day(day, _MONTHS[unit] * count)
    return day + timedelta(days=count * (7 if unit == "w" else 1))


def _edges(folded: str, today: date) -> tuple[date | None, date | None]:
    first, dots, last = (part.strip() for part in folded.partition(".."))
    if not dots:
        return _span_of(folded, today)
    return _span_of(first, today)[0] if first else None, _span_of(last, today)[1] if last else None


def _span_of(folded: str, today: date) -> tuple[date, date]:
    if folded in _DAY_WORDS:
        return _span("d", today + timedelta(days=_DAY_WORDS[folded]))
    if match := re.fullmatch(r"([0-9]{1,4})([dwmy])", folded):
        tomorrow = today + timedelta(days=1)
        return step(match[2], tomorrow, -int(match[1])), tomorrow
    return _named(folded, today) or _month_of_a_year(folded, today) or _calendar(folded)


def _named(folded: str, today: date) -> tuple[date, date] | None:
    words = [word for word in re.split(r"[-_ ]+|(?<=')", folded) if word]
    units = [_UNITS[word] for word in words if word in _UNITS]
    counts = [_RELATIVE[word] for word in words if word in _RELATIVE]
    if len(words) != 2 or len(units) != 1 or len(counts) != 1 or units[0] not in ("w", "m", "q", "y"):
        return None
    return _span(units[0], step(units[0], start_of(units[0], today), counts[0]))


def _month_of_a_year(folded: str, today: date) -> tuple[date, date] | None:
    """Return the month that a name means: ``feb``, of this year, ``february 2027``, ``febbraio 2027``."""
    match = re.fullmatch(r"([a-z]+)(?:[-_ ]+(?:of |del )?([0-9]{4}))?", folded)
    if match is None:
        return None
    from crmcli.domain.date_words import MONTHS

    number, year = MONTHS.get(match[1]), int(match[2] or today.year)
    return _span("m", date(year, number, 1)) if number and year else None


def _calendar(folded: str) -> tuple[date, date]:
    match = re.fullmatch(r"([0-9]{4})(?:-q([1-4])|-([0-9]{2})(?:-([0-9]{2}))?)?", folded)
    if not match:
        raise ValueError(f"{folded!r} is not a period; {_HINT}")
    year, quarter, month, day = match.groups()
    unit = "q" if quarter else "d" if day else "m" if month else "y"
    try:
        return _span(unit, date(int(year), int(quarter) * 3 - 2 if quarter else int(month or 1), int(day or 1)))
    except ValueError:
        raise ValueError(f"there is no such date as {folded}") from None


def _span(unit: str, start: date) -> tuple[date, date]:
    return start, step(unit, start, 1)


def _period(start: date | None, end: date | None) -> Period:
    if start is None and end is None:
        return ALL
    return Period(_text(start) or None, _text(end) or None, _label(start, end))


def _label(start: date | None, end: date | None) -> str:
    if start and end:
        iso = start.isoformat()
        names = {"y": iso[:4], "q": f"{iso[:4]}-Q{(start.month + 2) // 3}", "m": iso[:7], "d": iso}
        for unit, name in names.items():
            if (unit == "d" or start_of(unit, start) == start) and step(unit, start, 1) == end:
                return name
    return f"{_text(start)}..{_text(end - timedelta(days=1) if end else None)}"


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""
