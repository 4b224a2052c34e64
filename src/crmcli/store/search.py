"""The full-text index: one row per live record, written with the record and rebuildable from the store."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

DDL = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "name, keys, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
)
INSERT = "INSERT INTO search_index (rowid, name, keys, body) VALUES (?, ?, ?, ?)"
DELETE = "DELETE FROM search_index WHERE rowid = ?"
_STRIDE = 16  # room for the kinds of records inside one row number


class Searched(NamedTuple):
    """Which columns of an entity are found by name, by key and by text."""

    code: int
    name: tuple[str, ...]
    keys: tuple[str, ...] = ()
    body: tuple[str, ...] = ()


SEARCHED = {
    "lead": Searched(
        1, ("first_name", "last_name", "company_name"), ("website",), ("job_title", "city", "description")
    ),
    "organization": Searched(
        2, ("name", "legal_name"), ("domain", "vat_id", "tax_code"), ("billing_city", "industry", "description")
    ),
    "contact": Searched(3, ("first_name", "last_name"), (), ("job_title", "department", "city", "description")),
    "deal": Searched(4, ("name",), (), ("next_step", "lost_note", "description")),
    "task": Searched(5, ("subject",), (), ("result", "description")),
    "event": Searched(6, ("title",), (), ("location", "description")),
    "interaction": Searched(7, ("subject",), (), ("body",)),
    "ticket": Searched(8, ("subject",), ("number",), ("description", "resolution")),
}
_BY_CODE = {searched.code: entity for entity, searched in SEARCHED.items()}


def row_number(entity: str, record_id: int) -> int:
    """Return the index row of a record."""
    return record_id * _STRIDE + SEARCHED[entity].code


def record_of(row: int) -> tuple[str, int]:
    """Return the entity and id behind an index row."""
    return _BY_CODE[row % _STRIDE], row // _STRIDE


def entry(entity: str, record_id: int, image: Mapping[str, Any]) -> tuple[int, str, str, str]:
    """Return the values of ``INSERT`` for a record's image."""
    code, name, keys, body = SEARCHED[entity]
    get = image.get
    phones = get("phones", ())
    points = [*get("emails", ()), *phones, *get("socials", ())]
    found = [*map(get, keys), *[point["value"] for point in points]]
    found += [norm for point in phones if (norm := point["value_norm"]) not in found]
    return record_id * _STRIDE + code, _join(map(get, name)), _join(found), _join(map(get, body))


def _join(words: Iterable[str | None]) -> str:
    return " ".join(filter(None, words))
