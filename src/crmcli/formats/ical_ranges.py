"""Changes of an occurrence and all later ones in a calendar (``RECURRENCE-ID;RANGE=THISANDFUTURE``, RFC 5545, 3.8.4.4).

Such a component ends its series and begins another one, as ``event edit --following`` does. What comes out depends on
the file alone, so that reading it again finds the same records. Rows are those of ``ical``; single changes stay theirs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from io import TextIOWrapper
from itertools import takewhile

from crmcli.domain.recurrence import ONCE, ended_before, turned, walk, without_first
from crmcli.domain.series import key_at, key_in, key_of, rekeying
from crmcli.formats.tabular import Row

LATER = "THISANDFUTURE"

_PIECE = 1 << 20
_DAY = len("2026-03-20")
_MARK = f";{LATER}"
_TIME = re.compile(r"(?P<wall>[^\[Z]*)(?:\[(?P<zone>.*)\]|(?P<utc>Z))?")
_ALONE = "RECURRENCE-ID: the series whose later dates (RANGE) it changes is not in the file"
_GONE = "-"  # in place of the rule of a series that was changed from its first date on
Cells = dict[str, str]


def has_ranges(text: TextIOWrapper) -> bool:
    """Say whether a calendar, read from its begin and wound back, has such components; folded lines are joined."""
    rest = ""
    found = False
    while not found and (piece := text.read(_PIECE)):
        joined = re.sub(r"\r?\n[ \t]", "", rest + piece).upper()
        found, rest = LATER in joined, joined[-len(LATER) * 2 :]
    text.seek(0)
    return found


def split_ranges(rows: Iterable[Row], header: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of a calendar in their order, series that such components change being split into several."""
    found = [(row, dict(zip(header, row.cells, strict=True))) for row in rows]
    ranges = {cells["UID"] for row, cells in found if _is_range(row, cells)}
    for uid in ranges:
        _split([cells for row, cells in found if cells["UID"] == uid and not row.error])
    for row, cells in found:
        alone = cells["Recurrence-ID"].endswith(_MARK)
        cells["Recurrence-ID"] = cells["Recurrence-ID"].removesuffix(_MARK)
        if cells["Rule"] != _GONE:
            yield Row(row.line, [cells[name] for name in header], _ALONE if alone and not row.error else row.error)


def _is_range(row: Row, cells: Cells) -> bool:
    return not row.error and cells["Recurrence-ID"].endswith(_MARK)


def _split(items: list[Cells]) -> None:
    """Split the one series among the components of a UID at each of its ranges, the earliest first."""
    series = next((cells for cells in items if cells["Rule"] and not cells["Recurrence-ID"]), None)
    changed = [cells for cells in items if cells["Recurrence-ID"]]
    if series is None:
        return
    while ranges := [cells for cells in changed if cells["Recurrence-ID"].endswith(_MARK)]:
        first = min(ranges, key=partial(_key, series=series))
        changed = [cells for cells in changed if cells is not first]
        _begin_with(first, series, changed)
        series = first


def _begin_with(later: Cells, series: Cells, changed: list[Cells]) -> None:
    """Let the component of a range go on with the series from its date on, and take along what was changed later."""
    key, (first, zone, written) = _key(later, series), _parsed(series["Start"])
    start = key_in(_parsed(later["Start"])[0], _parsed(later["Start"])[1], zone)
    moments = walk(datetime.fromisoformat(first), series["Rule"], zone or "UTC")
    keys = (key_at(moment, is_day=len(first) == _DAY) for moment in moments)
    passed = sum(1 for _ in takewhile(lambda earlier: earlier < key, keys))
    rekey = rekeying(key, start)
    left = without_first(series["Rule"], passed)
    rule = turned(left, key, start) if left else ""
    for column in ("Excepted dates", "Further dates"):
        dates = [*map(key_of, series[column].split())]
        later[column] = "\n".join(rekey(one) for one in dates if one >= key)
        series[column] = "\n".join(one for one in dates if one < key)
    rule = rule or (ONCE if later["Further dates"] else "")
    later |= {"Rule": rule, "Recurrence-ID": "", "Id": f"{series['UID']}/{key}"}
    for column in ("Start", "End"):
        later[column] = _in_zone(later[column], zone, written)
    uid = series["UID"] if not passed else f"{series['UID']}/{key}"
    for cells in changed:
        if _key(cells, series) >= key:
            mark = _MARK if cells["Recurrence-ID"].endswith(_MARK) else ""
            moved = key_in(rekey(_key(cells, series)), zone, _parsed(cells["Start"])[1] or zone)
            cells |= {"UID": uid, "Recurrence-ID": moved + mark}
    later["UID"] = uid
    if left or not passed:
        series["Rule"] = ended_before(series["Rule"], key, zone) if passed else _GONE
    if not passed:
        later["Id"] = series["Id"]


def _key(cells: Cells, series: Cells) -> str:
    """Return the key that a changed date has in its series."""
    key = cells["Recurrence-ID"].removesuffix(_MARK)
    return key_in(key, _parsed(cells["Start"])[1], _parsed(series["Start"])[1])


def _parsed(cell: str) -> tuple[str, str, str]:
    """Return the wall time, the zone (empty for a time that is local everywhere) and how the zone is written."""
    match = _TIME.fullmatch(cell)
    if match is None:
        return cell, "", ""
    zone = match["zone"] or ("UTC" if match["utc"] else "")
    return match["wall"], zone, f"[{zone}]" if zone else ""


def _in_zone(cell: str, zone: str, written: str) -> str:
    """Return a time in the zone of a series."""
    wall, own, _ = _parsed(cell)
    return cell if len(wall) <= _DAY or not (own and zone) else key_in(wall, own, zone) + written
