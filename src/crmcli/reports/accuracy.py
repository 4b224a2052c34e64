"""How true a forecast was: a kept one of the past against what was won, once the period is over."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.conditions.expression import Clause
from crmcli.errors import UsageError
from crmcli.reports.definitions.kpi import Kpi
from crmcli.reports.figures import Figure, Side
from crmcli.reports.figures import figure as figure_of
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group
from crmcli.reports.measures import AMOUNT, Excluded
from crmcli.reports.presenting import rounded, value_of
from crmcli.reports.sets import DEALS_WON
from crmcli.reports.terms import Term

_WON = Term(DEALS_WON, AMOUNT)
_HOLDERS = {"owner": "owner_id", "pipeline": "pipeline_id"}  # groups that snapshots know
_KNOWN = (*_HOLDERS, "currency")  # fields of deals that snapshots have in columns of the same name
_DAYS = "SELECT DISTINCT day FROM forecast_snapshot ORDER BY day"
_ROWS = (
    "SELECT {holder}, currency, rate, is_overdue, category, month, deals, amount, weighted FROM forecast_snapshot r"
    " WHERE day = :day AND month >= :start AND month < :end AND ({where})"
)


class Kept(NamedTuple):
    """What a snapshot forecast for a group: won until then, and weighted what was ahead; None without a rate."""

    forecast: Fraction | None
    deals: int


def days(frame: Frame) -> list[str]:
    """Return the days of which the forecast was kept, the earliest first; none later than what is known."""
    return [day for (day,) in frame.con.execute(_DAYS) if day <= frame.today]


def chosen_day(frame: Frame, known: list[str]) -> str | None:
    """Return the day whose forecast a period is judged by: as asked, else at its beginning; None without any."""
    start, end = frame.period.start or "", frame.period.end or "9999"
    asked = frame.options.own.get("day")
    edge = asked or start
    before = [day for day in known if day <= edge]
    within = [day for day in known if start <= day < end]
    return before[-1] if before else None if asked else within[0] if within else None


def kept(frame: Frame, day: str) -> dict[object, Kept]:
    """Return what the snapshot of a day forecast for the period, by the stored value of the group."""
    key = f"snapshot {day}"
    if key not in frame.kept:
        frame.kept[key] = _read(frame, day)
    found: dict[object, Kept] = frame.kept[key]
    return found


def trouble(frame: Frame) -> str | None:
    """Return why no forecast of the period can be judged; UsageError for what snapshots do not know."""
    by = frame.options.by
    if by is not None and by not in _HOLDERS:
        raise UsageError(f"snapshots of forecasts do not know the field {by}", hint="--by owner or --by pipeline")
    _asked(frame)
    start, end = frame.period.start, frame.period.end
    if start is None or end is None or not (start.endswith("-01") and end.endswith("-01")):
        return "the period is not made of whole months"
    return "the period is not over" if end > frame.today else None


def figure(frame: Frame, kpi: Kpi, group: Group) -> Figure:
    """Return a figure of one group."""
    reason = trouble(frame)
    day = None if reason else chosen_day(frame, days(frame))
    if day is None:
        return Figure(kpi, group, None, 0, reason or "no snapshot of a forecast")
    return judged(frame, kpi, group, day)


def judged(frame: Frame, kpi: Kpi, group: Group, day: str) -> Figure:
    """Return how true the forecast of a day was for a group."""
    from crmcli.reports.registry import KPIS

    won = figure_of(frame, KPIS["won_amount"], group)
    found = kept(frame, day)
    mine = found.values() if group.values is None else [found[value] for value in group.values if value in found]
    if won.value is None or any(one.forecast is None for one in mine):
        return Figure(kpi, group, None, won.records, won.reason or "no rate for any of the amounts")
    forecast = sum((one.forecast or Fraction(0) for one in mine), Fraction(0))
    below = Side(won.value, won.records, "money")
    if not won.value:
        return Figure(kpi, group, None, won.records, kpi.missing, None, below)
    off = forecast - won.value
    above = off if kpi.key == "forecast_bias" else won.value - abs(off)
    return Figure(kpi, group, above / won.value, won.records, None, Side(above, won.records, "money"), below)


def group_values(frame: Frame, kpi: Kpi) -> set[object]:
    """Return the stored values of the groups that won something or were forecast to."""
    day = None if trouble(frame) else chosen_day(frame, days(frame))
    return set(frame.counts(kpi.term.records, frame.period)) | (set(kept(frame, day)) if day else set())


def rows(frame: Frame, kpi: Kpi) -> Iterator[tuple[object, dict[str, object]]]:
    """Yield the deals won, below the line, and the forecast of each group that they are set against."""
    from crmcli.reports.explain import exactly

    for row in frame.rows(_WON, frame.period):
        told: dict[str, object] = {"part": "won_amount", "ref": row.ref, "title": row.title, "numerator": None,
                                   "denominator": None, "excluded": None, "unit": "money"}  # fmt: skip
        if isinstance(row.value, Excluded):
            yield row.group, told | {"excluded": row.value.reason}
        else:
            yield row.group, told | {"denominator": exactly(frame, _WON, row.value)}
    day = None if trouble(frame) else chosen_day(frame, days(frame))
    for group, one in kept(frame, day).items() if day else ():
        number = None if one.forecast is None else rounded(one.forecast, "money", frame.options.currency)
        yield group, {"part": "forecast", "ref": day, "title": "forecast of that day", "numerator": number,
                      "denominator": None, "excluded": None, "unit": "money"}  # fmt: skip


def formula(frame: Frame, figure: Figure) -> str:
    """Return how the value of a figure comes about, with the numbers in it."""
    currency, kpi = frame.options.currency, figure.kpi
    value = "n/a" if figure.value is None else value_of(figure, currency)
    above, below = (rounded(side.number, "money", currency) if side else "n/a" for side in (figure.above, figure.below))
    return f"{kpi.key} = ({kpi.numerator}) / {kpi.denominator} = {above} / {below} = {value}"


def _asked(frame: Frame) -> Clause:
    """Return the condition over a row of a snapshot, alias ``r``; UsageError for fields that it does not have."""
    text = frame.options.where
    if text is None:
        return Clause("TRUE", {})
    from crmcli.conditions.condition import compile as compile_condition

    condition = compile_condition(text, ENTITIES["deal"], frame.options.scope)
    for path in condition.paths:
        if path.partition(".")[0] not in _KNOWN:
            hint = f"--where about {', '.join(_KNOWN)}"
            raise UsageError(f"snapshots of forecasts do not know the field {path}", hint=hint)
    return condition.clause()


def _read(frame: Frame, day: str) -> dict[object, Kept]:
    """Add up the rows of a snapshot: what was won, and weighted what was neither overdue nor won."""
    base, by = frame.options.currency, frame.options.by
    where = _asked(frame)
    given = {"day": day, "start": (frame.period.start or "")[:7], "end": (frame.period.end or "")[:7]}
    sql = _ROWS.format(holder=_HOLDERS[by] if by else "NULL", where=where.sql)
    found: dict[object, Kept] = {}
    for group, currency, rate, is_overdue, category, _month, deals, amount, weighted in frame.con.execute(
        sql, {**where.parameters, **given}
    ):
        if is_overdue:
            continue
        known = found.get(group, Kept(Fraction(0), 0))
        own = Fraction(Decimal(amount if category == "closed" else weighted))
        factor = Fraction(1) if currency == base else Fraction(rate) if rate else None
        total = None if known.forecast is None or (factor is None and own) else known.forecast + own * (factor or 0)
        found[group] = Kept(total, known.deals + deals)
    return found
