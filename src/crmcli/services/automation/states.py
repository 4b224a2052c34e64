"""Rules switched off and on again, by hand or because they ran too often. How that is read: ``queries.rule_states``."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.queries.rule_states import TRIPPED
from crmcli.services.results import Context, manner_of
from crmcli.store.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from crmcli.services.writer import Writer

_PUT = (
    "INSERT INTO rule_state (rule_id, state, at, reason) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (rule_id) DO UPDATE SET state = excluded.state, at = excluded.at, reason = excluded.reason"
)


def switch(context: Context, ids: Iterable[str], state: str) -> None:
    """Enable or disable rules; ``EVERY`` stands for all of them, and enabling it takes back only that."""
    with UnitOfWork(context.store, manner_of(context.settings), context.command.text) as unit:
        unit.execute(_PUT, [(rule_id, state, clock.now_text(), context.command.reason) for rule_id in ids])
        if not context.command.dry_run:
            unit.commit()


def trip(writer: "Writer", rule_id: str, reason: str) -> None:
    """Switch a rule off that ran too often, in the same commit as what it did."""
    writer.unit.execute(_PUT, [(rule_id, TRIPPED, clock.now_text(), reason)])
