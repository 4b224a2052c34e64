"""Verbs that take records from one status to another: each record by the changes that it needs, all in one step."""

from collections.abc import Callable, Sequence

from crmcli.catalogue import ENTITIES
from crmcli.services.changes import Changes
from crmcli.services.images import Image
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def change_each(
    context: Context, entity: str, ids: Sequence[int], changes: Callable[[Writer, Image], Changes]
) -> Result:
    """Put each record through the changes that its stored image needs, one after the other.

    A record that needs none stays as it is, with a warning that names its status.
    """

    def work(writer: Writer) -> None:
        for record_id in dict.fromkeys(ids):
            image = writer.image(entity, record_id)
            needed = changes(writer, image)
            if not needed:
                writer.warn(f"{ENTITIES[entity].ref(record_id)} is {image['status'].replace('_', ' ')} already")
            for values in needed or ({},):
                writer.update(entity, record_id, dict(values))

    return write(context, work)
