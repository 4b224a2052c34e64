"""The only reader of the time. ``--as-of`` or ``CRMCLI_NOW`` fix it, so that tests and reports can repeat a day."""

import os
from datetime import UTC, datetime

from crmcli.errors import UsageError

_fixed: datetime | None = None


def fix(text: str | None) -> None:
    """Fix the clock at an ISO instant (a bare date is its midnight, no zone means UTC); None lets it run again."""
    global _fixed
    _fixed = None if text is None else _read(text)


def now() -> datetime:
    """Return the present instant: aware, UTC, whole seconds."""
    if _fixed is not None:
        return _fixed
    from_environment = os.environ.get("CRMCLI_NOW")
    moment = _read(from_environment) if from_environment else datetime.now(UTC)
    return moment.replace(microsecond=0)


def now_text() -> str:
    """Return the present instant in its stored form, ``2026-11-21T18:00:00Z``."""
    return stored(now())


def stored(moment: datetime) -> str:
    """Return an aware instant in its stored form: UTC, whole seconds, fixed width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"the clock cannot be set to {text!r}", hint="use 2026-03-18T12:00:00+01:00") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
