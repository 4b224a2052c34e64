"""Both sides of a calendar that is kept in step: a store and a real CalDAV server, with an account between them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from crmcli.conditions.expression import Clause
from crmcli.config.calendars import Synced
from crmcli.config.paths import Paths
from crmcli.services.calendars.report import Report
from crmcli.services.calendars.sync import synchronise
from tests.services.dav_server import USER, DavServer
from tests.services.world import Store

ALL = Clause("TRUE", {})
SERIES = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
SUMMARY:{title}\r
DTSTART;TZID=Europe/Rome:20260323T100000\r
DTEND;TZID=Europe/Rome:20260323T110000\r
RRULE:FREQ=WEEKLY;COUNT=5\r
X-COLOUR:red\r
ATTENDEE;CN=Zoe;PARTSTAT=ACCEPTED:mailto:zoe@example.org\r
BEGIN:VALARM\r
ACTION:AUDIO\r
TRIGGER:-PT15M\r
END:VALARM\r
END:VEVENT\r
"""
MOVED = """BEGIN:VEVENT\r
UID:{uid}\r
DTSTAMP:20260101T000000Z\r
RECURRENCE-ID;TZID=Europe/Rome:20260330T100000\r
SUMMARY:{title}\r
DTSTART;TZID=Europe/Rome:20260331T150000\r
DTEND;TZID=Europe/Rome:20260331T160000\r
END:VEVENT\r
"""
PATH = "/anna/office/"


class Pair:
    """Both sides, with an account between them."""

    def __init__(self, store: Store, server: DavServer, folder: Path) -> None:
        self.store, self.server, self.folder = store, server, folder
        self.account = Synced("calendar", "work", server.make(PATH), USER)
        self.wanted = {"event": ALL, "task": ALL}

    def sync(self, prefer: str | None = None, **command: Any) -> list[tuple[str, str]]:
        """Bring both in step; return what was done and to which titles."""
        return sorted((one.action, one.title) for one in self.report(prefer, **command).told)

    def report(self, prefer: str | None = None, **command: Any) -> Report:
        config, data, state, cache = (self.folder / name for name in ("config", "data", "state", "cache"))
        paths = Paths(config, data, state, cache, self.store.path)
        context = replace(self.store.context(**command), paths=paths)
        return synchronise(context, self.account, self.wanted, prefer)

    def settled(self) -> None:
        """Check that there is nothing more to do, neither here nor there."""
        before, asked = self.store.export(), len(self.server.asked)
        assert self.sync() == []
        assert self.store.export() == before
        assert {method for method, _ in self.server.asked[asked:]} <= {"PROPFIND", "REPORT"}

    def texts(self) -> list[str]:
        return [self.server.text(f"{PATH}{name}") for name in self.server.names(PATH)]

    def the_text(self) -> str:
        (text,) = self.texts()
        return text

    def event(self, title: str, **more: Any) -> int:
        return self.store.add("event", {"title": title, "start_at": "2026-03-23T09:00:00Z", **more})
