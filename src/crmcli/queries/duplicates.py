"""Which records may be one: found by blocks of records that have something in common, never by comparing all pairs.

Strong keys (e-mail, phone, profile, VAT number, domain of an organization) make a group by themselves. Weak ones are
names that are alike within one company, domain, city, or behind one shared number; they only make candidates. An id in
another system belongs to one record anyway. Merging is the business of the services.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.domain.similarity import Name, likeness
from crmcli.queries.duplicate_blocks import Block, named, named_blocks, strong_blocks
from crmcli.queries.labels import Label, labels

SCANNED = ("lead", "organization", "contact")
LEAST_SCORE = 50
_ROLE = 50  # of a shared address alone
_MOST_WEAK = 94
_MORE = 3  # each further reason
_DISAGREEING = 25  # less for a strong key of people whose names have nothing in common
_DIFFERENT = 60  # likeness below which names have nothing in common

Pair = tuple[int, int]  # ids, the lower one first


class Candidate(NamedTuple):
    """Two records that may be one. ``score`` goes to 100; ``group`` is the lowest id that strong keys lead to."""

    entity: str
    one: int
    other: int
    score: int
    is_strong: bool
    reasons: tuple[str, ...]
    group: int | None

    @property
    def rank(self) -> tuple[int, int, int, int]:
        """What candidates are ordered by: the likeliest first, those of a group together."""
        return -self.score, self.group or self.one, self.one, self.other


class _Hits:
    """What speaks for each pair."""

    def __init__(self, apart: frozenset[Pair]) -> None:
        self._apart = apart
        self.strong: dict[Pair, dict[str, int]] = {}
        self.weak: dict[Pair, dict[str, int]] = {}

    def add(self, one: int, other: int, reason: str, score: int, *, strong: bool) -> bool:
        """Note a reason for a pair; False for a pair that is known not to be one."""
        pair = (one, other) if one < other else (other, one)
        if pair in self._apart or one == other:
            return False
        (self.strong if strong else self.weak).setdefault(pair, {})[reason] = score
        return True

    def star(self, block: Block, score: int, *, strong: bool) -> None:
        """Tie each record of a block to the first one before it that it may be."""
        reason = f"{block.key} {block.value}".rstrip()
        for place, record_id in enumerate(block.ids):
            for earlier in block.ids[:place]:
                if self.add(earlier, record_id, reason, score, strong=strong):
                    break


def scan(con: sqlite3.Connection, entity: str, least: int = LEAST_SCORE) -> list[Candidate]:
    """Return the pairs of live records of a kind that may be one, the likeliest first.

    Pairs that a user said are not duplicates are left out; so are converted leads, which are not merged.
    """
    hits = _shared(con, entity)
    for reason, worth, pairs in named_blocks(con, entity):
        for one, other, likely in pairs:
            hits.add(one, other, reason, round(likely * worth / 100), strong=False)
    names = {name.id: name for name in named(con, entity, {record for pair in hits.strong for record in pair})}
    groups = _groups(hits.strong)
    found = [
        *(_strong(entity, pair, reasons, hits, names, groups[pair[0]]) for pair, reasons in hits.strong.items()),
        *(_weak(entity, pair, reasons) for pair, reasons in hits.weak.items() if pair not in hits.strong),
    ]
    return sorted((candidate for candidate in found if candidate.score >= least), key=lambda found: found.rank)


def strong_groups(con: sqlite3.Connection, entity: str) -> dict[int, list[int]]:
    """Return the live records of a kind that strong keys hold together, by the lowest id of each group."""
    groups: dict[int, list[int]] = {}
    for record_id, lowest in sorted(_groups(_shared(con, entity).strong).items()):
        groups.setdefault(lowest, []).append(record_id)
    return groups


def _shared(con: sqlite3.Connection, entity: str) -> _Hits:
    """Return what speaks for the pairs of records that share a key."""
    hits = _Hits(frozenset(ignored_pairs(con, entity)))
    for block in strong_blocks(con, entity):
        hits.star(block, block.score or _ROLE, strong=bool(block.score))
    return hits


def ignored_pairs(con: sqlite3.Connection, entity: str) -> Iterator[Pair]:
    """Yield the pairs of which a user said that they are not duplicates; both records are live."""
    table = ENTITIES[entity].table
    sql = (
        "SELECT MIN(d.owner_id, d.record_id), MAX(d.owner_id, d.record_id) FROM distinction d"
        f" JOIN {table} a ON a.id = d.owner_id JOIN {table} b ON b.id = d.record_id"
        " WHERE d.owner_entity = ?1 AND d.entity = ?1 AND a.deleted_at IS NULL AND b.deleted_at IS NULL ORDER BY 1, 2"
    )
    yield from con.execute(sql, (entity,))


def ignored_rows(con: sqlite3.Connection, entity: str) -> Iterator[dict[str, object]]:
    """Yield the pairs that are not duplicates as rows of presented values."""
    pairs = list(ignored_pairs(con, entity))
    kind, known = ENTITIES[entity], labels(con, ENTITIES[entity], {record for pair in pairs for record in pair})
    for one, other in pairs:
        yield _named(kind, known, one, other)


def rows_of(con: sqlite3.Connection, candidates: Iterable[Candidate]) -> Iterator[dict[str, object]]:
    """Yield candidates as rows of presented values."""
    listed = list(candidates)
    names: dict[str, dict[int, Label]] = {}
    for entity in dict.fromkeys(candidate.entity for candidate in listed):
        ids = {record for found in listed if found.entity == entity for record in (found.one, found.other)}
        names[entity] = labels(con, ENTITIES[entity], ids)
    for candidate in listed:
        kind, known = ENTITIES[candidate.entity], names[candidate.entity]
        yield {
            "score": candidate.score,
            "certainty": "strong" if candidate.is_strong else "weak",
            **_named(kind, known, candidate.one, candidate.other),
            "reasons": list(candidate.reasons),
            "group": None if candidate.group is None else kind.ref(candidate.group),
        }


def _named(kind: Entity, known: dict[int, Label], one: int, other: int) -> dict[str, object]:
    return {
        "ref": kind.ref(one),
        "name": known[one].name,
        "other_ref": kind.ref(other),
        "other_name": known[other].name,
    }


def _strong(
    entity: str, pair: Pair, reasons: dict[str, int], hits: _Hits, names: dict[int, Name], group: int
) -> Candidate:
    weak = hits.weak.get(pair, {})
    score = max(reasons.values()) + _MORE * (len(reasons) - 1)
    told = [*reasons, *weak]
    one, other = names[pair[0]], names[pair[1]]
    if one.words and other.words and not weak and likeness(one, other) < _DIFFERENT:
        score -= _DISAGREEING
        told.append("names differ")
    return Candidate(entity, *pair, min(score, 100), True, tuple(told), group)


def _weak(entity: str, pair: Pair, reasons: dict[str, int]) -> Candidate:
    score = max(reasons.values()) + _MORE * (len(reasons) - 1)
    return Candidate(entity, *pair, min(score, _MOST_WEAK), False, tuple(reasons), None)


def _groups(pairs: Iterable[Pair]) -> dict[int, int]:
    """Return the lowest id of the group of each record, by union and find."""
    above: dict[int, int] = {}

    def top(record: int) -> int:
        while above.setdefault(record, record) != record:
            above[record] = above[above[record]]
            record = above[record]
        return record

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        above[high] = low
    return {record: top(record) for record in list(above)}
