"""Talks to one collection of a CalDAV or CardDAV server (RFC 4918, 4791, 6352, 6578): what changed, get, put, delete.

Nothing is written over what somebody else has changed meanwhile: every write names the version it replaces. What an
item means, and which version counts, is not this module's business.
"""

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping
from time import monotonic
from typing import NamedTuple, Self
from urllib.parse import quote, unquote, urlsplit

from crmcli.config.calendars import Synced, is_near
from crmcli.errors import ConfigError, ExternalError
from crmcli.integrations.dav_xml import (
    COLLECTION_TYPES,
    MULTIGETS,
    Found,
    Multistatus,
    multiget,
    parse,
    propfind,
    sync_collection,
)
from crmcli.integrations.web import Answer, Talk, TalkError, addresses_of, target_of
from crmcli.version import VERSION

_LIMIT_S = 60.0
_MOST_BYTES = 64 << 20
_CHUNK = 50  # items of one answer
_PAGES = 1000
_SAFE = "/!$&'()*+,;=:@~-._"
_WORDS = {"calendar": "calendar", "contacts": "address book"}
_TYPES = {"calendar": "text/calendar; charset=utf-8", "contacts": "text/vcard; charset=utf-8"}


class ChangedError(Exception):
    """That an item is not the version it was taken for: somebody else was faster."""


class Changes(NamedTuple):
    """What a collection holds, or what changed since a token: version marks (ETag) by address, and what is gone.

    ``is_whole`` says that everything is listed. ``token`` is for the next time, empty where the server has none.
    """

    etags: Mapping[str, str]
    gone: frozenset[str]
    token: str
    is_whole: bool


class Body(NamedTuple):
    """An item as the server has it."""

    etag: str
    text: str


