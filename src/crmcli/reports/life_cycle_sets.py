"""Sets of customers by the phase of their relationship, which the log of states knows for every moment."""

from crmcli.catalogue import ENTITIES
from crmcli.reports.acts import KINDS
from crmcli.reports.sets import RecordSet

PHASE = ENTITIES["organization"].fields["lifecycle_phase"]
_START, _END = "COALESCE(:from_utc, '')", "MIN(COALESCE(:to_utc, '~'), COALESCE(:until, '~'))"
_AT = (
    "(SELECT w.to_value FROM state_log w WHERE w.entity = '{entity}' AND w.record_id = {record}"
    " AND w.field = 'lifecycle_phase' AND w.entered_at < {at} AND COALESCE(w.left_at, '~') >= {at}"
    " ORDER BY w.id DESC LIMIT 1)"
)


def phase_before(entity: str) -> str:
    """Return the expression for the phase of a record, alias ``r``, as the period began; NULL for none."""
    return _AT.format(entity=entity, record="r.id", at=_START)


def phase_after(entity: str, record: str = "r.id") -> str:
    """Return the expression for the phase of a record as the period ended, or now while it goes on; NULL for none."""
    return _AT.format(entity=entity, record=record, at=_END)


def _customers(entity: str) -> RecordSet:
    return RecordSet(entity, f"{ENTITIES[entity].plural} in a phase", f"{phase_after(entity)} IS NOT NULL")


def _moved(entity: str) -> RecordSet:
    changed = f"{phase_after(entity)} IS NOT {phase_before(entity)}"
    return RecordSet(entity, f"{ENTITIES[entity].plural} that moved", changed)


IN_A_PHASE = {entity: _customers(entity) for entity in KINDS}
MOVED = {entity: _moved(entity) for entity in KINDS}
OF_CUSTOMER = (  # the phase of the customer of a deal, alias r, as the period ended
    f"CASE WHEN r.organization_id IS NOT NULL THEN {phase_after('organization', 'r.organization_id')}"
    f" ELSE {phase_after('contact', 'r.contact_id')} END"
)
