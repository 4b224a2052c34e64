"""Dates and amounts as people type them, with what they were taken for told back on a terminal.

How they are read is known by ``domain``; where nobody reads along nothing is guessed.
"""

from typing import TYPE_CHECKING, Literal

from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment
    from crmcli.domain.inputs import Reading

DATES = "crm help dates"


def read_moment(text: str, label: str, prefer: Literal["future", "past"] = "future") -> "Moment":
    """Return the moment a text means, told back on a terminal; UsageError when it means none.

    ``prefer`` is the past for what has happened: there a bare weekday is the last one.
    """
    from crmcli.domain.dates import parse_moment

    reading = reading_now()
    try:
        moment = parse_moment(text, reading.now, reading.zone, reading.locale, prefer)
    except ValueError as error:
        raise UsageError(f"{label}: {error}", hint=DATES, code="date.unreadable") from None
    echo(label, moment)
    return moment


def is_moment(text: str) -> bool:
    """Say whether a text means a moment."""
    from crmcli.domain.dates import parse_moment

    reading = reading_now()
    try:
        parse_moment(text, reading.now, reading.zone, reading.locale)
    except ValueError:
        return False
    return True


def instant_of(text: str | None) -> str | None:
    """Return the stored instant at which something was, as ``--at`` tells it; None where it tells nothing."""
    return None if text is None else read_moment(text, "at", prefer="past").utc


def last_day(within: str, hint: str, option: str = "--within") -> str:
    """Return the local day that lies so far ahead; UsageError with a hint where the text is no such distance."""
    from crmcli.clock import now_text
    from crmcli.domain.durations import shift
    from crmcli.domain.zones import local_date, local_day_edges

    zone = current().zone
    try:
        day = shift(local_date(now_text(), zone), f"+{within.removeprefix('+')}", zone)[:10]
        local_day_edges(day, zone)  # the whole of it lies within the calendar
        return day
    except ValueError as error:
        raise UsageError(f"{option}: {error}", hint=hint) from None


def reading_now() -> "Reading":
    """Return what the meaning of dates and amounts depends on in this run."""
    from crmcli import clock
    from crmcli.domain.inputs import Reading

    session = current()
    return Reading(clock.now(), session.zone, session.locale, session.settings.country)


def echo(label: str, moment: "Moment") -> None:
    """Tell on a terminal how a date was understood: ``due Mon 23 Nov 2026 09:00 Europe/Rome``."""
    from datetime import datetime

    wall = datetime.fromisoformat(moment.wall)
    text = f"{wall:%a %d %b %Y}" if moment.is_date else f"{wall:%a %d %b %Y %H:%M} {moment.zone}"
    tell(label, text)


def tell(label: str, shown: str) -> None:
    """Tell on a terminal how something was understood."""
    if current().streams.is_terminal:
        current().streams.note(f"{label} {shown}")


def tell_guess(label: str, text: str, shown: str, currency: str = "") -> None:
    """Tell how a number was read that fits both conventions; UsageError where nobody reads along.

    ``currency``: the one of an amount, whose decimals may be too few for one of the readings.
    """
    from crmcli.domain.numbers import both_readings

    whole, decimals = both_readings(text)
    if current().streams.is_terminal:
        tell(label.lower(), f"{shown}: {text!r} can be read two ways, {whole} and {decimals} cannot")
        return
    raise UsageError(
        f"{label.lower()} {text!r} can be read two ways: as {whole}, or with decimals as {decimals}",
        hint=_too_fine(decimals, currency, f"write {whole}") or f"write {whole} or {decimals}",
        code="amount.ambiguous",
    )


def _too_fine(decimals: str, currency: str, otherwise: str) -> str | None:
    """Return the hint for a number that has more decimals than its currency; None where it fits."""
    from decimal import Decimal

    from crmcli.domain.money import exponent, half_up

    if not currency or half_up(Decimal(decimals), exponent(currency)) == Decimal(decimals):
        return None
    return f"{otherwise}; {currency} has {counted(exponent(currency), 'decimal')}"
