"""A record on its way into the store: its image before and after, and what stands in its way.

How typed values get into it stands in ``ways``, what a whole record must satisfy in ``services.invariants``.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic_core import to_json

from crmcli.domain.schema import Entity, Field
from crmcli.domain.text import check_text
from crmcli.errors import Problem, RefusedError

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False)
_FLAT = frozenset({str, int})  # what both encoders write alike


class World(Protocol):
    """What a draft asks of the transaction it belongs to."""

    zone: str
    country: str

    def tag_ids(self, names: list[str], *, create: bool = True) -> list[int]:
        """Return the ids of tags, creating those that are new, or leaving them out."""

    def custom_fields(self, entity: str) -> Mapping[str, Field]:
        """Return the custom fields of an entity by key."""


@dataclass(slots=True)
class Draft:
    """One record before and after; ``record`` holds stored columns and, as lists, its collections."""

    entity: Entity
    record: dict[str, Any]
    before: dict[str, Any] | None
    intent: str = ""
    given: set[str] = field(default_factory=set)  # columns and collections that the caller named
    problems: list[Problem] = field(default_factory=list)
    custom: dict[str, Any] | None = None  # the values of custom fields, once one of them was assigned

    @property
    def id(self) -> int:
        """Number of the record."""
        number: int = self.record["id"]
        return number

    def refuse(self, key: str, reason: str) -> None:
        """Note why the record cannot be stored as it is."""
        self.problems.append(Problem(key, reason))

    def refusal(self) -> RefusedError:
        """Return the error that tells the problems."""
        kind, before = self.entity, self.before
        if before is None:
            return RefusedError(f"{kind.noun} refused", self.problems)
        name = next((before[column] for column in ("handle", "key", "name") if before.get(column)), self.id)
        what = kind.ref(self.id) if kind.letter else f"{kind.label.lower()} {name}"
        return RefusedError(f"{what} refused", self.problems)

    def changed(self, column: str) -> bool:
        """Whether a column or collection differs from what is stored; on a new record, whether it is filled."""
        now = self.record.get(column)
        return bool(now) if self.before is None else now != self.before.get(column)

    def was(self, column: str) -> Any:
        """Return the stored value before this write, None on a new record."""
        return None if self.before is None else self.before.get(column)


def clean(value: str) -> str | None:
    """Return text as it may be stored: blank is missing; ValueError for what no file or terminal can hold."""
    return check_text(value) if value.strip() else None


def canonical(value: Any) -> str:
    """Return JSON text with sorted keys, letters as they are."""
    return _ENCODER.encode(value)


def custom_text(values: Mapping[str, Any]) -> str | None:
    """Return what the column of custom values holds: their canonical JSON, None when there are none."""
    if not values:
        return None
    if _FLAT.issuperset(map(type, values.values())):  # for nearly all records, at a third of the cost
        return to_json({key: values[key] for key in sorted(values)}).decode()
    return canonical(values)
