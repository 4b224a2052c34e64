"""Blocks of records that have something in common, each read with one query: what duplicates are looked for within.

What a block is worth as evidence stands here; what pairs are made of it is up to ``duplicates``.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from json import dumps
from typing import Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.emails import domain_of, is_free_mail, is_role_address
from crmcli.domain.names import company_key
from crmcli.domain.similarity import Name, alike, company, person
from crmcli.domain.text import fold
from crmcli.domain.webs import profile_of

_SHARED_PHONE = 3  # a number of more records than these is a switchboard
_SHARED = 10  # an address or domain of more records than these belongs to none of them
_COMMON = 3  # people of one name in a town, beyond which the name says nothing there
_COMPANY_ALIKE = 88

Normal = Callable[[Any], str | None]
Likely = Iterator[tuple[int, int, int]]  # ids and how alike their names are


class Block(NamedTuple):
    """Records with the same key, lowest id first. ``score`` 0 says that it is shared by its nature, as ``info@`` is."""

    key: str
    value: str
    ids: list[int]
    score: int


class _Key(NamedTuple):
    """A key of records: the query for (value, id), the form to compare, and what it is worth up to how many records."""

    name: str
    sql: str
    score: int
    most: int
    normal: Normal = str


class _Scope(NamedTuple):
    """What records of similar names may have in common: the query for (value, id, names...), and what it is worth."""

    name: str
    sql: str
    worth: int
    normal: Normal
    is_wide: bool = False  # holds so many records that common names prove nothing


def strong_blocks(con: sqlite3.Connection, entity: str) -> Iterator[Block]:
    """Yield the records that share a key of their own, and the few that share an address of a function."""
    for key in _keys(entity):
        for value, ids in _grouped(con.execute(key.sql), key.normal).items():
            found = list(dict.fromkeys(sorted(ids)))
            role = key.name == "e-mail" and is_role_address(value)
            if 1 < len(found) <= key.most:
                yield Block("shared address" if role else key.name, value, found, 0 if role else key.score)


def named_blocks(con: sqlite3.Connection, entity: str) -> Iterator[tuple[str, int, Likely]]:
    """Yield, for each thing in common, its reason and worth (percent), and the pairs whose names are alike there."""
    for scope in _scopes(entity):
        yield f"similar name ({scope.name})", scope.worth, _likely(con, entity, scope)
    for key in _keys(entity):
        if key.name in ("e-mail", "phone"):
            yield f"similar name (shared {key.name})", 90, _sharing(con, entity, key)


def named(con: sqlite3.Connection, entity: str, ids: Collection[int]) -> Iterator[Name]:
    """Yield the names of records for comparison."""
    sql = (
        f"SELECT r.id, {_NAMES[entity]} FROM {ENTITIES[entity].table} r WHERE r.id IN (SELECT value FROM json_each(?))"
    )
    for record_id, *names in con.execute(sql, (dumps(sorted(ids)),)):
        yield _name(entity, record_id, names)


def _likely(con: sqlite3.Connection, entity: str, scope: _Scope) -> Likely:
    found: dict[str, list[Name]] = {}
    for raw, record_id, *names in con.execute(scope.sql):
        value = scope.normal(raw) if raw is not None else None
        if value:
            found.setdefault(value, []).append(_name(entity, record_id, names))
    least = _COMPANY_ALIKE if entity == "organization" else None
    for block in found.values():
        if len(block) > 1:
            yield from _alike(_rare(block) if scope.is_wide else block, least)


def _sharing(con: sqlite3.Connection, entity: str, key: _Key) -> Likely:
    """Yield those of similar names behind a switchboard or an address that many use."""
    for value, ids in _grouped(con.execute(key.sql), key.normal).items():
        shared = len(ids) > key.most or (key.name == "e-mail" and is_role_address(value))
        if shared and len(ids) > 1:
            yield from _alike(list(named(con, entity, ids)), None)


def _alike(names: list[Name], least: int | None) -> Likely:
    pairs = alike(names) if least is None else alike(names, least)
    return ((one.id, other.id, found) for one, other, found in pairs)


def _rare(block: list[Name]) -> list[Name]:
    """Return those whose name few have."""
    counts: dict[str, int] = {}
    for name in block:
        counts[name.words] = counts.get(name.words, 0) + 1
    return [name for name in block if counts[name.words] <= _COMMON]


def _grouped(rows: Iterable[tuple[Any, ...]], normal: Normal) -> dict[str, list[int]]:
    """Return the ids of each value that several rows have."""
    found: dict[str, list[int]] = {}
    for *raw, record_id in rows:
        value = normal(raw[0]) if len(raw) == 1 else normal(raw)
        if value:
            found.setdefault(value, []).append(record_id)
    return {value: ids for value, ids in found.items() if len(ids) > 1}


def _name(entity: str, record_id: int, names: list[str | None]) -> Name:
    if entity == "organization":
        return company(record_id, names[0])
    first, last, *companies = names
    return person(record_id, first, last) if first or last or not companies else company(record_id, companies[0])


_NAMES = {
    "contact": "r.first_name, r.last_name",
    "lead": "r.first_name, r.last_name, r.company_name",
    "organization": "r.name",
}
_LIVE = {
    "contact": "r.deleted_at IS NULL",
    "lead": "r.deleted_at IS NULL AND r.converted_at IS NULL",
    "organization": "r.deleted_at IS NULL",
}


def _keys(entity: str) -> list[_Key]:
    live = _LIVE[entity]

    def points(columns: str, kind: str, more: str = "") -> str:
        return (
            f"SELECT {columns}, p.record_id FROM contact_point p CROSS JOIN {ENTITIES[entity].table} r"
            f" ON r.id = p.record_id WHERE p.entity = '{entity}' AND p.kind = '{kind}' AND {live}{more}"
        )

    keys = [
        _Key("e-mail", points("p.value_norm", "email"), 100, _SHARED),
        _Key("phone", points("p.value_norm", "phone", " AND p.value_norm LIKE '+%'"), 92, _SHARED_PHONE),
        _Key("profile", points("p.value, p.label", "social"), 96, _SHARED, lambda raw: profile_of(*raw)),
    ]
    if entity == "organization":
        own = f"SELECT r.{{0}}, r.id FROM organization r WHERE r.{{0}} IS NOT NULL AND {live}"
        keys += [
            _Key("VAT number", own.format("vat_id"), 100, _SHARED, _vat),
            _Key("domain", own.format("domain"), 92, _SHARED, _own_domain),
        ]
    return keys


def _scopes(entity: str) -> list[_Scope]:
    names, live, table = _NAMES[entity], _LIVE[entity], ENTITIES[entity].table
    own = f"SELECT {{0}}, r.id, {names} FROM {table} r WHERE {{0}} IS NOT NULL AND {live}"
    mails = (
        f"SELECT p.value_norm, r.id, {names} FROM contact_point p CROSS JOIN {table} r ON r.id = p.record_id"
        f" WHERE p.entity = '{entity}' AND p.kind = 'email' AND {live}"
    )
    if entity == "organization":
        return [
            _Scope("same city", own.format("r.billing_city"), 85, fold),
            _Scope("same name", own.format("r.name"), 70, company_key),
        ]
    city = _Scope("same city", own.format("r.city"), 80, fold, is_wide=True)
    if entity == "lead":
        return [_Scope("same company", own.format("r.company_name"), 95, company_key),
                _Scope("same domain", mails, 92, _mail_domain), city]  # fmt: skip
    employer = (
        f"SELECT x.organization_id, r.id, {names} FROM organization_contact x CROSS JOIN contact r"
        f" ON r.id = x.contact_id WHERE {live}"
    )
    return [_Scope("same organization", employer, 95, str), _Scope("same domain", mails, 92, _mail_domain), city]


def _vat(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum()).removeprefix("IT")


def _own_domain(domain: str) -> str | None:
    return None if is_free_mail(domain) else domain


def _mail_domain(address: str) -> str | None:
    return _own_domain(domain_of(address))
