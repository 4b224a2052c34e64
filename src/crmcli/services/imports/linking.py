"""From the records that rows name to their ids: looked up for a whole batch, made on the way where that is wanted.

Pipelines and stages are the business of ``places``; what links become as values of a record, that of ``values``.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.importing.building import Key
from crmcli.importing.finish import Link
from crmcli.importing.rows import Draft
from crmcli.queries import record_keys
from crmcli.services.imports.lookups import find, find_external, find_uid, live
from crmcli.services.imports.making import Maker

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_ELSEWHERE = frozenset({"pipeline", "stage"})
_CACHED = 20_000  # keys of one kind kept from batch to batch
_NAMES = frozenset({"name", "person"})
UID = "uid"  # the key of records of this program, wherever they are

_Kind = tuple[str, str]  # entity and kind of key


class Resolved(NamedTuple):
    """The records one row refers to, by reference field, the main one first.

    In a collection, whose rows ``values`` hold, 0 stands for an optional one that is not found.
    ``late`` are references to records of its own kind, which may stand further down in the file. With a ``problem``
    the row cannot be stored.
    """

    ids: dict[str, tuple[int, ...]]
    late: tuple[tuple[str, Link], ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""


class _Missing(Exception):
    """A record that a row names is not there, or cannot be told from others."""


class Linker:
    """The links of one file. ``maker`` is None when nothing may be created on the way."""

    def __init__(self, writer: "Writer", system: str, maker: Maker | None) -> None:
        self._writer = writer
        self._system = system
        self._maker = maker
        self._found: dict[_Kind, dict[str, tuple[int, ...]]] = {}
        self._plain: dict[int, tuple[tuple[Link, ...], int | None]] = {}  # what cells say, by identity, and the record

    def resolve(self, entity: str, drafts: Sequence[Draft]) -> list[Resolved]:
        """Return what the links of rows of one entity lead to, in order."""
        named = {id(link): link for draft in drafts for found in draft.links.values() for link in found}
        links = [link for link in named.values() if link.entity not in _ELSEWHERE]
        self._look_up(links)
        if self._maker:
            self._make_missing(self._maker, [link for link in links if link.entity != entity])
        return [self._resolve(draft) for draft in drafts]

    def plain_ids(self, entity: str, links: Sequence[tuple[Link, ...]]) -> list[int | None] | None:
        """Return the record that each row names, made where it is missing; None unless each names one or none."""
        if len(self._plain) > _CACHED:
            self._plain.clear()
        different = {id(found): found for found in links}  # equal cells share their links
        new = {key: found for key, found in different.items() if key not in self._plain}
        named = dict.fromkeys(link for found in new.values() for link in found)
        if any(link.entity in (entity, *_ELSEWHERE) for link in named):
            return None
        self._look_up(named)
        if self._maker:
            self._make_missing(self._maker, named)
        ids = {key: [one for link in found for one in self._ids(link)] for key, found in new.items()}
        if any(len(ids[key]) != len(found) or len(found) > 1 for key, found in new.items()):
            return None
        self._plain.update({key: (found, ids[key][0] if found else None) for key, found in new.items()})
        return [self._plain[id(found)][1] for found in links]

    def find(self, links: Sequence[Link]) -> list[int | None]:
        """Return the record of each link, None where there is none."""
        self._look_up(set(links))
        return [ids[0] if len(ids := self._ids(link)) == 1 else None for link in links]

    def forget(self) -> None:
        """Drop what was found; a part of the write was taken back."""
        self._found.clear()
        self._plain.clear()

    def _resolve(self, draft: Draft) -> Resolved:
        ids: dict[str, tuple[int, ...]] = {}
        late: list[tuple[str, Link]] = []
        warnings: list[str] = []
        try:
            for name, links in draft.links.items():
                for link in links:
                    if link.entity in _ELSEWHERE:
                        continue
                    found = self._one(draft, name, link, warnings)
                    if found is not None or (link.optional and name in draft.values):
                        ids[name] = (*ids.get(name, ()), found or 0)
                    elif link.entity == draft.entity:
                        late.append((name, link))
        except _Missing as missing:
            return Resolved({}, problem=str(missing))
        return Resolved(ids, tuple(late), tuple(warnings))

    def _one(self, draft: Draft, name: str, link: Link, warnings: list[str]) -> int | None:
        ids = self._ids(link)
        if len(ids) == 1:
            return ids[0]
        if link.optional:
            return None
        kind = ENTITIES[link.entity]
        label = ENTITIES[draft.entity].fields[name].label.lower()
        if ids:
            refs = ", ".join(kind.ref(one) if kind.letter else str(one) for one in ids)
            raise _Missing(f"{label}: {link.keys[0].value!r} fits several records: {refs}")
        if link.entity == draft.entity:
            return None
        if link.entity == "user":
            warnings.append(f"{label} {link.keys[0].value!r} is no user here: you take the place")
            return self._writer.me
        raise _Missing(self._told(label, link))

    def _told(self, label: str, link: Link) -> str:
        key = link.keys[-1] if link.keys[0].by == UID else link.keys[0]
        kind = ENTITIES[link.entity]
        near = record_keys.near(self._writer.unit.raw, [link.entity], key.value) if key.by in _NAMES else None
        hint = near or ("" if self._maker else "--create makes it" if Maker.can_make(link) else "")
        what = f"no {kind.noun} {key.value!r}" if key.by in _NAMES else f"no {kind.noun} of {_said(key)}"
        return f"{label}: {what}" + (f" ({hint})" if hint else "")

    def _ids(self, link: Link) -> tuple[int, ...]:
        """Return the records of the first key that finds any.

        A name beside another key only names what is made, but beside an identity of another store it counts: the record
        may have come here in another way.
        """
        for key in link.keys:
            if key.by in _NAMES and key is not link.keys[0] and link.keys[0].by != UID:
                break
            if ids := self._found.get((link.entity, key.by), {}).get(key.value):
                return ids
        return ()

    def _look_up(self, links: Iterable[Link]) -> None:
        for known in self._found.values():
            if len(known) > _CACHED:
                known.clear()
        wanted: dict[_Kind, set[str]] = {}
        for link in links:
            for key in link.keys:
                if key.value not in self._found.setdefault((link.entity, key.by), {}):
                    wanted.setdefault((link.entity, key.by), set()).add(key.value)
        for (entity, by), values in wanted.items():
            self._found[entity, by].update(self._query(entity, by, values))

    def _query(self, entity: str, by: str, values: set[str]) -> dict[str, tuple[int, ...]]:
        if by not in ("external_id", UID):
            return find(self._writer, entity, by, values)
        found = find_external(self._writer, self._system, entity, values)
        if by == UID:
            found |= find_uid(self._writer, entity, values)
        now = live(self._writer, entity, {ids[0] for ids in found.values()})
        return {value: (standing,) for value, ids in found.items() if (standing := now[ids[0]]) is not None}

    def _make_missing(self, maker: Maker, links: Iterable[Link]) -> None:
        missing = [link for link in links if not link.optional and not self._ids(link)]
        for link, record_id in maker.make(missing, self._system):
            for key in link.keys:
                self._found[link.entity, key.by].setdefault(key.value, (record_id,))


def _said(key: Key) -> str:
    return f"{key.by.replace('_', ' ')} {key.value!r}"


def count_links(ids: dict[str, tuple[int, ...]], entity: str) -> int:
    """Return how many of the records found are records of their own, and no users."""
    own = own_references(entity)
    return sum([len(found) for name, found in ids.items() if name in own])


@cache
def own_references(entity: str) -> frozenset[str]:
    """Return the references of an entity to records that have a ref of their own."""
    fields = ENTITIES[entity].fields.values()
    return frozenset(field.key for field in fields if field.ref and ENTITIES[field.ref].letter)
