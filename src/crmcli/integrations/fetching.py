"""Brings foreign calendars from their servers into the cache folder, for ``foreign`` to read; nothing is ever sent."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from time import monotonic, time

from crmcli.config.calendars import Foreign, is_near
from crmcli.config.paths import ensure
from crmcli.errors import CrmError, ExternalError
from crmcli.formats.files import write_text
from crmcli.integrations.web import Talk, TalkError, addresses_of, target_of
from crmcli.version import VERSION

_FOLDER = "calendars"
_MOST_BYTES = 16 << 20
_LIMIT_S = 30.0
_BEGINS = "BEGIN:VCALENDAR"


def cached(calendar: Foreign, cache: Path) -> Path:
    """Return the file in which what was fetched last is kept; ExternalError when there is none yet."""
    path = _path(calendar, cache)
    if not path.exists():
        raise ExternalError("it was not fetched yet: crm calendar --fetch", code="calendar.not_fetched")
    return path


def fetch(calendars: Sequence[Foreign], cache: Path, *, only_due: bool = False) -> list[str]:
    """Fetch the calendars that have an address, or those whose time has come; return what went wrong, a line each.

    One that cannot be fetched stays as it was fetched last.
    """
    warnings = []
    for calendar in calendars:
        if not calendar.url or (only_due and _is_fresh(_path(calendar, cache), calendar.every)):
            continue
        try:
            text = _get(calendar)
            ensure(cache / _FOLDER)
            write_text(_path(calendar, cache), text)
        except (TalkError, ValueError, CrmError) as problem:
            warnings.append(f"calendar {calendar.name} was not fetched: {problem}")
    return warnings


def _get(calendar: Foreign) -> str:
    """Return what a server says; TalkError or ValueError without the address, which may be a secret."""
    target, deadline = target_of(calendar.url), monotonic() + _LIMIT_S
    addresses = addresses_of(target, deadline, private=calendar.private or is_near(calendar.url))
    headers = {"User-Agent": f"crmcli/{VERSION}", "Accept": "text/calendar", "Connection": "close"}
    with Talk(target, addresses) as talk:
        answer = talk.ask("GET", target.path, deadline, headers, most_bytes=_MOST_BYTES)
    if 300 <= answer.status < 400:
        raise ValueError(f"{target.host} answered {answer.status}, a redirect, which is not followed")
    if answer.status != 200:
        raise ValueError(f"{target.host} answered {answer.status}")
    text = answer.body.decode("utf-8-sig", errors="replace")
    if not text.lstrip().upper().startswith(_BEGINS):
        raise ValueError(f"{target.host} answered something that is no calendar")
    return text


def _is_fresh(path: Path, every: int) -> bool:
    return path.exists() and 0 <= time() - path.stat().st_mtime < every


def _path(calendar: Foreign, cache: Path) -> Path:
    return cache / _FOLDER / f"{sha256(calendar.url.encode()).hexdigest()[:32]}.ics"
