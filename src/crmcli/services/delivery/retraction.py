"""What becomes of the outbox when a write is taken back, or done again: what waits is called off, the rest is told."""

from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.domain.zones import wall_shown

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_ROOT = (  # the operation at the bottom of undo, redo, ..., and how many of these there were
    "WITH RECURSIVE back (id, steps) AS (SELECT ?, 0 UNION ALL"
    " SELECT o.undo_of_id, back.steps + 1 FROM back JOIN operation o ON o.id = back.id WHERE o.undo_of_id IS NOT NULL)"
    " SELECT id, steps FROM back ORDER BY steps DESC LIMIT 1"
)
_MOVE = "UPDATE outbox SET status = ? WHERE operation_id = ? AND status = ?"
_GONE = (
    "SELECT kind, rule_id, entity, record_id, done_at FROM outbox"
    " WHERE operation_id = ? AND status IN ('done', 'sending') AND kind NOT IN ('notify', 'digest') ORDER BY id"
)


def retract(writer: "Writer", operation_id: int) -> None:
    """Call off what an operation that is taken back left in the outbox, and warn of what went out already.

    Where the operation is an undo itself, what it called off waits again.
    """
    root = writer.one(_ROOT, operation_id)
    if root is None:
        return
    if root["steps"] % 2:
        writer.unit.execute(_MOVE, [("pending", root["id"], "cancelled")])
        return
    writer.unit.execute(_MOVE, [("cancelled", root["id"], "pending")])
    for row in writer.all(_GONE, root["id"]):
        ref = ENTITIES[row["entity"]].ref(row["record_id"])
        when = f"went out at {wall_shown(row['done_at'], writer.zone)}" if row["done_at"] else "is on its way"
        writer.warn(f"{row['kind']} of rule {row['rule_id']} on {ref} {when} and cannot be taken back")
