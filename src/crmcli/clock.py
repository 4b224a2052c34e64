"""The only reader of the time. ``--as-of`` or ``CRMCLI_NOW`` fix it, so that tests and reports can repeat a day."""

import os
from datetime import UTC, datetime, tzinfo

from crmcli.errors import UsageError

_YEARS = range(1600, 9901)  # of a fixed clock: what is reckoned from it, centuries even, stays within the calendar

_fixed: str | None = None
_zone = "UTC"


def fix(text: str | None) -> None:
    """Fix the clock at an ISO moment, local where it names no offset, a bare date its midnight; None lets it run."""
    global _fixed
    if text is not None:
        _read(text, "--as-of")
    _fixed = text


def fixed_at() -> str | None:
    """Return what ``fix`` was last told."""
    return _fixed


def reckon_in(zone: str) -> None:
    """Say in which zone (IANA name) a fixed moment without an offset is; until then it is in UTC.

    UsageError when the clock is fixed at something that is no moment.
    """
    global _zone
    _zone = zone
    now()


def now() -> datetime:
    """Return the present instant: aware, UTC, whole seconds."""
    if _fixed:
        moment = _read(_fixed, "--as-of")
    elif fixed := os.environ.get("CRMCLI_NOW"):
        moment = _read(fixed, "CRMCLI_NOW")
    else:
        moment = datetime.now(UTC)
    return moment.replace(microsecond=0)


def now_text() -> str:
    """Return the present instant in its stored form, ``2026-11-21T18:00:00Z``."""
    return stored(now())


def stored(moment: datetime) -> str:
    """Return an aware instant in its stored form: UTC, whole seconds, fixed width, so that text order is time order."""
    return f"{moment.astimezone(UTC).isoformat(timespec='seconds')[: len('2026-11-21T18:00:00')]}Z"


def _read(text: str, named: str) -> datetime:
    told = f"{named}: the clock cannot be set to {text!r}"
    try:
        moment = datetime.fromisoformat(text)
        if moment.year in _YEARS:
            return (moment if moment.tzinfo else moment.replace(tzinfo=_local())).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(told, hint="use 2026-03-18T12:00:00+01:00") from None
    raise UsageError(told, hint=f"the year is one of {_YEARS[0]} to {_YEARS[-1]}")


def _local() -> tzinfo:
    from zoneinfo import ZoneInfo  # reads zone files: only a moment without an offset pays

    return UTC if _zone == "UTC" else ZoneInfo(_zone)
