"""Stretches of time in SQL alone: what ``domain.buckets`` names, without asking Python for each row.

SQLite knows no zones. The few moments at which the clock of one changed between the first and the last instant are put
into the expression; where there are too many of them, ``crm_bucket`` has to do.
"""

from crmcli.domain.zones import clock_changes

_MOST_CHANGES = 60
_PLAIN = {"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y", "hour": "%H"}


def bucket_sql(moment: str, unit: str, zone: str, first: str, last: str) -> str:
    """Return the expression for the bucket of ``moment``, SQL for a stored date or instant, none of them missing.

    ``first`` and ``last`` are the least and the greatest of its values.
    """
    if len(first) == len(last) == 10:
        return _named(moment, unit)
    changes = clock_changes(_instant(first), _instant(last), zone)
    if len(changes) > _MOST_CHANGES:
        return f"crm_bucket({moment}, '{unit}')"
    parts = [f"WHEN {moment} >= '{since}' THEN '{seconds:+} seconds'" for since, seconds in reversed(changes[1:])]
    parts.append(f"ELSE '{changes[0][1]:+} seconds'")
    return _named(f"{moment}, CASE WHEN length({moment}) = 10 THEN '+0 seconds' {' '.join(parts)} END", unit)


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
