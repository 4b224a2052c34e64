"""Which fields blank cells erase where the user asked for that; without asking a blank cell erases nothing.

Where a deal stands, in which currency a record is and what only the history of a file tells is never erased; nor is
what every record must have, which the store knows.
"""

from collections.abc import Container, Iterator, Mapping, Sequence

from crmcli.catalogue import ENTITIES
from crmcli.importing.mapping import Bound
from crmcli.importing.targets import Target

Erasable = Mapping[str, Sequence[int]]  # field, or ``custom.`` and its key, to the positions of the cells about it
_KEPT = frozenset({"currency", "stage", "pipeline", "probability", "outcome"})
_BANDED = "employees"  # a number of them, or a band in a field of its own


def erasable(bound: Bound) -> Erasable:
    """Return the fields that rows of a shape can erase."""
    found: dict[str, list[int]] = {}
    for column in bound.columns:
        for key in _fields(bound.shape.entity, column.target):
            found.setdefault(key, []).append(column.position)
    return found


def erased(fields: Erasable, cells: Sequence[str], values: Container[str]) -> tuple[str, ...]:
    """Return the fields about which all cells of a row are blank and nothing else is known."""
    return tuple(
        key
        for key, positions in fields.items()
        if key not in values and not any(cells[position].strip() for position in positions)
    )


def _fields(entity: str, target: Target) -> Iterator[str]:
    if target.label == "custom":
        yield f"custom.{target.key}"
    elif _is_erasable(entity, target):
        yield target.key
        if target.kind == _BANDED:
            yield f"{_BANDED}_band"


def _is_erasable(entity: str, target: Target) -> bool:
    field = ENTITIES[entity].fields.get(target.key)
    if field is None or not field.writable or target.key in _KEPT or target.kind in ("rows", "identity"):
        return False
    is_subject = target.kind == "link" and "links" in ENTITIES[entity].fields and ENTITIES[field.ref].letter
    return not is_subject  # one of the records an activity is about
