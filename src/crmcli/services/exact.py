"""Records put into a store and taken out of it exactly as they are, ids included: nothing is derived, nothing checked.

The narrow door beside ``Writer.save_many``. It is for what has been through the one write path before: what undo and
redo bring back, and a whole store that was exported. Everything is journalled as any other change.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.schema import Entity
from crmcli.services import images
from crmcli.services.image_texts import texts_of_columns
from crmcli.services.results import Saved
from crmcli.store.unit_of_work import table_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


class Stored(NamedTuple):
    """Records of a kind as they are stored: their filled columns, and of each what the journal keeps of it."""

    columns: images.Columns
    texts: list[str]


def load(writer: "Writer", kind: Entity, ids: Sequence[int]) -> Stored:
    """Return records in the order of their ids; those that do not exist are absent."""
    columns = images.load_columns(writer.unit.raw, kind, ids)
    return Stored(columns, texts_of_columns(columns) if columns["id"] else [])


def insert(writer: "Writer", kind: Entity, records: Sequence[images.Image], cause: str) -> None:
    """Store whole images of records that are not there, under the ids they bring."""
    kept = images.insert(writer.unit, kind, records)
    writer.journal.states(kind, [(None, record, cause) for record in records])
    writer.saves.note([Saved(kind.name, image["id"], "create", {}, image, cause) for image in kept])


def remove(writer: "Writer", kind: Entity, records: Stored, cause: str) -> None:
    """Take records, given as they are stored, out for good with their child rows; the journal keeps them.

    They stay in the full-text index, out of which ``UnitOfWork.unindex_gone`` takes all that went at once.
    """
    unit, ids = writer.unit, records.columns["id"]
    if not ids:
        return
    for name in images.collections_of(kind):
        if name in records.columns:
            unit.remove_children(name, kind.name, ids)
    unit.delete(table_of(kind.name), ids)
    writer.journal.left(kind, records.columns)
    writer.saves.note_removed(kind.name, records.columns, records.texts, cause)
