"""Changes of a record on its way from one status to another, worked out before anything is saved."""

from collections.abc import Mapping, Sequence
from typing import Any

Changes = Sequence[Mapping[str, Any]]  # values of one record, to be saved one after the other


def given(**values: Any) -> dict[str, Any]:
    """Return those of the values that are there."""
    return {key: value for key, value in values.items() if value is not None}
