"""Gives what failed or was blocked another chance: back into the outbox, with all its attempts."""

from collections.abc import Sequence
from json import dumps

from crmcli.domain.plurals import counted
from crmcli.errors import NotFoundError, RefusedError
from crmcli.services.delivery.deliver import BUDGET_S, Delivered, deliver_due
from crmcli.services.results import Context, manner_of
from crmcli.store.reader import fetch
from crmcli.store.unit_of_work import UnitOfWork

_KNOWN = "SELECT id FROM rule_run WHERE id IN (SELECT value FROM json_each(?))"
_STUCK = (
    "SELECT id FROM outbox WHERE run_id IN (SELECT value FROM json_each(?)) AND status IN ('failed', 'blocked')"
    " ORDER BY id"
)
_AGAIN = (
    "UPDATE outbox SET status = 'pending', attempts = 0, not_before = NULL, last_error = NULL"
    " WHERE id IN (SELECT value FROM json_each(?))"
)


def retry(context: Context, runs: Sequence[int]) -> tuple[int, Delivered]:
    """Put what runs of rules could not send back into the outbox and deliver it; return how many rows there were.

    NotFoundError names a run that there is not, RefusedError tells when nothing of the runs has failed. A dry run only
    counts.
    """
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        known = {row["id"] for row in fetch(unit.raw, _KNOWN, (dumps(list(runs)),))}
        for run in runs:
            if run not in known:
                raise NotFoundError("run", str(run), hint="crm rule runs --failed")
        ids = [row["id"] for row in fetch(unit.raw, _STUCK, (dumps(list(runs)),))]
        if not ids:
            told = f"nothing of {counted(len(set(runs)), 'run')} failed to be sent"
            raise RefusedError(told, hint="crm rule runs --failed", code="outbox.nothing_failed")
        if context.command.dry_run:
            return len(ids), Delivered({})
        unit.execute(_AGAIN, [(dumps(ids),)])
        unit.commit()
    return len(ids), deliver_due(context, ids, None if context.command.wait else BUDGET_S)
