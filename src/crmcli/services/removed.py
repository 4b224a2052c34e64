"""Records that one reversal takes out, held so that a hundred thousand in a row take no more room than one."""

from collections.abc import Iterator, Sequence

from crmcli.catalogue import ENTITIES
from crmcli.domain.schema import Entity
from crmcli.errors import ConflictError
from crmcli.queries.gone import ref_ever
from crmcli.queries.references import title_of
from crmcli.services import exact
from crmcli.services.referrers import find_referrer
from crmcli.services.writer import Writer
from crmcli.store.among import among


class Removed:
    """The numbers of the records that were taken out, in portions by kind: a range where they are in a row."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._portions: dict[str, list[Sequence[int]]] = {}
        self._indexed: dict[str, list[Sequence[int]]] = {}  # those still to be taken out of the full-text index

    def take(self, kind: Entity, records: exact.Stored, cause: str) -> None:
        """Take records out."""
        exact.remove(self._writer, kind, records, cause)
        for portions in (self._portions, self._indexed):
            _add(portions.setdefault(kind.name, []), records.columns["id"])

    def unindex(self) -> None:
        """Let what was taken out be found no more, before something may come back by the number of what went."""
        self._writer.unit.unindex_gone(self._indexed)
        self._indexed.clear()

    def refuse_referrers(self) -> None:
        """Raise ConflictError where a record stays that belongs to one that went and did not come back."""
        con = self._writer.unit.raw
        for entity, ids in self._gone():
            found = find_referrer(con, entity, ids)
            if found:
                record_id, source, source_id = found
                gone, other = ENTITIES[entity], ENTITIES[source]
                name = other.ref(source_id) if other.letter else other.noun
                raise ConflictError(
                    f"{gone.noun} {ref_ever(con, gone, record_id)} cannot go:"
                    f" {name} {title_of(con, source, source_id)} belongs to it",
                    hint=f"crm history {name}",
                    code="undo.referenced",
                )

    def _gone(self) -> Iterator[tuple[str, Sequence[int]]]:
        for entity, portions in self._portions.items():
            for ids in portions:
                where, numbers = among("id", ids)
                rows = self._writer.unit.raw.execute(f"SELECT id FROM {ENTITIES[entity].table} WHERE {where}", numbers)
                again = {record_id for (record_id,) in rows}
                yield entity, [one for one in ids if one not in again] if again else ids


def _add(portions: list[Sequence[int]], ids: Sequence[int]) -> None:
    """Add a portion; it makes one stretch with the numbers just above, since a reversal goes downwards."""
    if not ids:
        return
    stretch = range(min(ids), max(ids) + 1)
    above = portions[-1] if portions else ()
    if len(stretch) > len(ids):
        portions.append(ids)
    elif isinstance(above, range) and above.start == stretch.stop:
        portions[-1] = range(stretch.start, above.stop)
    else:
        portions.append(stretch)
