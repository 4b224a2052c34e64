"""How records are called that are there no more: by the name they had when they went, which the journal keeps.

What is there has its label from ``labels``; a record that was removed by a command is still there.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.queries.labels import Labels, Told, told

_LAST = (
    "c.entity = '{entity}' AND c.action = 'remove' AND NOT EXISTS (SELECT 1 FROM change n WHERE n.entity = c.entity"
    " AND n.record_id = c.record_id AND n.action = c.action AND n.id > c.id)"
)


class LabelsEver(Labels):
    """Labels of records that are or were there."""

    def look_up(self, entity: Entity, ids: Iterable[int], columns: Sequence[str]) -> Iterable[Told]:
        """Return what is told of records, in chunks; of those that are gone the journal tells it."""
        there = list(super().look_up(entity, ids, columns))
        missing = set(ids).difference(*(each for each, *_ in there))
        return [*there, *told(self.con, entity, missing, columns, _as_it_went(entity.name))]


def ref_ever(con: sqlite3.Connection, entity: Entity, record_id: int) -> str:
    """Return the ref of a record that is or was there, such as ``C7``, or the name of a tag."""
    if entity.letter:
        return entity.ref(record_id)
    labels = LabelsEver(con)
    labels.want(entity.name, [record_id])
    return labels.ref(entity.name, record_id) or entity.ref(record_id)


@cache
def _as_it_went(name: str) -> str:
    """Return the query that stands for the table of an entity: the columns of the records that are gone."""
    columns = [field.column for field in ENTITIES[name].fields.values() if field.column and field.column != "id"]
    values = ", ".join(f"json_extract(c.before, '$.{column}') AS {column}" for column in columns)
    return f"(SELECT c.record_id AS id, {values} FROM change c WHERE {_LAST.format(entity=name)})"
