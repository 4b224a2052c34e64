"""What taking back a write means for the rules that ran in it: what may happen but once may happen again."""

from typing import TYPE_CHECKING

from crmcli.services.automation.keys import UNDONE

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_UNDONE = f"'{UNDONE}' || operation_id || ' '"
_IS_UNDONE = f"trigger_key LIKE '{UNDONE}%'"
_TAKE_BACK = (
    f"UPDATE rule_run SET trigger_key = {_UNDONE} || trigger_key"
    f" WHERE operation_id = ? AND trigger_key IS NOT NULL AND NOT {_IS_UNDONE}"
)
_DO_AGAIN = (
    f"UPDATE OR IGNORE rule_run SET trigger_key = SUBSTR(trigger_key, LENGTH({_UNDONE}) + 1)"
    f" WHERE operation_id = ? AND {_IS_UNDONE}"
)


def root_of(writer: "Writer", operation_id: int) -> tuple[int, bool]:
    """Return the operation at the bottom of undo, redo, ..., and whether taking back the given one undoes it."""
    is_undone = True
    while (found := writer.one("SELECT undo_of_id FROM operation WHERE id = ?", operation_id)) and found["undo_of_id"]:
        operation_id, is_undone = found["undo_of_id"], not is_undone
    return operation_id, is_undone


def free_keys(writer: "Writer", operation_id: int) -> None:
    """Free the keys of runs whose write is taken back, or hold them again where that is taken back in its turn."""
    root, is_undone = root_of(writer, operation_id)
    writer.unit.execute(_TAKE_BACK if is_undone else _DO_AGAIN, [(root,)])