class Collection:
    """A collection of an account; use as a context manager. ExternalError where the server fails."""

    def __init__(self, account: Synced, password: str) -> None:
        self._kind = account.kind
        self._name = account.name
        try:
            self._target = target_of(account.url)
            deadline = monotonic() + _LIMIT_S
            addresses = addresses_of(self._target, deadline, private=account.private or is_near(account.url))
        except ValueError as error:
            raise ConfigError(f"{account.kind}.account {account.name}: {error}") from None
        except TalkError as error:
            hint = f"private = true in [[{account.kind}.account]] allows one's own net" if error.is_final else None
            raise ExternalError(str(error), hint=hint, code="sync.server") from None
        self.path = address_of(self._target.path.partition("?")[0].rstrip("/") + "/")
        self._talk = Talk(self._target, addresses)
        self._headers = {"User-Agent": f"crmcli/{VERSION}"}
        if account.user:
            pair = b64encode(f"{account.user}:{password}".encode()).decode()
            self._headers["Authorization"] = f"Basic {pair}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.__exit__()

    def components(self) -> frozenset[str]:
        """Return what the collection takes (``VEVENT``, ``VTODO``), empty for anything; ConfigError when it is none."""
        answer = self._ask("PROPFIND", self.path, propfind(), {"Depth": "0"}, (207, 404))
        own = self._found(answer) if answer.status == 207 else {}
        mine = own.get(self.path)
        if mine is None or COLLECTION_TYPES[self._kind] not in mine.types:
            told = f"{self._kind}.account {self._name}: its url is no {_WORDS[self._kind]}"
            raise ConfigError(told, hint=self._near(mine))
        return mine.components

    def changes(self, token: str) -> Changes:
        """Return what changed since a token, or everything without one or where the server has forgotten it."""
        found = self._since(token) if token else None
        return found or self._since("") or self._listed()

    def bodies(self, addresses: Iterable[str]) -> Iterator[tuple[str, Body]]:
        """Yield items with their addresses; those that are gone meanwhile are left out."""
        wanted = list(addresses)
        for start in range(0, len(wanted), _CHUNK):
            asked = multiget(MULTIGETS[self._kind], wanted[start : start + _CHUNK])
            answer = self._ask("REPORT", self.path, asked, {"Depth": "0"}, (207,))
            for address, found in self._inside(parse(answer.body)):
                if found.text is not None:
                    yield address, Body(found.etag, found.text)

    def put(self, address: str, text: str, etag: str) -> str:
        """Write an item over the version ``etag``, or where there is none without one; return its mark if it is told.

        ChangedError when the server has another version.
        """
        condition = {"If-Match": etag} if etag else {"If-None-Match": "*"}
        headers = {"Content-Type": _TYPES[self._kind], **condition}
        answer = self._ask("PUT", address, text.encode(errors="replace"), headers, (200, 201, 204, 412, 404, 409))
        if answer.status in (412, 404, 409):
            raise ChangedError
        return answer.headers.get("etag", "")

    def delete(self, address: str, etag: str) -> None:
        """Remove an item of the version ``etag``; ChangedError when the server has another one."""
        answer = self._ask("DELETE", address, b"", {"If-Match": etag}, (200, 202, 204, 404, 410, 412))
        if answer.status == 412:
            raise ChangedError

    def _since(self, token: str) -> Changes | None:
        """Return what changed since a token, everything for an empty one; None where the server does not tell."""
        etags: dict[str, str] = {}
        gone: set[str] = set()
        is_whole = not token
        for _ in range(_PAGES):
            refusals = (207, 400, 403, 404, 405, 409, 412, 415, 501)
            answer = self._ask("REPORT", self.path, sync_collection(token), {"Depth": "0"}, refusals)
            if answer.status != 207:
                return None
            page = parse(answer.body)
            for address, found in self._inside(page):
                if found.status == 404:
                    gone.add(address)
                    etags.pop(address, None)
                elif found.etag:
                    etags[address] = found.etag
                    gone.discard(address)
            if not page.token:
                return None
            if page.token == token or not page.is_cut:
                return Changes(etags, frozenset(gone), page.token, is_whole)
            token = page.token
        return None

    def _listed(self) -> Changes:
        answer = self._ask("PROPFIND", self.path, propfind(), {"Depth": "1"}, (207,))
        etags = {address: one.etag for address, one in self._inside(parse(answer.body)) if one.etag and not one.types}
        return Changes(etags, frozenset(), "", is_whole=True)

    def _near(self, mine: Found | None) -> str | None:
        """Return a hint with the collections of the right kind that the server leads to from this address."""
        from_here = [self.path, *(mine.homes if mine else ())]
        if mine and mine.principal and not mine.homes:
            homes = self._found(
                self._ask("PROPFIND", address_of(mine.principal), propfind(), {"Depth": "0"}, (207, 404))
            )
            from_here += [address_of(home) for one in homes.values() for home in one.homes]
        names: list[str] = []
        for home in dict.fromkeys(from_here):
            answer = self._ask("PROPFIND", home, propfind(), {"Depth": "1"}, (207, 403, 404, 405))
            for address, one in self._found(answer).items() if answer.status == 207 else ():
                if COLLECTION_TYPES[self._kind] in one.types:
                    names.append(f"{self._target.scheme}://{self._target.name}{address}")
        return f"url = one of {', '.join(dict.fromkeys(names))}" if names else None

    def _found(self, answer: Answer) -> dict[str, Found]:
        return dict(self._within(parse(answer.body)))

    def _within(self, page: Multistatus) -> Iterator[tuple[str, Found]]:
        for href, found in page.found:
            host = urlsplit(href).hostname
            if host in (None, self._target.host):
                yield address_of(urlsplit(href).path), found

    def _inside(self, page: Multistatus) -> Iterator[tuple[str, Found]]:
        """Yield what an answer says of the items of the collection: nothing else is ever asked for or written."""
        return (one for one in self._within(page) if one[0].startswith(self.path) and one[0] != self.path)

    def _ask(
        self, method: str, address: str, body: bytes, headers: Mapping[str, str], expected: tuple[int, ...]
    ) -> Answer:
        kind = {"Content-Type": "application/xml; charset=utf-8"} if method in ("PROPFIND", "REPORT") else {}
        said = {**self._headers, **kind, **headers}
        try:
            answer = self._talk.ask(method, address, monotonic() + _LIMIT_S, said, body, _MOST_BYTES)
        except TalkError as error:
            raise ExternalError(str(error), code="sync.server") from None
        if answer.status in expected:
            return answer
        told, host = f"{self._target.host} answered {answer.status} to {method}", self._target.host
        if answer.status == 401 or (answer.status == 403 and method == "PROPFIND"):
            raise ExternalError(f"{host} refuses user or password of {self._name}", hint=f"crm secret set {self._name}")
        if 300 <= answer.status < 400:
            raise ExternalError(f"{told}, a redirect, which is not followed", hint="put the address it leads to as url")
        raise ExternalError(told, code="sync.server")


def address_of(href: str) -> str:
    """Return the path of an item in one spelling."""
    return quote(unquote(href), safe=_SAFE)
