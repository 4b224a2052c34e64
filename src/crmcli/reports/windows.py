"""The stretches of time of a figure on customers: its period, the next one, and how long ago they may have bought.

All of them are stored instants, by the names under which the SQL of the figures knows them.
"""

from datetime import date, timedelta
from json import dumps
from typing import Any, NamedTuple

from crmcli.config.customers import OWN, read_churn_after
from crmcli.domain.periods import following, utc_edges
from crmcli.domain.zones import to_utc
from crmcli.errors import UsageError
from crmcli.reports.acts import acts, own_intervals
from crmcli.reports.customers import CustomerFrame

_LATEST = "9999"
_OWN_JOIN = (
    " LEFT JOIN (SELECT json_extract(value, '$[0]') AS customer, json_extract(value, '$[1]') AS c_from,"
    " json_extract(value, '$[2]') AS c_to FROM json_each(:own)) i ON i.customer = a.customer"
)


class Windows(NamedTuple):
    """What the SQL of the figures refers to.

    ``parameters`` are instants by name, ``words`` what stands for a name in braces, ``join`` goes behind the purchases.
    ``rule`` tells in words when a customer is lost.
    """

    parameters: dict[str, Any]
    words: dict[str, str]
    join: str
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
        return Windows(parameters | those.parameters, words, "", rule)
    return _by_time(frame, parameters)


def _by_time(frame: CustomerFrame, parameters: dict[str, Any]) -> Windows:
    """Return windows in which a customer is lost by not having bought for long."""
    after = _churn_after(frame)
    days = frame.rules.churn_after if after == OWN else after
    days = days if isinstance(days, int) else 365
    start = date.fromisoformat(frame.period.start) if frame.period.start else None
    end = date.fromisoformat(min(frame.period.end or _LATEST, _tomorrow(frame)))
    parameters |= {"c_from": _before(frame, start, days), "c_to": _before(frame, end, days)}
    parameters["e_to"] = to_utc(end.isoformat(), frame.zone)
    words = {
        "active": "MAX(a.at >= :c_from AND a.at < :p_from)",
        "lost": "NOT MAX(a.at >= :c_to AND a.at < :e_to)",
    }
    if after != OWN:
        return Windows(parameters, words, "", f"no purchase for {days} days")
    edges = [
        (customer, _before(frame, start, 2 * interval), _before(frame, end, 2 * interval))
        for customer, interval in own_intervals(acts(frame.con, frame.options.until), frame.zone).items()
    ]
    words = {key: sql.replace(f":{edge}", f"COALESCE(i.{edge}, :{edge})")
             for (key, sql), edge in zip(words.items(), ("c_from", "c_to"), strict=True)}  # fmt: skip
    rule = f"no purchase for twice the customer's own interval, or for {days} days where fewer than 3 purchases tell it"
    return Windows(parameters | {"own": dumps(edges)}, words, _OWN_JOIN, rule)


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
