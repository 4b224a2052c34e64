"""Named sets of what moves through the pipeline: leads followed on, stages passed, deals put off, calls that connected.

See ``sets`` for how they are written.
"""

from crmcli.domain.closed_lists import ENUMS
from crmcli.reports import passages
from crmcli.reports.sets import DEALS_CREATED, LEADS_CREATED, RecordSet

_DEALS_OF_LEADS = (
    "r.id IN (SELECT d.lead_id FROM {{rows:deal}} d WHERE d.lead_id IS NOT NULL AND d.deleted_at IS NULL{})"
)
_OPEN_LEAD = f"r.status IN ({', '.join(repr(one.key) for one in ENUMS['lead_status'] if one.kind == 'open')})"

LEADS_WITH_DEAL = RecordSet("lead", "leads created that have a deal", _DEALS_OF_LEADS.format(""), LEADS_CREATED.event)
LEADS_WITH_WON = RecordSet(
    "lead", "leads created with a deal that was won", _DEALS_OF_LEADS.format(" AND d.outcome = 'won'"),
    LEADS_CREATED.event,
)  # fmt: skip
LEADS_SINCE_CONVERTED = RecordSet(
    "lead", "leads created and converted since", "r.status = 'converted'", LEADS_CREATED.event
)
LEADS_NOT_CONVERTED = RecordSet(
    "lead", "leads created and not converted", "r.status <> 'converted'", LEADS_CREATED.event
)
LEADS_STILL_OPEN = RecordSet("lead", "leads created that are still open", _OPEN_LEAD, LEADS_CREATED.event)
LEADS_HOT = RecordSet("lead", "hot leads", "r.rating = 'hot'", LEADS_CREATED.event)
LEADS_HOT_OPEN = RecordSet("lead", "open hot leads", f"r.rating = 'hot' AND {_OPEN_LEAD}", LEADS_CREATED.event)

LEADS_ANSWERED = LEADS_CREATED._replace(source=passages.answers, fields=("first_responded_at",))

_LOG = ("state_log",)
_IN_TIME = "COALESCE(julianday(r.taken_at) - julianday(r.mql_at) <= :within, 0)"
MQLS = RecordSet("lead", "leads that marketing qualified", event="r.mql_at", source=passages.handovers, reads=_LOG)
MQL_ON = MQLS._replace(noun="leads that sales took over in time", condition=_IN_TIME)
MQL_NOT_ON = MQLS._replace(noun="leads that sales did not take over in time", condition=f"NOT {_IN_TIME}")

DEALS_SINCE_WON = RecordSet("deal", "deals created and won since", "r.outcome = 'won'", DEALS_CREATED.event)
DEALS_SINCE_LOST = RecordSet("deal", "deals created and lost since", "r.outcome = 'lost'", DEALS_CREATED.event)
DEALS_STILL_OPEN = RecordSet("deal", "deals created that are still open", "r.outcome = 'open'", DEALS_CREATED.event)
DEALS_NOT_WON = RecordSet("deal", "deals created and not won", "r.outcome <> 'won'", DEALS_CREATED.event)

_IN_STAGE = "r.name || ', ' || (SELECT s.name FROM stage s WHERE s.id = r.passed_stage_id)"
STAGES_PASSED = RecordSet(
    "deal",
    "deals that went further than the stage",
    "r.reached = 1",
    source=passages.entries,
    title=_IN_STAGE,
    reads=_LOG,
    is_narrow=True,
)
STAGES_NOT_PASSED = STAGES_PASSED._replace(
    noun="deals that did not go further than the stage", condition="r.reached = 0"
)
STAGES_PENDING = STAGES_PASSED._replace(
    noun="open deals that have not gone further yet", condition="r.reached = 0 AND r.outcome = 'open'"
)
STAYS = RecordSet(
    "deal",
    "stays in a stage that ended",
    "r.left_at IS NOT NULL",
    "r.left_at",
    source=passages.stays,
    title=_IN_STAGE,
    reads=_LOG,
    is_narrow=True,
)
STAYS_OPEN = STAYS._replace(
    noun="stays in a stage that go on", condition="r.left_at IS NULL AND r.outcome = 'open'", event="", at_end=True
)

_IN_PERIOD = (
    "(:to_utc IS NULL OR r.created_at < :to_utc) AND (:from_utc IS NULL OR COALESCE(r.closed_at, '9') >= :from_utc)"
)
_PUT_OFF = (
    "EXISTS (SELECT 1 FROM change ch WHERE ch.entity = 'deal' AND ch.record_id = r.id"
    " AND json_extract(ch.before, '$.expected_close') < :to_day"
    " AND json_extract(ch.before, '$.expected_close') >= COALESCE(:from_day, ''))"
)
DEALS_PUSHED = RecordSet("deal", "deals put off to a later month", f"r.push_count >= 1 AND {_IN_PERIOD}")
DEALS_PUSHED_OUT = RecordSet(
    "deal", "deals put off beyond the period", f"r.push_count >= 1 AND r.expected_close >= :to_day AND {_PUT_OFF}"
)

_ROTTING = (
    "COALESCE((SELECT s.rotting_days FROM stage s WHERE s.id = r.stage_id),"
    " (SELECT p.rotting_days FROM pipeline p WHERE p.id = r.pipeline_id))"
)
_SINCE = "MAX(COALESCE(r.stage_entered_at, r.created_at), COALESCE({last_activity_at}, ''))"
IDLE_DAYS = f"(crm_day(crm_now()) - crm_day({_SINCE}))"
IDLE_LIMIT = _ROTTING
DEALS_STALE = RecordSet(  # the first test spares most deals the look for interactions
    "deal", "open deals that stand still too long",
    "r.outcome = 'open' AND crm_day(crm_now()) - crm_day(COALESCE(r.stage_entered_at, r.created_at)) > "
    f"{_ROTTING} AND {IDLE_DAYS} > {_ROTTING}", "r.expected_close", by_day=True,
)  # fmt: skip
DEALS_UNLIMITED = RecordSet(
    "deal", "open deals whose stage sets no limit", f"r.outcome = 'open' AND {_ROTTING} IS NULL"
)

_CALL = "r.kind = 'call' AND r.direction = 'out' AND r.outcome"
CALLS_CONNECTED = RecordSet("interaction", "calls that connected", f"{_CALL} = 'connected'", "r.occurred_at")
CALLS_FAILED = RecordSet("interaction", "calls that did not", f"{_CALL} <> 'connected'", "r.occurred_at")
CALLS = RecordSet("interaction", "outgoing calls with an outcome", f"{_CALL} IS NOT NULL", "r.occurred_at")

_DUE = "{next_contact_on} <= :today"
_REACHABLE = " AND NOT (r.do_not_call = 1 AND r.do_not_email = 1)"
DUE_CONTACT = {
    "contact": RecordSet("contact", "contacts due", _DUE + _REACHABLE),
    "organization": RecordSet("organization", "organizations due", _DUE),
    "lead": RecordSet("lead", "leads due", _DUE + _REACHABLE),
}
