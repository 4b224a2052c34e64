"""The full-text index: one row per live record, written with the record and rebuildable from the store."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import OneEach

DDL = (
    "CREATE VIRTUAL TABLE search_index USING fts5("
    "name, keys, body, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3')"
)
INSERT = "INSERT INTO search_index (rowid, name, keys, body) VALUES (?, ?, ?, ?)"
DELETE = "DELETE FROM search_index WHERE rowid = ?"
_STRIDE = 16  # room for the kinds of records inside one row number
_POINTS = ("emails", "phones", "socials")

Entry = tuple[int, str, str, str]


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


_BEFORE = "search_index_before"
_THERE = " ".join(
    f"WHEN {searched.code} THEN EXISTS (SELECT 1 FROM {ENTITIES[entity].table} WHERE id = {_BEFORE}.rowid / {_STRIDE})"
    for entity, searched in SEARCHED.items()
)
WRITE_ANEW = (
    f"ALTER TABLE search_index RENAME TO {_BEFORE}",
    DDL,
    "INSERT INTO search_index (rowid, name, keys, body)"
    f" SELECT rowid, name, keys, body FROM {_BEFORE} WHERE CASE rowid % {_STRIDE} {_THERE} END",
    f"DROP TABLE {_BEFORE}",
)  # what takes all records that are no more out of it, and costs what those cost that stay


def row_number(entity: str, record_id: int) -> int:
    """Return the index row of a record."""
    return record_id * _STRIDE + SEARCHED[entity].code


def record_of(row: int) -> tuple[str, int]:
    """Return the entity and id behind an index row."""
    return _BY_CODE[row % _STRIDE], row // _STRIDE


def concerns(entity: str, changed: Iterable[str]) -> bool:
    """Say whether a change of columns and collections of a record changes by which words it is found."""
    return entity in SEARCHED and not _searched(entity).isdisjoint(changed)


@cache
def _searched(entity: str) -> frozenset[str]:
    _, name, keys, body = SEARCHED[entity]
    return frozenset((*name, *keys, *body, *_POINTS, "deleted_at"))


def entry(entity: str, record_id: int, image: Mapping[str, Any]) -> Entry:
    """Return the values of ``INSERT`` for a record's image."""
    (found,) = entries(entity, {**{name: [value] for name, value in image.items()}, "id": [record_id]})
    return found


def entries(entity: str, columns: Mapping[str, Sequence[Any]]) -> Iterator[Entry]:
    """Yield the values of ``INSERT`` for the images of many records, given by column; a missing one holds nothing."""
    code, name, keys, body = SEARCHED[entity]
    numbers = [record_id * _STRIDE + code for record_id in columns["id"]]
    nothing = [""] * len(numbers)
    names, texts = (_joined([columns[key] for key in own if key in columns]) or nothing for own in (name, body))
    return zip(numbers, names, _key_words(columns, keys) or nothing, texts, strict=True)


def _key_words(columns: Mapping[str, Sequence[Any]], keys: Iterable[str]) -> list[str]:
    """Return what records are found by: columns, e-mails, phones and profiles as typed, and phones in normal form."""
    own = [columns[key] for key in keys if key in columns]
    points = [_points(columns[key], with_norms=key == "phones") for key in _POINTS if key in columns]
    return _joined([*own, *points])


def _points(column: Sequence[Sequence[Mapping[str, Any]]], *, with_norms: bool) -> Sequence[str]:
    if not isinstance(column, OneEach):
        return list(map(_numbers if with_norms else _values, column))
    values, norms = column.rows["value"], column.rows["value_norm"]
    if not with_norms or values == norms:
        return values
    return [value if value == norm else f"{value} {norm}" for value, norm in zip(values, norms, strict=True)]


def _values(points: Sequence[Mapping[str, Any]]) -> str:
    return points[0]["value"] if len(points) == 1 else " ".join([point["value"] for point in points])


def _numbers(phones: Sequence[Mapping[str, Any]]) -> str:
    values = [phone["value"] for phone in phones]
    return " ".join(values + [norm for phone in phones if (norm := phone["value_norm"]) not in values])


def _joined(columns: Sequence[Sequence[str | None]]) -> list[str]:
    """Return the words of each record in one text, given by columns that may have gaps."""
    if all(map(all, columns)):
        return list(map(" ".join, zip(*columns, strict=True)))
    return [" ".join(filter(None, words)) for words in zip(*columns, strict=True)]
