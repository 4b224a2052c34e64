"""The stretches of time of a figure on customers: its period, the next one, and how long ago they may have bought.

All of them are stored instants, by the names under which the SQL of the figures knows them.
"""

from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from crmcli.config.customers import DEFAULTS, OWN, read_churn_after
from crmcli.domain.periods import following, utc_edges
from crmcli.domain.zones import day_number, to_utc
from crmcli.errors import UsageError
from crmcli.reports.acts import own_interval
from crmcli.reports.customers import CustomerFrame, purchases

_LATEST = "9999"
_BY_DAYS = {
    "active": "MAX(a.at >= :c_from AND a.at < :p_from)",
    "lost": "NOT MAX(a.at >= :c_to AND a.at < :e_to)",
}
_LISTED = {  # customers who were told apart one by one
    "active": "a.customer IN (SELECT value FROM json_each(:held))",
    "lost": "a.customer IN (SELECT value FROM json_each(:gone))",
}


class Windows(NamedTuple):
    """What the SQL of the figures refers to.

    ``parameters`` are instants and lists by name, ``words`` what stands for a name in braces, and ``rule`` tells in
    words when a customer is lost.
    """

    parameters: dict[str, Any]
    words: dict[str, str]
    rule: str


def windows(frame: CustomerFrame) -> Windows:
    """Return the stretches of time of a frame."""
    if "windows" not in frame.kept:
        frame.kept["windows"] = _windows(frame)
    found: Windows = frame.kept["windows"]
    return found


def _windows(frame: CustomerFrame) -> Windows:
    start, end = utc_edges(frame.period, frame.zone)
    after = following(frame.period)
    parameters: dict[str, Any] = {
        "p_from": "" if start is None or frame.options.own.get("cumulative") else start,
        "p_to": end or _LATEST,
        "n_to": (utc_edges(after, frame.zone)[1] if after else None) or _LATEST,
    }
    lost = frame.options.own.get("lost")
    if lost is not None:
        those = frame.those(lost, "l")
        words = {"active": "MIN(a.at) < :p_from", "lost": f"a.customer IN (SELECT customer FROM ({those.sql}))"}
        rule = f"{lost}, of those who had bought before the period"
        return Windows(parameters | those.parameters, words, rule)
    return _by_time(frame, parameters)


def _by_time(frame: CustomerFrame, parameters: dict[str, Any]) -> Windows:
    """Return windows in which a customer is lost by not having bought for long."""
    after = _churn_after(frame)
    asked = frame.rules.churn_after if after == OWN else after
    days = int(DEFAULTS.churn_after if asked == OWN else asked)
    start = date.fromisoformat(frame.period.start) if frame.period.start else None
    end = date.fromisoformat(min(frame.period.end or _LATEST, _tomorrow(frame)))
    parameters["e_to"] = to_utc(end.isoformat(), frame.zone)
    if after == OWN:
        from json import dumps

        held, gone = _by_own_interval(frame, start, end, days)
        told = f"no purchase for twice the customer's own interval, or for {days} days with fewer than 3 purchases"
        return Windows(parameters | {"held": dumps(held), "gone": dumps(gone)}, _LISTED, told)
    parameters |= {"c_from": _before(frame, start, days), "c_to": _before(frame, end, days)}
    return Windows(parameters, _BY_DAYS, f"no purchase for {days} days")


def _by_own_interval(frame: CustomerFrame, start: date | None, end: date, days: int) -> tuple[list[int], list[int]]:
    """Return the customers active at the start of a period, and of these the ones who are not any more at its end."""
    held: list[int] = []
    gone: list[int] = []
    bought = purchases(frame)
    rows = frame.con.execute(f"SELECT customer, at FROM ({bought.sql}) ORDER BY 1, 2", bought.parameters)
    for customer, those in groupby(rows, itemgetter(0)):
        numbers = [day for _, at in those if (day := day_number(at, frame.zone)) < end.toordinal()]
        interval = own_interval(numbers)  # of what was known then, so that the past does not change
        most = days if interval is None else 2 * interval
        if customer is None or start is None or not _is_active(numbers, start.toordinal(), most):
            continue
        held.append(customer)
        if not _is_active(numbers, end.toordinal(), most):
            gone.append(customer)
    return held, gone


def _is_active(numbers: list[int], day: int, most: float) -> bool:
    """Say whether somebody bought on one of so many days before a day."""
    return any(day - most <= number < day for number in numbers)


def _churn_after(frame: CustomerFrame) -> int | str:
    asked = frame.options.own.get("after")
    try:
        return read_churn_after(asked) if asked is not None else frame.rules.churn_after
    except ValueError as error:
        raise UsageError(f"--after: {error}", hint="--after 365d or --after own") from None


def _before(frame: CustomerFrame, day: date | None, days: float) -> str:
    """Return the first instant of the stretch of so many days that ends with a day; the latest of all without one."""
    if day is None:
        return _LATEST
    return to_utc((day - timedelta(days=int(days))).isoformat(), frame.zone)


def _tomorrow(frame: CustomerFrame) -> str:
    return (date.fromisoformat(frame.today) + timedelta(days=1)).isoformat()
