"""Taking a conversion back, long after it was done: the undo of its operation, once nothing stands in its way."""

from collections.abc import Iterator
from contextlib import closing

from crmcli.catalogue import ENTITIES
from crmcli.errors import ConflictError, Problem, RefusedError
from crmcli.queries.history import undo_stack
from crmcli.services.results import Context, Result
from crmcli.services.undo import reverse
from crmcli.services.writer import Writer, write
from crmcli.store.reader import fetch_one, open_reader

_CONVERSION = (
    "SELECT o.id, o.kind FROM change c JOIN operation o ON o.id = c.operation_id"
    " WHERE c.entity = 'lead' AND c.record_id = ? AND json_extract(c.after, '$.status') = 'converted'"
    " AND o.kind NOT IN ('undo', 'redo') ORDER BY o.id DESC LIMIT 1"
)
_BY_OTHERS = (
    "SELECT COALESCE(u.handle, o.actor_kind) AS who, o.at FROM change c JOIN operation o ON o.id = c.operation_id"
    " LEFT JOIN app_user u ON u.id = o.actor_id WHERE c.entity = ? AND c.record_id = ? AND o.id > ?"
    " AND o.actor_id IS NOT ? ORDER BY o.id DESC LIMIT 1"
)


def unconvert(context: Context, lead_id: int) -> Result:
    """Remove what a conversion created, and give links, filled fields and the lead back what they were.

    RefusedError names the obstacles: later edits of the created records by others, a closed deal, records that belong
    to what would go. Records that were there before stay, and so does what was changed on them since.
    """
    ref = ENTITIES["lead"].ref(lead_id)
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        found = fetch_one(con, _CONVERSION, [lead_id])
    operation_id = found["id"] if found else None

    def work(writer: Writer) -> None:
        if writer.image("lead", lead_id)["status"] != "converted" or operation_id is None:
            raise RefusedError(f"{ref} is not converted", hint=f"crm lead convert {ref}", code="lead.not_converted")
        if found and found["kind"] != "convert":
            told = f"{ref} was converted in the course of another change"
            raise RefusedError(told, hint=_way_back(writer, operation_id), code="lead.unconvert")
        obstacles = [Problem("", text) for text in _obstacles(writer, operation_id)]
        if obstacles:
            raise RefusedError(f"the conversion of {ref} cannot be taken back", obstacles, code="lead.unconvert")
        reverse(writer, operation_id)

    try:
        return write(context, work)
    except ConflictError as error:
        problem = Problem("", error.message)
        raise RefusedError(
            f"the conversion of {ref} cannot be taken back", [problem], hint=error.hint, code="lead.unconvert"
        ) from None


def _way_back(writer: Writer, operation_id: int) -> str | None:
    """Return how many commands are to be taken back so that an operation is among them."""
    for count, step in enumerate(undo_stack(writer.unit.raw), start=1):
        if operation_id in step["ids"]:
            return f"crm undo {count} takes that change back with everything that followed"
    return None


def _obstacles(writer: Writer, operation_id: int) -> Iterator[str]:
    sql = "SELECT entity, record_id FROM change WHERE operation_id = ? AND action = 'create' ORDER BY seq"
    for entity, record_id in [(row["entity"], row["record_id"]) for row in writer.all(sql, operation_id)]:
        ref = ENTITIES[entity].ref(record_id)
        found = writer.one(_BY_OTHERS, entity, record_id, operation_id, writer.me)
        if found:
            yield f"{ref} was changed by {found['who']} at {found['at']}"
        if entity == "deal" and (outcome := writer.image(entity, record_id)["outcome"]) != "open":
            yield f"{ref} is {outcome}"
