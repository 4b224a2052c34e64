"""What is measured of a record: an exact number, or the reason why it has none and is left out.

Numbers are integers or fractions in small units (minor units of money, seconds), never floats; they are divided by
``scale`` and rounded once, when a figure is printed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.domain.zones import begins_day, day_number
from crmcli.queries.rates import DEAL_RATE

if TYPE_CHECKING:
    from fractions import Fraction

    from crmcli.config.service_levels import Level
    from crmcli.domain.calendar import BusinessCalendar

    Exact = int | Fraction


class Excluded(NamedTuple):
    """Why a record is left out of a figure; ``minor`` is the amount, in its own currency, that could not be added."""

    reason: str
    currency: str = ""
    minor: int = 0


class Surroundings(NamedTuple):
    """What measures need to know: currency, zone, business hours, until when things are known, and what is asked."""

    currency: str
    zone: str
    calendar: "BusinessCalendar | None"
    until: str | None
    levels: "Sequence[Level]" = ()
    asked: Mapping[str, Any] = MappingProxyType({})


class Measure(NamedTuple):
    """``columns`` (SQL over alias ``r``) are what ``value`` is computed from, in units of 1/``scale`` of ``unit``.

    ``is_linear`` says that records which differ in the first column alone may be added up there, as the store does, and
    ``is_plain`` that the only column is the number itself, an integer that is never missing, and ``is_few`` that so
    many records are alike in all columns that the store had better count them. ``usual`` is a condition under which the
    first column is the value itself, an integer, and only such records are alike. ``noun`` names what is measured, in
    the plural.
    """

    unit: str
    columns: tuple[str, ...]
    value: Callable[..., "Exact | Excluded"]
    scale: int = 1
    is_linear: bool = False
    is_plain: bool = False
    is_few: bool = False
    usual: str = ""
    noun: str = "values"


_DAY_S = 86_400
NO_AMOUNT = Excluded("no amount")
NO_VALUE = Excluded("no value")
NO_RESPONSE = Excluded("no response yet")
NO_CLOSING = Excluded("no closing date")
BACKWARDS = Excluded("ended before it started")
NEGATIVE = Excluded("closed before it was created")


def _amount(world: Surroundings, minor: int | None, currency: str, rate: str | None) -> "Exact | Excluded":
    """Return an amount in minor units of the base currency, at the rate of the record."""
    if minor is None:
        return NO_AMOUNT
    if currency == world.currency:
        return minor
    if rate is None:
        return Excluded(f"no rate from {currency} to {world.currency}", currency, minor)
    factor = _factor(currency, rate, world.currency)
    return type(factor)(minor * factor.numerator, factor.denominator)  # in half the time that multiplying takes


def _purchase(world: Surroundings, minor: int | None, currency: str, rate: str | None) -> "Exact | Excluded":
    """Return the value of a purchase; one that is worth nothing is none."""
    return NO_VALUE if minor is None else _amount(world, minor, currency, rate)


@cache
def _factor(currency: str, rate: str, base: str) -> "Fraction":
    """Return by what minor units are multiplied to become those of the base currency."""
    from fractions import Fraction

    from crmcli.domain.money import exponent

    return Fraction(rate) * Fraction(10) ** (exponent(base) - exponent(currency))


def _weighted(
    world: Surroundings, minor: int | None, currency: str, rate: str | None, points: int
) -> "Exact | Excluded":
    converted = _amount(world, minor, currency, rate)
    return converted if isinstance(converted, Excluded) else converted * points


def _calendar_days(_world: Surroundings, days: int | None) -> int | Excluded:
    """Return the whole local days between two instants: how often midnight was passed, whatever the hours."""
    if days is None:
        return NO_CLOSING
    return NEGATIVE if days < 0 else days


def _response(world: Surroundings, seconds: int | None, start: str, end: str) -> int | Excluded:
    """Return the business seconds until an answer."""
    if seconds is not None and seconds < 0:
        return BACKWARDS
    if seconds is None or (world.until is not None and end >= world.until):
        return NO_RESPONSE
    return business_seconds(world, start, end)


def business_seconds(world: Surroundings, start: str, end: str) -> int | Excluded:
    """Return the business seconds between two instants; without business hours every second counts."""
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if last < first:
        return BACKWARDS
    if world.calendar is not None:
        return world.calendar.seconds_between(first, last)
    seconds = int((last - first).total_seconds())
    return seconds if seconds % _DAY_S == 0 else _even_days(world, start, end, seconds)


def _even_days(world: Surroundings, start: str, end: str, seconds: int) -> int:
    """Count days of 24 hours between two dates without times, though the clock may have changed between them."""
    if not begins_day(start, world.zone) or not begins_day(end, world.zone):
        return seconds
    return (day_number(end, world.zone) - day_number(start, world.zone)) * _DAY_S


def plainly(seconds: str, start: str) -> str:
    """Return the SQL condition under which the seconds since a start are ``business_seconds``, with nothing to reckon.

    Where every hour counts they are, unless both ends are dates, between which the clock may have changed; and since
    1980 no date begins but at a quarter of an hour of UTC.
    """
    no_date = f"{start} > '1980' AND substr({start}, 15, 5) NOT IN ('00:00', '15:00', '30:00', '45:00')"
    return f":every_hour AND {seconds} >= 0 AND ({seconds} % {_DAY_S} = 0 OR {no_date})"


MONEY = ("r.amount_minor", "r.currency", DEAL_RATE)
AMOUNT = Measure(
    "money", MONEY, _amount, is_linear=True, usual="r.currency = :base AND r.amount_minor IS NOT NULL", noun="amounts"
)
PURCHASE = Measure(
    "money", ("CASE WHEN r.amount_minor > 0 THEN r.amount_minor END", *MONEY[1:]), _purchase, is_linear=True,
    usual="r.currency = :base AND r.amount_minor > 0", noun="values",
)  # fmt: skip
WEIGHTED = Measure(
    "money", (*MONEY, "r.probability_bp"), _weighted, 10_000, is_linear=True, noun="amounts x probabilities"
)
CYCLE = Measure(
    "d", ("crm_day(r.closed_at) - crm_day(r.created_at)",), _calendar_days, is_few=True,
    noun="days from creation to closing",
)  # fmt: skip
_SECONDS, _ANSWERED = "MAX(r.seconds, -1)", "CASE WHEN r.seconds >= 0 THEN r.{} END"  # alike where no time was waited
_PLAINLY = f"{plainly('r.seconds', 'r.created_at')} AND (:until IS NULL OR r.first_responded_at < :until)"
_OVERDUE = (  # by more than any change of the clock
    ":every_hour AND COALESCE(r.first_responded_at >= :until, r.first_responded_at IS NULL)"
    " AND unixepoch(COALESCE(:until, crm_now())) - unixepoch(r.created_at) > :target + 86400"
)
LEAD_RESPONSE = Measure(
    "h", (_SECONDS, _ANSWERED.format("created_at"), _ANSWERED.format("first_responded_at")), _response, 3600,
    usual=_PLAINLY, noun="business hours to the first contact",
)  # fmt: skip


def _in_time(world: Surroundings, _: int, seconds: int | None, start: str, end: str) -> int | Excluded:
    """Return 1 for an answer within the target and 0 for one that came later or is due; who may wait is left out."""
    from crmcli import clock

    target = int(world.asked["target"])
    found = _response(world, seconds, start, end)
    if found != NO_RESPONSE:
        return found if isinstance(found, Excluded) else int(found <= target)
    waited = business_seconds(world, start, world.until or clock.now_text())
    return Excluded("no response yet, but in time") if isinstance(waited, Excluded) or waited <= target else 0


LEAD_IN_TIME = Measure(
    "ratio",
    ("COALESCE(r.seconds <= :target, 0)", _SECONDS, "CASE WHEN r.seconds < 0 THEN NULL ELSE r.created_at END",
     _ANSWERED.format("first_responded_at")),
    _in_time, is_few=True, usual=f"({_PLAINLY}) OR ({_OVERDUE})", noun="answers in time",
)  # fmt: skip


def _cycle_from(world: Surroundings, first: int | None, last: int | None) -> int | Excluded:
    """Return the local days since a stage of the life cycle was entered."""
    if first is None:
        return Excluded("never in that stage of the life cycle")
    return _calendar_days(world, None if last is None else last - first)


_ENTERED = (
    "(SELECT MIN(s.entered_at) FROM state_log s WHERE s.entity = '{entity}' AND s.record_id = r.{entity}_id"
    " AND s.field = 'lifecycle_stage' AND s.to_value = :life_cycle)"
)
_FIRST_ENTERED = f"COALESCE({', '.join(_ENTERED.format(entity=name) for name in ('lead', 'contact', 'organization'))})"
CYCLE_FROM = Measure(
    "d", (f"crm_day({_FIRST_ENTERED})", "crm_day(r.closed_at)"), _cycle_from, noun="days from that stage to closing"
)


def _as_it_is(_world: Surroundings, number: int) -> int:
    return number


STAY = Measure("d", ("r.seconds",), _as_it_is, _DAY_S, is_plain=True, noun="days in a stage")
AGE_IN_STAGE = Measure(
    "d", ("CAST(ROUND((julianday(COALESCE(:until, crm_now())) - julianday(r.entered_at)) * 86400) AS INTEGER)",),
    _as_it_is, _DAY_S, is_plain=True, noun="days in the present stage",
)  # fmt: skip
