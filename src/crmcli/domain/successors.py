"""The occurrence of a recurring task that comes after the one just closed: when, by which rule, how many were missed.

A task has one open occurrence at a time. Occurrences are known by the wall time or day that the rule gives them, their
key, however far they are put off afterwards. What the next one takes along from the last is up to the services.
"""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from crmcli.domain.durations import Offset, apply
from crmcli.domain.recurrence import parts_of, walk, without_first
from crmcli.domain.series import key_at
from crmcli.domain.zones import wall_text

AFTER_DONE = "after_done"

_DAY = len("2026-03-20")
_MINUTE = len("2026-03-20T09:00")
_TRIED = 1000  # intervals after a closing, of which the first that is free counts
_RUN = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})  # parts of a rule that is nothing but an interval
_STEPS = {
    "YEARLY": Offset(months=12),
    "MONTHLY": Offset(months=1),
    "WEEKLY": Offset(days=7),
    "DAILY": Offset(days=1),
    "HOURLY": Offset(seconds=3600),
}


class Successor(NamedTuple):
    """The next occurrence: its key, what is left of the rule from it on, how many dates were passed over."""

    key: str
    rule: str
    missed: int


def successor(
    key: str, rule: str, zone: str, mode: str | None, closed: str, taken: Collection[str] = ()
) -> Successor | None:
    """Return what comes after an occurrence that was closed at a local time; None when the series ends with it.

    By schedule the dates that went by meanwhile are one, the latest of them. After completion (``after_done``) the
    interval counts from the day of closing. ``taken`` are keys that the series had already: none comes twice.
    ValueError when the rule is none.
    """
    if mode == AFTER_DONE:
        left = without_first(rule, 1)
        found = next((one for one in _after_closing(key, rule, zone, closed) if one not in taken), "")
        return Successor(found, left, 0) if left and found and _is_within(found, rule, zone) else None
    passed, found = 0, ""
    for candidate in (one for one in _later(key, rule, zone) if one not in taken):
        if found and candidate > closed[: len(key)]:
            break
        passed, found = passed + 1, candidate
    left = without_first(rule, passed)
    return Successor(found, left, passed - 1) if found and left else None


def _after_closing(key: str, rule: str, zone: str, closed: str) -> Iterator[str]:
    """Yield the keys that lie the interval of the rule, once or more, after the closing, at the hour of the others.

    A rule that names days (every Monday) gives those of its days that come after the closing.
    """
    parts, is_day = parts_of(rule), len(key) == _DAY
    is_exact = parts["FREQ"] == "HOURLY" and not is_day
    anchor = closed[:_MINUTE] if is_exact else closed[:_DAY] + key[_DAY:]
    if not parts.keys() <= _RUN:
        yield from _later(anchor, rule, zone)
        return
    step, interval = _STEPS[parts["FREQ"]], int(parts.get("INTERVAL", "1"))
    before = anchor
    for count in range(interval, interval * _TRIED, interval):
        moved = apply(datetime.fromisoformat(anchor), Offset(*(size * count for size in step)), zone)
        found = wall_text(moved)[: len(key)]
        if found > before:  # a few hours after a day may still be that day
            yield found
        before = found


def _later(key: str, rule: str, zone: str) -> Iterator[str]:
    """Yield the keys that a rule gives after one from which it is counted."""
    is_day = len(key) == _DAY
    for moment in walk(datetime.fromisoformat(key), rule, zone):
        if (later := key_at(moment, is_day=is_day)) > key:
            yield later


def _is_within(key: str, rule: str, zone: str) -> bool:
    """Say whether a key is not after the end that the rule has by itself."""
    until = parts_of(rule).get("UNTIL")
    return until is None or next(walk(datetime.fromisoformat(key), f"FREQ=DAILY;UNTIL={until}", zone), None) is not None
