"""From which status a ticket goes to which, and on which way: for commands and rules alike."""

from collections.abc import Mapping
from typing import Any

from crmcli.services.changes import Changes, given
from crmcli.services.images import Image
from crmcli.services.invariants.ticket import is_done


def status_changes(ticket: Image, status: str, said: Mapping[str, Any], at: str | None = None) -> Changes:
    """Return the changes that take a ticket to a status, none when it is there or beyond.

    The way to closed leads through resolved, that between others through open. ``said`` is the resolution, ``at`` the
    stored instant when a ticket was closed.
    """
    now = ticket["status"]
    if now == status or (status == "resolved" and is_done(now)):
        return []
    if status == "closed":
        resolving = {"status": "resolved", **said} | given(resolved_at=at)
        closing = {"status": "closed", **said} | given(closed_at=at)
        return [closing] if is_done(now) else [resolving, closing]
    is_direct = status == "resolved" or "open" in (now, status) or is_done(now)
    return [{"status": status, **said}] if is_direct else [{"status": "open"}, {"status": status, **said}]
