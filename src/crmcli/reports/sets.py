"""Named sets of records, of which every figure is made: which records, and by which of their dates a period picks them.

Conditions are SQL over the record's row, alias ``r``; ``{key}`` stands for a field of the catalogue and ``:today`` for
the local day. Deleted records, and with them the losers of a merge, are in no set.
"""

from typing import NamedTuple

from crmcli.domain.enums import ENUMS


class RecordSet(NamedTuple):
    """Records of one entity. ``noun`` names them in the plural, ``condition`` and ``event`` are SQL.

    ``event`` is the instant (or day) that must lie in the period; a set without one does not depend on the period, or
    with ``at_end`` shows its records as they were when the period ended.
    """

    entity: str
    noun: str
    condition: str = "TRUE"
    event: str = ""
    by_day: bool = False
    at_end: bool = False


_LOST = ", ".join(repr(choice.key) for choice in ENUMS["lead_status"] if choice.kind == "lost")

LEADS_CREATED = RecordSet("lead", "leads created", event="r.created_at")
LEADS_CONVERTED = RecordSet("lead", "leads converted", "r.status = 'converted'", "r.converted_at")
LEADS_LOST = RecordSet("lead", "leads lost", f"r.status IN ({_LOST})", "r.lost_at")

DEALS_CREATED = RecordSet("deal", "deals created", event="r.created_at")
DEALS_OPEN = RecordSet("deal", "open deals", "r.outcome = 'open'", at_end=True)
DEALS_WON = RecordSet("deal", "deals won", "r.outcome = 'won'", "r.closed_at")
DEALS_LOST = RecordSet("deal", "deals lost", "r.outcome = 'lost'", "r.closed_at")
DEALS_EXPECTED = RecordSet(
    "deal", "open deals expected to close", "r.outcome = 'open'", "r.expected_close", by_day=True
)
DEALS_OVERDUE = RecordSet("deal", "overdue open deals", "r.outcome = 'open' AND r.expected_close < :today")
DEALS_UNDATED = RecordSet("deal", "open deals without a date", "r.outcome = 'open' AND r.expected_close IS NULL")

TASKS_DUE = RecordSet("task", "open tasks due", "{is_open} = 1", "r.due_at")
TASKS_OVERDUE = RecordSet("task", "overdue tasks", "{is_overdue} = 1")
INTERACTIONS = RecordSet("interaction", "interactions", event="r.occurred_at")

TICKETS_OPENED = RecordSet("ticket", "tickets opened", event="r.opened_at")
TICKETS_CLOSED = RecordSet("ticket", "tickets closed", "{is_open} = 0", "r.resolved_at")
TICKETS_OPEN = RecordSet("ticket", "open tickets", "{is_open} = 1", at_end=True)
