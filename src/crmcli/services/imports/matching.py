"""Whether a row is about a record that is here already: by its id elsewhere, by a field the user named, by strong keys.

A strong key counts for a record without an id in the same system; two records of that system are never taken as one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.columns import OneEach
from crmcli.domain.emails import is_free_mail, is_role_address
from crmcli.domain.emails import normalise as normalise_email
from crmcli.domain.names import full_name, person_key
from crmcli.domain.phones import normalise as normalise_phone
from crmcli.domain.webs import domain_of_url
from crmcli.importing.rows import Draft
from crmcli.importing.sheets import Sheet
from crmcli.services.imports.lookups import (
    INSTANCE,
    OWN_SYSTEM,
    UUID,
    Found,
    check_key,
    find,
    find_external,
    find_uid,
    live,
)

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

EXTERNAL = "external_id"
UID = "uid"
_BY_ID = (EXTERNAL, UID)  # what finds removed records too
_SERIES, _MESSAGE = "ical_uid", "message_id"
_BORNE = (_SERIES, _MESSAGE)
_OWN_IDS = (_SERIES, _MESSAGE, INSTANCE)
_HAS_ID = (
    "SELECT record_id FROM external_ref WHERE entity = ? AND system = ?"
    " AND record_id IN (SELECT value FROM json_each(?))"
)

_PEOPLE = ("contact", "lead")
Key = tuple[str, str]  # what it is, and its normal form
Points = Sequence[Mapping[str, Any]] | None


class Match(NamedTuple):
    """What was found for a row: ``id`` None means that it is new, unless ``problem`` says why that cannot be told.

    ``by`` is the kind of key that led there; ``gone`` says that the record is removed here.
    """

    id: int | None = None
    by: str = ""
    problem: str = ""
    gone: bool = False


_NEW = Match()


class Matcher:
    """Finds the records of one file's rows. ``key`` is the field named by ``--key``."""

    def __init__(self, writer: "Writer", system: str, key: str | None, entities: Iterable[str]) -> None:
        self._writer = writer
        self._system = system
        self._key = key
        for entity in entities if key else ():
            check_key(entity, key or "")

    def keys(self, draft: Draft) -> list[Key]:
        """Return the keys of a row, the strongest first."""
        keys = _own_ids(draft)
        if draft.external:
            keys.insert(0, (EXTERNAL, draft.external[1]))
        if self._key:
            return keys + _named_keys(draft, self._key, self._writer.country)
        return keys + _strong_keys(draft, self._writer.country)

    def plain_keys(self, sheet: Sheet) -> dict[str, list[str]] | None:
        """Return the keys, by kind, of rows about people that are read by column; None where other fields are asked."""
        if self._key or sheet.entity not in _PEOPLE:
            return None
        nothing = [None] * len(sheet.lines)
        emails, phones = (sheet.values.get(key, nothing) for key in ("emails", "phones"))
        found: dict[str, list[str]] = {"email": [], "phone": []}
        if isinstance(emails, OneEach):
            norms = emails.rows["value_norm"]
            told = [norm != "" and not is_role_address(norm) for norm in norms]
            found["email"] += compress(norms, told)
            rest = [place for place, is_told in enumerate(told) if not is_told]
            emails, phones = ([column[place] for place in rest] for column in (emails, phones))
        for own in map(_person_keys, emails, phones, repeat(self._writer.country)):
            for by, value in own:
                found[by].append(value)
        return found

    def is_any_here(self, entity: str, keys: Mapping[str, Iterable[str]]) -> bool:
        """Say whether a record is here that any of the rows could be about, whose keys are none of other systems."""
        return any(find(self._writer, entity, by, values) for by, values in keys.items() if values)

    def match(self, entity: str, rows: Sequence[tuple[Draft, list[Key]]], first_new: int | None = None) -> list[Match]:
        """Return what each row, given with its ``keys``, is about, in order.

        Records from the id ``first_new`` on were made of rows of the same file.
        """
        keys = [own for _, own in rows]
        found: dict[str, Found] = {}
        for by, values in _by_kind(keys).items():
            if by == EXTERNAL:
                found[by] = find_external(self._writer, self._system, entity, values)
            elif by == UID:
                found[by] = find_uid(self._writer, entity, values)
            else:
                found[by] = find(self._writer, entity, by, values)
        if not any(found.values()):
            return [_NEW] * len(rows)
        known = {ids[0] for by in _BY_ID for ids in found.get(by, {}).values()}
        now = live(self._writer, entity, known) if known else {}
        others = {one for by, of in found.items() if by not in _BY_ID for ids in of.values() for one in ids}
        taken = self._with_id(entity, others) if others else set()
        if self._system == OWN_SYSTEM and first_new is not None:
            taken |= {one for one in others if one >= first_new}  # their id of that system is their uid
        names = self._names(entity, {one for ids in found.get("phone", {}).values() for one in ids})
        return [self._choose(draft, own, found, now, taken, names) for draft, own in rows]

    def _choose(
        self,
        draft: Draft,
        keys: list[Key],
        found: Mapping[str, Found],
        now: Mapping[int, int | None],
        taken: set[int],
        names: Mapping[int, str],
    ) -> Match:
        hits: dict[int, str] = {}
        for by, value in keys:
            ids = found[by].get(value, ())
            if by in _BY_ID and ids:
                return Match(now[ids[0]], EXTERNAL, gone=now[ids[0]] is None)
            if by in _OWN_IDS and len(ids) == 1:
                return Match(ids[0], EXTERNAL)
            if draft.external:
                ids = tuple(one for one in ids if one not in taken)
            if by == "phone":
                ids = tuple(one for one in ids if _may_be(draft, names[one]))
            if len(ids) > 1:
                return Match(problem=f"{by} {value!r} belongs to several records: {_refs(draft, ids)}")
            for one in ids:
                hits.setdefault(one, by)
        if len(hits) > 1:
            kinds = " and ".join(dict.fromkeys(hits.values()))
            return Match(problem=f"its {kinds} values belong to several records: {_refs(draft, hits)}")
        return Match(*next(iter(hits.items()))) if hits else _NEW

    def _with_id(self, entity: str, ids: set[int]) -> set[int]:
        rows = self._writer.all(_HAS_ID, entity, self._system, json.dumps(sorted(ids)))
        return {row["record_id"] for row in rows}

    def _names(self, entity: str, ids: set[int]) -> dict[int, str]:
        if not ids:
            return {}
        sql = f"SELECT r.id, {ENTITIES[entity].title} AS title FROM {ENTITIES[entity].table} r WHERE r.id IN"
        rows = self._writer.all(f"{sql} (SELECT value FROM json_each(?))", json.dumps(sorted(ids)))
        return {row["id"]: person_key(row["title"]) for row in rows}


