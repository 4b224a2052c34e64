"""Stretches of time in SQL alone: what ``domain.buckets`` names, without asking Python for each row.

SQLite knows no zones. The few moments at which the clock of one changed between the first and the last instant are put
into the expression; where there are too many of them, ``crm_bucket`` has to do. So it is with the numbers of local
days, for which ``crm_day`` does where an instant is not of the last years.
"""

import re
from datetime import date
from functools import cache

from crmcli import clock
from crmcli.domain.zones import clock_changes

_MOST_CHANGES = 60
_YEARS = 6  # before this one, whose days are numbered without asking Python
_DAY_S = 86_400
_EPOCH_S = date(1970, 1, 1).toordinal() * _DAY_S  # as Python counts the days
_DAY_OF_COLUMN = re.compile(r"\bcrm_day\((r\.\w+)\)")
_PLAIN = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y", "hour": "%H"}


def bucket_sql(moment: str, unit: str, zone: str, first: str, last: str) -> str:
    """Return the expression for the bucket of ``moment``, SQL for a stored date or instant, none of them missing.

    ``first`` and ``last`` are the least and the greatest of its values; instants may lie between two dates.
    """
    changes = clock_changes(_instant(first), _instant(last), zone)
    if len(changes) > _MOST_CHANGES:
        return f"crm_bucket({moment}, '{unit}')"
    shifts = [(since, f"'{seconds:+} seconds'") for since, seconds in changes]
    shift = f"CASE WHEN length({moment}) = 10 THEN '+0 seconds' ELSE {_chosen(moment, shifts[1:], shifts[0][1])} END"
    return _named(f"{moment}, {shift}", unit)


def with_days(sql: str, zone: str) -> str:
    """Return SQL in which the local days of columns (alias ``r``) are numbered without asking Python for most rows."""
    return _DAY_OF_COLUMN.sub(lambda found: _day_sql(found[1], zone, int(clock.now_text()[:4])), sql)


@cache
def _day_sql(moment: str, zone: str, year: int) -> str:
    """Return the expression for what ``crm_day`` says of a column of stored instants."""
    asked, first, end = f"crm_day({moment})", f"{year - _YEARS}-01-01T00:00:00Z", f"{year + 1}-01-01T00:00:00Z"
    known = [
        (since, f"(unixepoch({moment}) + {_EPOCH_S + ahead}) / {_DAY_S}")
        for since, ahead in clock_changes(first, end, zone)
    ]
    return _chosen(moment, [*known, (end, asked)], asked)


def _chosen(moment: str, steps: list[tuple[str, str]], before: str) -> str:
    """Return the expression for what holds at ``moment``: that of the last step up to it, found in few comparisons."""
    if not steps:
        return before
    middle = len(steps) // 2
    since, told = steps[middle]
    later, earlier = _chosen(moment, steps[middle + 1 :], told), _chosen(moment, steps[:middle], before)
    return f"CASE WHEN {moment} >= '{since}' THEN {later} ELSE {earlier} END"


def _instant(stored: str) -> str:
    return f"{stored}T00:00:00Z" if len(stored) == 10 else stored


def _named(moment: str, unit: str) -> str:
    if unit == "weekday":
        return f"CAST((strftime('%w', {moment}) + 6) % 7 + 1 AS TEXT)"
    if unit == "quarter":
        return f"strftime('%Y-Q', {moment}) || ((strftime('%m', {moment}) + 2) / 3)"
    if unit == "week":  # of the year that its Thursday lies in (ISO 8601)
        thursday = f"{moment}, '-3 days', 'weekday 4'"
        return f"strftime('%Y-W', {thursday}) || printf('%02d', (strftime('%j', {thursday}) - 1) / 7 + 1)"
    return f"strftime('{_PLAIN[unit]}', {moment})"
