"""Gives what failed or was blocked another chance: back into the outbox, with all its attempts."""

from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

from crmcli.domain.zones import wall_shown
from crmcli.errors import NotFoundError, RefusedError
from crmcli.queries.history import taken_back
from crmcli.services.delivery.deliver import BUDGET_S, Delivered, deliver_due
from crmcli.services.results import Context, manner_of
from crmcli.store.reader import fetch
from crmcli.store.unit_of_work import UnitOfWork

_KNOWN = "SELECT id FROM rule_run WHERE id IN (SELECT value FROM json_each(?))"
_OF_RUNS = (
    "SELECT id, status, not_before, operation_id FROM outbox WHERE run_id IN (SELECT value FROM json_each(?))"
    " ORDER BY id"
)
_AGAIN = (
    "UPDATE outbox SET status = 'pending', attempts = 0, not_before = NULL, last_error = NULL"
    " WHERE id IN (SELECT value FROM json_each(?))"
)


def retry(context: Context, runs: Sequence[int]) -> tuple[int, Delivered]:
    """Put what runs of rules could not send back into the outbox and deliver it; return how many rows there were.

    Nothing of a write that was taken back is sent. NotFoundError names a run that there is not, RefusedError tells when
    nothing of the runs has failed. A dry run only counts.
    """
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        known = {row["id"] for row in fetch(unit.raw, _KNOWN, (dumps(list(runs)),))}
        for run in runs:
            if run not in known:
                raise NotFoundError("run", str(run), hint="crm rule runs --failed")
        rows = list(fetch(unit.raw, _OF_RUNS, (dumps(list(runs)),)))
        gone = taken_back(unit.raw)
        standing = [row for row in rows if row["operation_id"] not in gone]
        ids = [row["id"] for row in standing if row["status"] in ("failed", "blocked")]
        if not ids:
            told = _reason(", ".join(map(str, dict.fromkeys(runs))), rows, standing, context.settings.timezone)
            raise RefusedError(told, hint="crm rule runs --failed", code="outbox.nothing_failed")
        if context.command.dry_run:
            return len(ids), Delivered({})
        unit.execute(_AGAIN, [(dumps(ids),)])
        unit.commit()
    return len(ids), deliver_due(context, ids, None if context.command.wait else BUDGET_S)


def _reason(runs: str, rows: Sequence[Mapping[str, Any]], standing: Sequence[Mapping[str, Any]], zone: str) -> str:
    """Return why nothing of some runs is to be sent again."""
    if rows and not standing:
        return f"the write of run {runs} was taken back, so nothing of it is sent"
    waiting = [row["not_before"] for row in standing if row["status"] == "pending"]
    if waiting:
        moments = [moment for moment in waiting if moment]
        after = f" tries again after {wall_shown(min(moments), zone)}" if moments else " sends it"
        return f"what run {runs} sends is not given up: crm tick{after}"
    return f"nothing of run {runs} failed to be sent"