def _by_kind(keys: Iterable[list[Key]]) -> dict[str, set[str]]:
    kinds: dict[str, set[str]] = {}
    for own in keys:
        for by, value in own:
            kinds.setdefault(by, set()).add(value)
    return kinds


def _own_ids(draft: Draft) -> list[Key]:
    """Return what a record bears wherever it goes: the uid we gave it, UID of a calendar, or id of a message.

    A changed instance of a series bears the UID of the series and is known by that and the time it was changed from.
    """
    values = draft.values
    keys = [(UID, draft.external[1].lower())] if draft.external and UUID.fullmatch(draft.external[1]) else []
    if values.keys().isdisjoint(_BORNE):
        return keys
    if (original := values.get("recurrence_id")) and "ical_uid" in values:
        return [*keys, (INSTANCE, f"{values['ical_uid']} {original}")]
    return keys + [(key, str(values[key])) for key in _BORNE if values.get(key)]


def _named_keys(draft: Draft, key: str, country: str) -> list[Key]:
    """Return the row's values of the field that the user named."""
    values: dict[str, Any] = draft.values
    if key == "email":
        return [(key, normalise_email(point["value"])) for point in values.get("emails", ())]
    if key == "phone":
        return [(key, number) for point in values.get("phones", ()) if (number := _number(point["value"], country))]
    if key == "name" and key not in values:
        named = full_name(values.get("first_name"), values.get("last_name"))
        return [(key, named)] if named else []
    return [(key, str(values[key]))] if values.get(key) is not None else []


def _strong_keys(draft: Draft, country: str) -> list[Key]:
    values = draft.values
    if draft.entity == "organization":
        domain = values.get("domain") or values.get("website")
        named = domain_of_url(domain) if domain else None
        keys = [("domain", named)] if named and not is_free_mail(named) else []
        return keys + ([("vat_id", vat)] if (vat := _plain(values.get("vat_id", ""))) else [])
    return _person_keys(values.get("emails"), values.get("phones"), country) if draft.entity in _PEOPLE else []


def _person_keys(emails: Points, phones: Points, country: str) -> list[Key]:
    own = [("email", norm) for one in emails or () if not is_role_address(norm := normalise_email(one["value"]))]
    if own:  # a phone may be shared by colleagues; who has an e-mail of their own is told by that
        return own
    return [("phone", number) for one in phones or () if (number := _number(one["value"], country))]


def _refs(draft: Draft, ids: Iterable[int]) -> str:
    return ", ".join(map(ENTITIES[draft.entity].ref, ids))


def _number(text: str, country: str) -> str | None:
    return normalise_phone(text, country).e164


def _plain(vat: str) -> str:
    return "".join(letter for letter in vat.upper() if letter.isalnum())


def _may_be(draft: Draft, name: str) -> bool:
    """Say whether a row and a record that share a phone can be one: their names do not differ."""
    values = draft.values
    own = full_name(values.get("first_name"), values.get("last_name")) or values.get("company_name", "")
    return not own or not name or person_key(own) == name
