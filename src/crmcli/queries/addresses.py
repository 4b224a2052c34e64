"""Addresses for a mail program: people and companies with an e-mail, found by name, company or address.

What a whole search finds belongs to ``search``; how a mail program reads the lines is the business of the command.
"""

import re
import sqlite3
from collections.abc import Iterator
from json import dumps
from typing import NamedTuple

from crmcli.store.search import record_of, row_number

_KINDS = ("contact", "lead", "organization")
_STRIDE = row_number("lead", 1) - row_number("lead", 0)
_MOST = 2000  # records that a single word may lead to
_NAMED = (
    "SELECT rowid FROM search_index WHERE search_index MATCH ? AND"
    f" rowid % {_STRIDE} IN ({', '.join(str(row_number(kind, 0)) for kind in _KINDS)}) LIMIT {_MOST}"
)
_COLLEAGUES = (
    "SELECT contact_id FROM organization_contact WHERE is_active = 1"
    f" AND organization_id IN (SELECT value FROM json_each(?)) LIMIT {_MOST}"
)
_WITH_ADDRESS = (
    f"SELECT entity, record_id FROM contact_point WHERE kind = 'email' AND value_norm LIKE ? ESCAPE '\\' LIMIT {_MOST}"
)
_ROWS = """
SELECT p.value, n.name, n.note, n.do_not_email FROM contact_point p JOIN ({people}) n
 ON n.entity = p.entity AND n.id = p.record_id WHERE p.kind = 'email'
 ORDER BY n.rank, n.name COLLATE NOCASE, n.id, p.is_primary DESC, p.position LIMIT :limit
"""
_PEOPLE = {
    "contact": "SELECT 'contact' AS entity, 0 AS rank, r.id, trim(COALESCE(r.first_name, '') || ' ' ||"
    " COALESCE(r.last_name, '')) AS name, r.job_title AS title, r.do_not_email, (SELECT o.name FROM organization o"
    " JOIN organization_contact oc ON oc.organization_id = o.id WHERE oc.contact_id = r.id AND o.deleted_at IS NULL"
    " ORDER BY oc.is_primary DESC, oc.position LIMIT 1) AS company FROM contact r",
    "lead": "SELECT 'lead', 1, r.id, trim(COALESCE(r.first_name, '') || ' ' || COALESCE(r.last_name, '')),"
    " r.job_title, r.do_not_email, r.company_name FROM lead r",
    "organization": "SELECT 'organization', 2, r.id, r.name, NULL, 0, NULL FROM organization r",
}

Key = tuple[str, int]


class Address(NamedTuple):
    """An e-mail with whose it is; ``note`` is the company and the position, or that no mail is wanted."""

    email: str
    name: str
    note: str


def find_addresses(con: sqlite3.Connection, text: str, limit: int) -> list[Address]:
    """Return the addresses of those who have every word of a text in their name, company or address; people first."""
    found: set[Key] | None = None
    for word in text.split():
        fitting = set(_fitting(con, word))
        found = fitting if found is None else found & fitting
    if not found:
        return []
    parts = [
        f"{select} WHERE r.deleted_at IS NULL AND r.id IN (SELECT value FROM json_each(:{kind}))"
        for kind, select in _PEOPLE.items()
    ]
    people = (
        "SELECT entity, rank, id, COALESCE(NULLIF(name, ''), company, '') AS name, do_not_email,"
        f" COALESCE(company || ' · ' || title, company, title, '') AS note FROM ({' UNION ALL '.join(parts)})"
    )
    ids = {kind: dumps(sorted(number for entity, number in found if entity == kind)) for kind in _KINDS}
    rows = con.execute(_ROWS.format(people=people), {**ids, "limit": limit})
    return [Address(email, name, _note(name, note, bool(unwanted))) for email, name, note, unwanted in rows]


def _fitting(con: sqlite3.Connection, word: str) -> Iterator[Key]:
    """Yield those whom one word fits: the beginning of a name, also of the company, or a part of the address."""
    if re.search(r"[^\W_]", word):
        quoted = '{name keys} : "' + word.replace('"', "") + '"*'
        named = [record_of(row) for (row,) in con.execute(_NAMED, (quoted,))]
        yield from named
        companies = [number for entity, number in named if entity == "organization"]
        yield from (("contact", number) for (number,) in con.execute(_COLLEAGUES, (dumps(companies),)))
    part = re.sub(r"([%_\\])", r"\\\1", word.lower())
    yield from con.execute(_WITH_ADDRESS, (f"%{part}%",))


def _note(name: str, note: str, is_unwanted: bool) -> str:
    told = ["wants no e-mail"] if is_unwanted else []
    return " · ".join([*told, *([note] if note and note != name else [])])
