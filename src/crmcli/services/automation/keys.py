"""Trigger keys: what a rule acts once for, as text. A rule never runs twice under the same one.

Those of a rule that acts once for each match count the matches of a record: ``lead 12 #3``, and ``lead 12 #3 ended``
once its condition held no more.
"""

from typing import NamedTuple

_ENDED = " ended"
UNDONE = "undone "  # begins the key of a run whose write was taken back, which frees it


class Match(NamedTuple):
    """The match that a record is in, or was in last; number 0 stands before the first."""

    number: int = 0
    is_open: bool = False


def once_key(once: str, record: str, day: str, anchor: str) -> str | None:
    """Return the key of a run; None where a rule may run with every write, or counts matches.

    ``record`` is entity and id, ``day`` the local date, ``anchor`` the moment the run is for.
    """
    if once == "per_record":
        return record
    if once == "per_day":
        return f"{record} {day}"
    return f"{record} {anchor}" if once == "per_anchor" else None


def is_of_match(key: str) -> bool:
    """Say whether a key counts the matches of a record."""
    return " #" in key


def read_match(key: str) -> tuple[str, Match]:
    """Return the record and the match that a key of a match stands for."""
    record, _, rest = key.partition(" #")
    number, ended, _ = rest.partition(_ENDED)
    return record, Match(int(number), not ended)


def match_key(record: str, number: int, *, ended: bool = False) -> str:
    """Return the key that opens a match of a record, or ends it."""
    return f"{record} #{number}{_ENDED if ended else ''}"
