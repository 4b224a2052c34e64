"""Records put into a store and taken out of it exactly as they are, ids included: nothing is derived, nothing checked.

The narrow door beside ``Writer.save_many``. It is for what has been through the one write path before: what undo and
redo bring back, and a whole store that was exported. Everything is journalled as any other change.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.domain.schema import Entity
from crmcli.services import images
from crmcli.services.results import Saved
from crmcli.store.unit_of_work import table_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def insert(writer: "Writer", kind: Entity, records: Sequence[images.Image], cause: str) -> None:
    """Store whole images of records that are not there, under the ids they bring."""
    kept = images.insert(writer.unit, kind, records)
    writer.journal.states(kind, [(None, record, cause) for record in records])
    writer.note([Saved(kind.name, image["id"], "create", {}, image, cause) for image in kept])


def remove(writer: "Writer", kind: Entity, records: Sequence[images.Image], cause: str) -> None:
    """Take records, given as they are stored, out for good with their child rows; the journal keeps them."""
    unit, ids = writer.unit, [record["id"] for record in records]
    for name in images.collections_of(kind):
        unit.remove_children(name, kind.name, [record["id"] for record in records if record[name]])
    unit.unindex(kind.name, ids)
    unit.delete(table_of(kind.name), ids)
    writer.journal.states(kind, [(record, None, cause) for record in records])
    writer.note([Saved(kind.name, record["id"], "remove", images.full(record), {}, cause) for record in records])
