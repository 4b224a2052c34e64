"""Records that come to be because another one names them: ``--org Acme --create``. Same write, same undoable step."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class New(NamedTuple):
    """A record to be created first; stands where the id of a reference would. Values are keyed by field key."""

    entity: str
    values: dict[str, Any]


def create_linked(writer: "Writer", values: Mapping[str, Any]) -> dict[str, Any]:
    """Create what is new among the values of a record and return them with its ids instead."""
    return {
        key: writer.create(value.entity, value.values).id if isinstance(value, New) else value
        for key, value in values.items()
    }
