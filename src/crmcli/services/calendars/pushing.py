"""The half of a synchronisation that changes the server: what differs here from what both sides agreed on is sent.

Each write names the version that it replaces, so that a run that was killed, or somebody who was faster, is noticed and
nothing comes twice. No transaction is open meanwhile.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple, Protocol

from crmcli.config.calendars import Synced
from crmcli.formats.ical_files import years_of, zone_of_calendar
from crmcli.formats.items import Document, Lines, as_version_3, patched, split, zones_of
from crmcli.integrations.dav import Body, ChangedError
from crmcli.services.calendars import state
from crmcli.services.calendars.comparing import is_changed, lines_of
from crmcli.services.calendars.items import Item, file_name
from crmcli.services.calendars.reading import Component, Reader
from crmcli.services.calendars.report import FAILED, THERE, Report, Told
from crmcli.services.calendars.state import Known, Statement

_CHUNK = 20  # items sent before what was agreed on is kept
_SUFFIXES = {"calendar": ".ics", "contacts": ".vcf"}
_FASTER = "it was changed there meanwhile; the next run takes that in"


class Server(Protocol):
    """What is asked of a collection here; see ``integrations.dav``."""

    path: str

    def put(self, address: str, text: str, etag: str) -> str:
        """Write an item over a version, and return its new mark."""

    def delete(self, address: str, etag: str) -> None:
        """Remove a version of an item."""

    def bodies(self, addresses: Iterable[str]) -> Iterable[tuple[str, Body]]:
        """Yield items with their addresses."""


class Sending(NamedTuple):
    """What is to be sent: items with what is known of them (None for new ones), and those to be removed there."""

    items: Sequence[tuple[Item, Known | None]]
    removed: Sequence[Known]


def to_send(
    items: Iterable[Item], known: Mapping[str, Known], wanted: frozenset[tuple[str, str]], held: Iterable[object] = ()
) -> Sending:
    """Return what differs here from what both sides agreed on; new items only where they are ``wanted``."""
    by_key = {one.key: one for one in known.values()}
    waiting = set(held)
    sent: list[tuple[Item, Known | None]] = []
    here = set()
    for item in items:
        key = (item.entity, item.uid)
        here.add(key)
        before = by_key.get(key)
        if key in waiting or (before is None and key not in wanted):
            continue
        if before is None or is_changed(before.ours, {part.key: part.text for part in item.parts}):
            sent.append((item, before))
    return Sending(sent, [one for one in known.values() if one.key not in here and one.key not in waiting])


class Pushing:
    """Sends items to a collection. ``keep`` stores statements about the state, in a transaction of their own."""

    def __init__(
        self,
        server: Server,
        account: Synced,
        reader: Reader,
        report: Report,
        keep: Callable[[Sequence[Statement]], None],
    ) -> None:
        self._server = server
        self._account = account
        self._reader = reader
        self._report = report
        self._keep = keep

    def run(self, sending: Sending) -> None:
        """Send everything, in pieces; what somebody else changed meanwhile is left to the next run."""
        items = iter(sending.items)
        while chunk := list(islice(items, _CHUNK)):
            self._send(chunk)
        removed = iter(sending.removed)
        while gone := list(islice(removed, _CHUNK)):
            self._delete(gone)

    def _send(self, chunk: Sequence[tuple[Item, Known | None]]) -> None:
        sent: dict[str, tuple[Item, str, str]] = {}
        for item, known in chunk:
            href = known.href if known else self._server.path + file_name(item.uid, _SUFFIXES[self._account.kind])
            text = self._changed(item, known) if known else self._new(item)
            try:
                etag = self._server.put(href, text, known.etag if known else "")
            except ChangedError:
                self._report.told.append(Told(self._account.name, FAILED, item.ref, item.title, _FASTER))
                continue
            sent[href] = item, text, etag
            self._report.told.append(Told(self._account.name, THERE[bool(known)], item.ref, item.title))
        there = dict(self._server.bodies(sent))
        self._keep([state.put(self._account, [self._agreed(href, *one, there) for href, one in sent.items()])])

    def _agreed(self, href: str, item: Item, text: str, etag: str, there: Mapping[str, Body]) -> Known:
        """Return an item as the server has it now; if it is another one already, as it was sent."""
        ours = {part.key: part.text for part in item.parts}
        body = there.get(href)
        if body is None or (etag and body.etag != etag) or (not etag and not self._says(body.text, text)):
            return Known(href, etag, item.entity, item.uid, item.title, text, ours)
        return Known(href, body.etag, item.entity, item.uid, item.title, body.text, ours)

    def _says(self, text: str, other: str) -> bool:
        one, two = (
            {key: part.fields for key, part in each.components.items()} for each in self._reader.read([text, other])
        )
        return one == two

    def _delete(self, chunk: Sequence[Known]) -> None:
        settled = []
        for known in chunk:
            try:
                self._server.delete(known.href, known.etag)
            except ChangedError:
                self._report.told.append(Told(self._account.name, FAILED, "", known.title, _FASTER))
                continue
            settled.append(known.href)
            self._report.told.append(Told(self._account.name, THERE[2], "", known.title))
        self._keep([state.forget(self._account, settled)])

    def _new(self, item: Item) -> str:
        if self._account.kind == "calendar":
            return item.text()
        return Document((), tuple(as_version_3(lines_of(part.text)) for part in item.parts), ()).text()

    def _changed(self, item: Item, known: Known) -> str:
        """Return the text there with what was changed here."""
        (version,) = self._reader.read([known.body])
        now = {part.key: lines_of(part.text) for part in item.parts}
        was = {key: lines_of(text) for key, text in known.ours.items()}
        parts = [part for key, there in version.components.items() if (part := _part(key, there, was, now))]
        added = [lines for key, lines in now.items() if key not in version.components]
        document = version.document
        head = document.head if self._account.kind == "contacts" else _with_zones(document.head, item)
        return Document(head, (*parts, *added), document.tail).text()


def _part(key: str, there: Component, was: Mapping[str, Lines], now: Mapping[str, Lines]) -> Lines:
    if key in was and key not in now:
        return ()
    return patched(there.lines, was[key], now[key]) if key in was else there.lines


def _with_zones(head: Lines, item: Item) -> Lines:
    """Return the head of a calendar with the definitions of zones that it lacks."""
    known = zones_of(head)
    missing = [zone_of_calendar(name, years_of(*item.years)) for name in sorted(item.zones) if name not in known]
    return (*head, *(line for text in missing for line in split(text).head))
