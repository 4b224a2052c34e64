"""Recurrence rules, RRULE text of RFC 5545: what is one, and the local times it gives.

A rule is expanded in wall time and its zone attached afterwards, so that ten o'clock stays ten o'clock whatever the
clock does. Excepted dates, changed instances and what they mean for a record are decided elsewhere.
"""

import re
from datetime import datetime
from functools import lru_cache

MOST = 1000  # instances of one expansion

_LAST_CYCLE = datetime(9600, 1, 1)  # of 400 years, after which the calendar repeats itself, that a date can hold
_PART = re.compile(r"([A-Z-]+)=([A-Z0-9:,+-]+)")
_FREQUENCIES = ("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY")
_RUN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYSETPOS"})  # parts that name no day or time of themselves
_UNTIL_UTC = re.compile(r"(\bUNTIL=\d{8}T\d{6})Z", re.IGNORECASE)


def normalise(rule: str) -> str:
    """Return a rule in upper case without blanks and needless backslashes; ValueError with the reason when it is none.

    A rule is refused that is finer than hourly, or that no day ever fits: expanding it would take thousands of years.
    """
    text = re.sub(r"[\s\\]", "", rule).upper().removeprefix("RRULE:").strip(";")
    if problem := _problem(text):
        raise ValueError(f"{rule[:80]!r} {problem}")
    return text


def occurrences(start: datetime, recurrence: str, most: int = MOST) -> list[datetime]:
    """Return the wall times (naive) of a recurrence that begins at ``start``, at most ``most`` of them.

    ``recurrence`` is a rule, or lines ``RRULE``, ``RDATE``, ``EXRULE`` and ``EXDATE`` with their values; a ``DTSTART``
    among them takes the place of ``start``. An UNTIL in UTC is compared as it stands. ValueError when it is none.
    """
    from itertools import islice

    from dateutil.rrule import rrulestr

    try:
        return list(islice(rrulestr(_UNTIL_UTC.sub(r"\1", recurrence), dtstart=start), most))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError) as problem:
        raise ValueError(f"{recurrence[:80]!r} is no recurrence rule: {problem}") from None


@lru_cache(maxsize=4096)
def _problem(text: str) -> str:
    """Return what is wrong with a rule, empty when nothing is."""
    found = [_PART.fullmatch(part) for part in text.split(";")]
    parts = {match[1]: match[2] for match in found if match}
    if None in found or not parts.get("INTERVAL", "1").strip("0"):
        return "is no recurrence rule"
    if parts.get("FREQ") not in _FREQUENCIES:
        return f"does not recur {', '.join(_FREQUENCIES).lower()}"
    days = [f"{name}={value}" for name, value in parts.items() if name not in _RUN]
    try:
        never = not occurrences(_LAST_CYCLE, ";".join(["FREQ=YEARLY", *days]), 1)
        occurrences(_LAST_CYCLE, text, 0)
    except ValueError:
        return "is no recurrence rule"
    return "never happens" if never else ""
