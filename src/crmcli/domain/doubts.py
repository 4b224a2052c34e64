"""Times that are likely a slip of the keys: what is planned for the past, or for years ahead."""

from datetime import date

from crmcli.domain.durations import shift_day
from crmcli.domain.zones import local_date

_FAR_MONTHS = 24
_DAY = len("2026-03-20")


def doubt_of(wall: str, at: str, now: str, zone: str) -> str:
    """Return what is strange about a planned time, empty when nothing is: ``2026-03-17 09:00 is in the past``.

    ``wall`` is its local day or time, ``at`` its stored instant, ``now`` the stored present; a day is past when it is
    over in the zone.
    """
    today, shown = local_date(now, zone), wall.replace("T", " ")
    if wall < today if len(wall) == _DAY else at < now:
        return f"{shown} is in the past"
    if wall[:_DAY] > shift_day(date.fromisoformat(today), _FAR_MONTHS).isoformat():
        return f"{shown} is more than two years ahead"
    return ""
