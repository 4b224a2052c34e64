"""What becomes of the outbox when a write is taken back, or done again: what waits is called off, the rest is told."""

from typing import TYPE_CHECKING

from crmcli.catalogue import ENTITIES
from crmcli.domain.zones import wall_shown
from crmcli.services.automation.taken_back import root_of

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_MOVE = "UPDATE outbox SET status = ? WHERE operation_id = ? AND status = ?"
_GONE = (
    "SELECT kind, rule_id, entity, record_id, done_at FROM outbox"
    " WHERE operation_id = ? AND status IN ('done', 'sending') AND kind NOT IN ('notify', 'digest') ORDER BY id"
)


def retract(writer: "Writer", operation_id: int) -> None:
    """Call off what an operation that is taken back left in the outbox, and warn of what went out already.

    Where the operation is an undo itself, what it called off waits again.
    """
    root, is_undone = root_of(writer, operation_id)
    if not is_undone:
        writer.unit.execute(_MOVE, [("pending", root, "cancelled")])
        return
    writer.unit.execute(_MOVE, [("cancelled", root, "pending")])
    for row in writer.all(_GONE, root):
        ref = ENTITIES[row["entity"]].ref(row["record_id"])
        when = f"went out at {wall_shown(row['done_at'], writer.zone)}" if row["done_at"] else "is on its way"
        writer.warn(f"{row['kind']} of rule {row['rule_id']} on {ref} {when} and cannot be taken back")
