"""How long before something its reminder is due: ``15min`` or ``1d``, or a trigger of iCalendar, ``-PT15M``.

Days and weeks act on wall time, so that a day before nine o'clock is nine o'clock; hours and minutes are exact.
"""

import re
from datetime import datetime
from functools import lru_cache

from crmcli.clock import stored
from crmcli.domain.durations import Offset, apply, parse_duration
from crmcli.domain.zones import to_utc, wall_text

_DAY_S = 86400
_LONGEST_S = 31 * _DAY_S  # before something, of a reminder at an instant of its own
_ICALENDAR = (  # as texts, since most triggers are plain durations and need neither
    r"(?P<sign>[+-]?)P(?=\d|T\d)(?:(?P<w>\d{1,4})W)?(?:(?P<d>\d{1,4})D)?"
    r"(?:T(?:(?P<h>\d{1,5})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,6})S)?)?"
)
_INSTANT = r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z"


def due_before(wall: str, trigger: str, zone: str) -> str:
    """Return the stored instant of the reminder of something at a wall time in a zone; ValueError for no trigger.

    A trigger of iCalendar (RFC 5545, 3.8.6.3) has a sign, or is an instant by itself: ``20260320T090000Z``.
    """
    if trigger.endswith("Z") and (found := re.fullmatch(_INSTANT, trigger, re.ASCII)):
        return "{}-{}-{}T{}:{}:{}Z".format(*found.groups())
    moved = apply(datetime.fromisoformat(wall), _distance(trigger), zone)
    return stored(moved) if moved.tzinfo else to_utc(wall_text(moved), zone)


def reach_s(trigger: str) -> int:
    """Return how many seconds before something its reminder is due at the most, 0 for later; ValueError for none."""
    if trigger.endswith("Z") and re.fullmatch(_INSTANT, trigger, re.ASCII):
        return _LONGEST_S
    distance = _distance(trigger)
    days = 1 - distance.days if distance.days < 0 else 0  # one more, as the clock may have changed meanwhile
    return max(0, days * _DAY_S - distance.seconds)


@lru_cache(maxsize=256)
def _distance(trigger: str) -> Offset:
    found = re.fullmatch(_ICALENDAR, trigger, re.ASCII) if "P" in trigger else None
    if not found:
        seconds = parse_duration(trigger)
        days = -seconds // _DAY_S if seconds % _DAY_S == 0 else 0
        return Offset(days=days, seconds=0 if days else -seconds)
    sign = -1 if found["sign"] == "-" else 1
    week, day, hour, minute, second = (int(found[unit] or 0) for unit in "wdhms")
    return Offset(days=sign * (week * 7 + day), seconds=sign * (hour * 3600 + minute * 60 + second))
