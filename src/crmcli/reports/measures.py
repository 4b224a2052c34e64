"""What is measured of a record: an exact number, or the reason why it has none and is left out.

Numbers are integers or fractions in small units (minor units of money, seconds), never floats; they are divided by
``scale`` and rounded once, when a figure is printed.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

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
    """What measures need to know: currency, zone, business hours, until when things are known, service levels."""

    currency: str
    zone: str
    calendar: "BusinessCalendar | None"
    until: str | None
    levels: "Sequence[Level]" = ()


class Measure(NamedTuple):
    """``columns`` (SQL over alias ``r``) are what ``value`` is computed from, in units of 1/``scale`` of ``unit``.

    ``is_linear`` says that records which differ in the first column alone may be added up there, as the store does.
    ``noun`` names what is measured, in the plural.
    """

    unit: str
    columns: tuple[str, ...]
    value: Callable[..., "Exact | Excluded"]
    scale: int = 1
    is_linear: bool = False
    noun: str = "values"


_DAY_S = 86_400
NO_AMOUNT = Excluded("no amount")
NO_RESPONSE = Excluded("no response yet")
NEGATIVE = Excluded("closed before it was created")


def _amount(world: Surroundings, minor: int | None, currency: str, rate: str | None) -> "Exact | Excluded":
    """Return an amount in minor units of the base currency, at the rate of the record."""
    if minor is None:
        return NO_AMOUNT
    if currency == world.currency:
        return minor
    if rate is None:
        return Excluded(f"no rate from {currency} to {world.currency}", currency, minor)
    return minor * _factor(currency, rate, world.currency)


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


def _calendar_days(world: Surroundings, start: str, end: str | None) -> int | Excluded:
    """Return the whole local days between two instants: how often midnight was passed, whatever the hours."""
    from crmcli.domain.zones import day_number

    if end is None:
        return Excluded("no closing date")
    days = day_number(end, world.zone) - day_number(start, world.zone)
    return NEGATIVE if days < 0 else days


def _response(world: Surroundings, start: str, end: str | None) -> int | Excluded:
    """Return the business seconds until an answer."""
    if end is None or (world.until is not None and end >= world.until):
        return NO_RESPONSE
    return business_seconds(world, start, end)


def business_seconds(world: Surroundings, start: str, end: str) -> int | Excluded:
    """Return the business seconds between two instants; without business hours every second counts."""
    from datetime import datetime

    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end)
    if last < first:
        return Excluded("ended before it started")
    if world.calendar is not None:
        return world.calendar.seconds_between(first, last)
    seconds = int((last - first).total_seconds())
    return seconds if seconds % _DAY_S == 0 else _even_days(world, start, end, seconds)


def _even_days(world: Surroundings, start: str, end: str, seconds: int) -> int:
    """Count days of 24 hours between two dates without times, though the clock may have changed between them."""
    from crmcli.domain.zones import begins_day, day_number

    if not begins_day(start, world.zone) or not begins_day(end, world.zone):
        return seconds
    return (day_number(end, world.zone) - day_number(start, world.zone)) * _DAY_S


MONEY = ("r.amount_minor", "r.currency", DEAL_RATE)
AMOUNT = Measure("money", MONEY, _amount, is_linear=True, noun="amounts")
WEIGHTED = Measure(
    "money", (*MONEY, "r.probability_bp"), _weighted, 10_000, is_linear=True, noun="amounts x probabilities"
)
CYCLE = Measure("d", ("r.created_at", "r.closed_at"), _calendar_days, noun="days from creation to closing")
LEAD_RESPONSE = Measure(
    "h", ("r.created_at", "{first_responded_at}"), _response, 3600, noun="business hours to the first contact"
)
