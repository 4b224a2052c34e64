"""Sets of tickets and of comments on them, beyond those that are opened, open and closed: what the log of states knows.

A ticket is resolved by its own date while it stays so, and by the log where it was reopened later; what was taken back
with ``crm undo`` never happened.
"""

from crmcli.reports.sets import RecordSet

REOPENED_WITHIN_DAYS = 7  # of its resolution, so that the first contact did not settle it
_STATES = "w.entity = 'ticket' AND w.field = 'status'"
_IS_DONE = "w.to_kind = 'done' AND COALESCE(w.from_kind, '') <> 'done'"
_NEXT = (
    "(SELECT n.cause FROM state_log n WHERE n.entity = 'ticket' AND n.record_id = w.record_id AND n.field = 'status'"
    " AND n.id > w.id ORDER BY n.id LIMIT 1)"
)
_EARLIER = (
    "(SELECT MAX(d.entered_at) FROM state_log d WHERE d.entity = 'ticket' AND d.record_id = w.record_id"
    " AND d.field = 'status' AND d.id < w.id AND d.to_kind = 'done' AND COALESCE(d.from_kind, '') <> 'done')"
)
REOPENINGS = (  # record_id, resolved_at, reopened_at
    f"SELECT w.record_id, {_EARLIER} AS resolved_at, w.entered_at AS reopened_at FROM state_log w WHERE {_STATES}"
    f" AND w.from_kind = 'done' AND w.to_kind <> 'done' AND w.cause <> 'undo' AND COALESCE({_NEXT}, '') <> 'undo'"
)
_IN_PERIOD = "{0} >= COALESCE(:from_utc, '') AND {0} < MIN(COALESCE(:to_utc, '~'), COALESCE(:until, '~'))"


def _within(instant: str) -> str:
    return _IN_PERIOD.format(instant)


def _reopened(instant: str) -> str:
    return f"r.id IN (SELECT x.record_id FROM ({REOPENINGS}) x WHERE {_within('x.' + instant)})"


_RESOLVED = f"({{is_open}} = 0 AND {_within('r.resolved_at')} OR {_reopened('resolved_at')})"
BY_AGENT = "c.author_id IS NOT NULL AND c.is_automatic = 0 AND c.deleted_at IS NULL"
PUBLIC_BY_AGENT = f"{BY_AGENT} AND c.visibility = 'public'"
_ANSWERS = (
    f"(SELECT COUNT(*) FROM ticket_comment c WHERE c.ticket_id = r.id AND {PUBLIC_BY_AGENT}"
    " AND c.occurred_at < COALESCE(:until, '~'))"
)
_RELAPSED = (
    f"SELECT x.record_id FROM ({REOPENINGS}) x WHERE julianday(x.reopened_at) - julianday(x.resolved_at)"
    f" <= {REOPENED_WITHIN_DAYS} AND x.reopened_at < COALESCE(:until, '~')"
)

TICKETS_RESOLVED = RecordSet("ticket", "tickets resolved", _RESOLVED)
TICKETS_REOPENED = RecordSet("ticket", "tickets reopened", _reopened("reopened_at"))
TICKETS_SETTLED_AT_ONCE = RecordSet(
    "ticket", "tickets settled at the first contact", f"{_RESOLVED} AND {_ANSWERS} = 1 AND r.id NOT IN ({_RELAPSED})"
)
TICKETS_JUST_RESOLVED = RecordSet(
    "ticket",
    "tickets resolved in the last days",
    f"{_RESOLVED} AND julianday(crm_now()) - julianday(r.resolved_at) < {REOPENED_WITHIN_DAYS}",
)
TICKETS_FIRST_RESOLVED = RecordSet(
    "ticket", "tickets first resolved", "r.first_resolved_at < COALESCE(:until, '~')", "r.first_resolved_at"
)
_NOW = "MIN(crm_now(), COALESCE(:until, '~'))"
TICKETS_TO_RESOLVE = RecordSet(  # that are resolved, or ought to be by now
    "ticket", "tickets resolved or overdue", f"({{is_open}} = 0 OR r.resolution_due < {_NOW})",
    "COALESCE(r.resolved_at, r.resolution_due)",
)  # fmt: skip
_ANSWERED = "COALESCE(r.first_response_at, r.resolved_at, r.first_response_due)"
TICKETS_TO_ANSWER = RecordSet(
    "ticket", "tickets answered, resolved or overdue for an answer", f"{_ANSWERED} < {_NOW}", _ANSWERED
)
_SCORED = "{is_open} = 0 AND r.csat_score"
TICKETS_SATISFIED = RecordSet("ticket", "tickets with a score of 4 or 5", f"{_SCORED} >= 4", "r.resolved_at")
TICKETS_UNSATISFIED = RecordSet("ticket", "tickets with a score below 4", f"{_SCORED} < 4", "r.resolved_at")
TICKETS_SCORED = RecordSet("ticket", "tickets with a score", f"{_SCORED} IS NOT NULL", "r.resolved_at")

INTERVENTIONS = RecordSet(
    "ticket_comment", "interventions", "r.author_id IS NOT NULL AND r.is_automatic = 0", "r.occurred_at"
)
