"""What a task must satisfy, and what follows from its fields."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crmcli.domain.doubts import doubt_of
from crmcli.services.drafts import Draft
from crmcli.services.invariants.links import settle_links
from crmcli.services.invariants.moments import check_past
from crmcli.services.invariants.task_series import OVER, RECURS, open_next, settle_series

if TYPE_CHECKING:
    from crmcli.services.writer import Writer


def settle(draft: Draft, writer: "Writer") -> None:
    """Give the task to somebody, keep its completion in step with its status, and mind its days."""
    record = draft.record
    if draft.intent == "delete":
        return
    if draft.before is None and "assignee_id" not in draft.given and draft.intent != RECURS:
        record["assignee_id"] = writer.me
    settle_links(draft, writer)
    _settle_completion(draft, writer)
    check_past(draft, writer, "completed_at")
    settle_series(draft, writer)
    if record["start_on"] and record["due_wall"] and record["start_on"] > record["due_wall"][:10]:
        draft.refuse("start_on", f"{record['start_on']} is after the due day {record['due_wall'][:10]}")
    if draft.changed("due_wall") and record["due_wall"] and draft.intent not in ("import", RECURS):
        _warn_of_due(draft, writer)


def follow(drafts: Sequence[Draft], writer: "Writer") -> None:
    """Open the next occurrences of the recurring tasks that were closed."""
    for draft in drafts:
        open_next(draft, writer)


def _settle_completion(draft: Draft, writer: "Writer") -> None:
    record = draft.record
    completed = record["completed_at"] if "completed_at" in draft.given else None
    if completed and "status" not in draft.given:
        record["status"] = "done"
    if record["status"] == "done":
        record["completed_at"] = record["completed_at"] or writer.now
    elif completed:
        draft.refuse("completed_at", "only a task that is done has been completed")
    else:
        record["completed_at"] = None


def _warn_of_due(draft: Draft, writer: "Writer") -> None:
    """Tell the due time as it was understood where it is likely a slip."""
    record = draft.record
    doubt = doubt_of(record["due_wall"], record["due_at"], writer.now, writer.zone)
    if doubt and record["status"] not in OVER:
        writer.warn(f"due {doubt}")
