"""That records which look alike are different ones: remembered on one of the two, so that nobody is asked twice."""

from crmcli.catalogue import ENTITIES
from crmcli.errors import NotFoundError, UsageError
from crmcli.queries.duplicates import SCANNED
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def ignore(context: Context, entity: str, one: int, other: int) -> Result:
    """Remember that two records are not duplicates; nothing changes when that is known already."""
    _check(entity, one, other)

    def work(writer: Writer) -> None:
        if not _known(writer, entity, other, one):
            rows = writer.image(entity, one)["distinct_from"]
            link = _link(entity, other)
            writer.update(entity, one, {"distinct_from": rows if link in rows else [*rows, link]})

    return write(context, work)


def unignore(context: Context, entity: str, one: int, other: int) -> Result:
    """Forget that two records are not duplicates; NotFoundError when nobody said so."""
    _check(entity, one, other)

    def work(writer: Writer) -> None:
        kind = ENTITIES[entity]
        for here, there in ((one, other), (other, one)):
            if _known(writer, entity, here, there):
                rows = writer.image(entity, here)["distinct_from"]
                writer.update(entity, here, {"distinct_from": [row for row in rows if row != _link(entity, there)]})
                return
        raise NotFoundError("ignored pair", f"{kind.ref(one)} {kind.ref(other)}", hint="crm dedupe ignored")

    return write(context, work)


def _known(writer: Writer, entity: str, here: int, there: int) -> bool:
    return _link(entity, there) in writer.image(entity, here)["distinct_from"]


def _link(entity: str, record_id: int) -> dict[str, object]:
    return {"entity": entity, "record_id": record_id}


def _check(entity: str, one: int, other: int) -> None:
    kind = ENTITIES[entity]
    if entity not in SCANNED:
        raise UsageError(f"{kind.plural} are not searched for duplicates", code="dedupe.kind")
    if one == other:
        raise UsageError(f"{kind.ref(one)} is one record", hint="name two")
