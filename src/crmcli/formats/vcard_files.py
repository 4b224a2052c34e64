"""Writes contacts as vCards 4.0 (RFC 6350), for address books; ``vcard`` reads them.

A card bears the uid of its contact, so that it finds it again, and that of the organization as a parameter of ORG. What
a vCard has no property for stays out: a card is for an address book, and a list or everything for another store.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from crmcli.domain.lists import NOTHING
from crmcli.formats.content_writing import component, content_line, escape

COLUMNS = (
    "salutation", "first_name", "last_name", "name", "email", "emails", "phone", "phones", "socials", "organization",
    "department", "job_title", "po_box", "street", "city", "region", "postal_code", "country", "website", "birthdate",
    "language", "tags", "description", "updated_at",
)  # fmt: skip
OF_ORGANIZATION = "X-CRMCLI-UID"  # parameter of ORG
_ADDRESS = ("po_box", "", "street", "city", "region", "postal_code", "country")
_TYPES = {"work": "work", "home": "home", "mobile": "cell", "fax": "fax", "pager": "pager", "main": "main"}
_SERVICE = re.compile(r"[a-z][a-z0-9-]*")
_BIRTH = re.compile(r"(\d{4}|-)-(\d\d)-(\d\d)", re.ASCII)

Row = Mapping[str, Any]


def write_cards(rows: Iterable[Row], write: Callable[[str], object]) -> int:
    """Write a card for each presented contact (with the columns in ``COLUMNS``, portable); return how many."""
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - counted
        component("VCARD", _lines(row), write)
    return count


def _lines(row: Row) -> Iterator[str]:
    yield content_line("VERSION", "4.0")
    yield content_line("PRODID", "-//crmcli//crmcli//EN")
    yield content_line("UID", escape(row["uid"]), {"VALUE": "text"})
    yield content_line("REV", re.sub("[-:]", "", row["updated_at"]))
    yield content_line("FN", escape(row["name"] or ""))
    if row["first_name"] or row["last_name"]:
        names = (row["last_name"], row["first_name"], None, row["salutation"], None)
        yield content_line("N", ";".join(escape(name or "") for name in names))
    if row["organization"] or row["department"]:
        units = [row["organization"] or "", *([row["department"]] if row["department"] else [])]
        yield content_line("ORG", ";".join(map(escape, units)), {OF_ORGANIZATION: row["organization_uid"]})
    yield from _texts(row, {"TITLE": "job_title", "URL": "website", "LANG": "language", "NOTE": "description"})
    yield from _points(row)
    if any(row[part] for part in _ADDRESS if part):
        yield content_line("ADR", ";".join(escape(row[part] or "") if part else "" for part in _ADDRESS))
    if birth := _BIRTH.fullmatch(row["birthdate"] or ""):
        yield content_line("BDAY", "".join(birth.groups()).replace("-", "--"))
    if row["tags"]:
        yield content_line("CATEGORIES", ",".join(map(escape, row["tags"])))


def _texts(row: Row, properties: Mapping[str, str]) -> Iterator[str]:
    return (content_line(name, escape(row[key])) for name, key in properties.items() if row[key])


def _points(row: Row) -> Iterator[str]:
    """Yield e-mails, phones and profiles; a label that is no type is a property of the same group, as Apple has it."""
    number = 0
    for name, value, label, is_main in _labelled(row):
        kind = _kind(name, label)
        own = "" if kind else label
        number += bool(own)
        group = f"item{number}." if own else ""
        said = {"VALUE": "text" if name == "TEL" else None, "TYPE": kind, "PREF": "1" if is_main else None}
        yield content_line(group + name, escape(value), said)
        if own:
            yield content_line(f"{group}X-ABLabel", escape(own))


def _labelled(row: Row) -> Iterator[tuple[str, str, str, bool]]:
    """Yield the property, value and label (empty: none) of all by which a contact is reached, and which is the main."""
    for name, key, main in (("EMAIL", "emails", "email"), ("TEL", "phones", "phone")):
        for value, label in zip(row[key], row[f"{key}_labels"], strict=True):
            yield name, value, "" if label == NOTHING else label, value == row[main]
    for profile in row["socials"]:
        yield "X-SOCIALPROFILE", profile["value"], profile["label"] or "", profile["is_primary"]


def _kind(name: str, label: str) -> str:
    """Return the TYPE that says a label, empty when none does."""
    if name == "X-SOCIALPROFILE":
        return label if _SERVICE.fullmatch(label) and label != "pref" else ""
    return _TYPES.get(label, "")
