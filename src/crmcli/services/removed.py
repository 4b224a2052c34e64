"""What one reversal took out, held so that a hundred thousand records in a row take no more room than one."""

from collections.abc import Iterator, Sequence

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.errors import ConflictError
from crmcli.queries.references import title_of
from crmcli.services.referrers import find_referrer
from crmcli.services.writer import Writer
from crmcli.store.among import among


class Removed:
    """The numbers of records that were taken out, in portions by kind: a range where they are in a row."""

    def __init__(self, writer: Writer) -> None:
        self._con = writer.unit.raw
        self._portions: dict[str, list[Sequence[int]]] = {}

    def add(self, kind: Entity, ids: Sequence[int]) -> None:
        """Note records; those just above are one stretch with them, since a reversal goes downwards."""
        if not ids:
            return
        portions = self._portions.setdefault(kind.name, [])
        stretch = range(min(ids), max(ids) + 1)
        above = portions[-1] if portions else ()
        if len(stretch) > len(ids):
            portions.append(ids)
        elif isinstance(above, range) and above.start == stretch.stop:
            portions[-1] = range(stretch.start, above.stop)
        else:
            portions.append(stretch)

    def refuse_referrers(self) -> None:
        """Raise ConflictError where one stays linked to a record that went, and did not come back by its number."""
        for entity, ids in self._gone():
            found = find_referrer(self._con, entity, ids)
            if found:
                record_id, source, source_id = found
                gone, other = ENTITIES[entity], ENTITIES[source]
                name = other.ref(source_id) if other.letter else other.noun
                raise ConflictError(
                    f"{gone.noun} {gone.ref(record_id)} cannot go:"
                    f" {name} {title_of(self._con, source, source_id)} belongs to it",
                    hint=f"crm history {name}",
                    code="undo.referenced",
                )

    def _gone(self) -> Iterator[tuple[str, Sequence[int]]]:
        for entity, portions in self._portions.items():
            for ids in portions:
                where, numbers = among("id", ids)
                rows = self._con.execute(f"SELECT id FROM {ENTITIES[entity].table} WHERE {where}", numbers)
                again = {record_id for (record_id,) in rows}
                yield entity, [one for one in ids if one not in again] if again else ids
