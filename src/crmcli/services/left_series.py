"""Series of tasks that stand still: their last occurrence was closed from outside, as by an import, and none is open.

Closing a task opens the next occurrence in the same step; this is for what came another way.
"""

from contextlib import closing

from crmcli.services.invariants.task_series import create_next
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write
from crmcli.store.reader import open_reader

_LEFT = (
    "SELECT r.id FROM task r WHERE r.rrule IS NOT NULL AND r.series_uid IS NOT NULL AND r.deleted_at IS NULL"
    " AND r.status IN ('done', 'cancelled') AND NOT EXISTS (SELECT 1 FROM task t WHERE t.series_uid = r.series_uid"
    " AND t.occurrence_key > r.occurrence_key) ORDER BY r.id"
)


def go_on(context: Context) -> Result | None:
    """Open the next occurrence of each series that stands still; None where there is none."""
    with closing(open_reader(context.store, context.settings.timezone)) as con:
        if con.execute(f"{_LEFT} LIMIT 1").fetchone() is None:
            return None

    def work(writer: Writer) -> None:
        for row in writer.all(_LEFT):
            closed = writer.image("task", row["id"])
            writer.update("task", row["id"], {"rrule": None})
            create_next(closed, writer)

    return write(context, work)
