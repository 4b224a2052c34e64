"""The XML of WebDAV: what is asked, and what of an answer matters here. Documents that define entities are refused."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from crmcli.errors import ExternalError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

DAV = "DAV:"
_CALENDAR = "urn:ietf:params:xml:ns:caldav"
_CARDS = "urn:ietf:params:xml:ns:carddav"
COLLECTION_TYPES = {"calendar": f"{{{_CALENDAR}}}calendar", "contacts": f"{{{_CARDS}}}addressbook"}
MULTIGETS = {
    "calendar": (_CALENDAR, "calendar-multiget", "calendar-data"),
    "contacts": (_CARDS, "addressbook-multiget", "address-data"),
}
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'


class Found(NamedTuple):
    """What an answer says of one address. ``status`` is 404 for what is gone, 507 for an answer that was cut off."""

    status: int
    etag: str
    text: str | None
    types: frozenset[str]
    components: frozenset[str]
    homes: tuple[str, ...]
    principal: str


class Multistatus(NamedTuple):
    """An answer about many addresses (RFC 4918, 13)."""

    found: list[tuple[str, Found]]
    token: str

    @property
    def is_cut(self) -> bool:
        """Whether there is more to be asked for (RFC 6578, 3.6)."""
        return any(one.status == 507 for _, one in self.found)


def propfind() -> bytes:
    """Return the question what an address is."""
    asked = "<getetag/><resourcetype/><current-user-principal/><c:supported-calendar-component-set/>"
    homes = "<c:calendar-home-set/><a:addressbook-home-set/>"
    spaces = f'xmlns="{DAV}" xmlns:c="{_CALENDAR}" xmlns:a="{_CARDS}"'
    return f"{_HEAD}<propfind {spaces}><prop>{asked}{homes}</prop></propfind>".encode()


def sync_collection(token: str) -> bytes:
    """Return the question what changed since a token."""
    level = f"<sync-token>{escape(token)}</sync-token><sync-level>1</sync-level>"
    return f'{_HEAD}<sync-collection xmlns="{DAV}">{level}<prop><getetag/></prop></sync-collection>'.encode()


def multiget(report: tuple[str, str, str], addresses: Iterable[str]) -> bytes:
    """Return the question for whole items."""
    space, name, data = report
    hrefs = "".join(f"<d:href>{escape(address)}</d:href>" for address in addresses)
    asked = f"<d:prop><d:getetag/><{data}/></d:prop>"
    return f'{_HEAD}<{name} xmlns="{space}" xmlns:d="{DAV}">{asked}{hrefs}</{name}>'.encode()


def parse(body: bytes) -> Multistatus:
    """Return what an answer says; ExternalError for anything else."""
    from xml.etree.ElementTree import ParseError, fromstring

    try:
        text = body.decode("utf-8-sig")
        if "<!DOCTYPE" in text.upper() or "<!ENTITY" in text.upper():
            raise ValueError("it defines a document type")
        root = fromstring(text)  # noqa: S314 - nothing is defined in it, so nothing is expanded
    except (ParseError, ValueError, RecursionError) as problem:
        raise ExternalError(f"the server's answer cannot be read: {problem}", code="sync.server") from None
    token = root.findtext(_tag("sync-token")) or ""
    return Multistatus([_found(response) for response in root.iter(_tag("response"))], token.strip())


def _found(response: "Element") -> tuple[str, Found]:
    status = _status(response.findtext(_tag("status")))
    found: dict[str, Element] = {}
    for propstat in response.iter(_tag("propstat")):
        if _status(propstat.findtext(_tag("status"))) == 200:
            found |= {element.tag: element for prop in propstat.iter(_tag("prop")) for element in prop}
    types, supported = found.get(_tag("resourcetype")), found.get(f"{{{_CALENDAR}}}supported-calendar-component-set")
    texts = (found[tag].text for tag in (f"{{{_CALENDAR}}}calendar-data", f"{{{_CARDS}}}address-data") if tag in found)
    homes = (f"{{{_CALENDAR}}}calendar-home-set", f"{{{_CARDS}}}addressbook-home-set")
    etag = found.get(_tag("getetag"))
    return (response.findtext(_tag("href")) or "").strip(), Found(
        status,
        (etag.text or "").strip() if etag is not None else "",
        next((text for text in texts if text), None),
        frozenset(element.tag for element in types) if types is not None else frozenset(),
        frozenset(element.get("name", "").upper() for element in supported) if supported is not None else frozenset(),
        tuple(href for tag in homes if tag in found for href in _hrefs(found[tag])),
        next(iter(_hrefs(found[_tag("current-user-principal")])), "")
        if _tag("current-user-principal") in found
        else "",
    )


def _hrefs(element: "Element") -> list[str]:
    return [(href.text or "").strip() for href in element.iter(_tag("href"))]


def _status(line: str | None) -> int:
    """Return the number in ``HTTP/1.1 404 Not Found``, 200 where none is told."""
    words = (line or "").split()
    return int(words[1]) if len(words) > 1 and words[1].isdecimal() else 200


def _tag(name: str) -> str:
    return f"{{{DAV}}}{name}"
