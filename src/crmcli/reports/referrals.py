"""Who was referred by whom, and what came of it, as sets of records.

A referral is a lead, or a contact that was none, with ``referred_by``. It is successful when a won deal came from that
lead or was made with that person.
"""

from crmcli.reports.sets import RecordSet

_WON = "SELECT 1 FROM deal d WHERE d.outcome = 'won' AND d.deleted_at IS NULL"
_FROM_LEAD = f"EXISTS ({_WON} AND d.lead_id = r.id) OR EXISTS ({_WON} AND d.contact_id = r.converted_contact_id)"
_WITH_PERSON = f"EXISTS ({_WON} AND d.contact_id = r.id)"
_WAS_LEAD = (
    "EXISTS (SELECT 1 FROM lead l WHERE l.converted_contact_id = r.id AND l.referred_by_id IS NOT NULL"
    " AND l.deleted_at IS NULL)"
)
_HAS = "r.referred_by_id IS NOT NULL"

REFERRED = {
    "lead": RecordSet("lead", "leads referred", _HAS, "r.created_at"),
    "contact": RecordSet("contact", "contacts referred", f"{_HAS} AND NOT {_WAS_LEAD}", "r.created_at"),
}
SUCCESSFUL = {
    entity: records._replace(noun=f"{records.noun} who bought", condition=f"{records.condition} AND ({bought})")
    for (entity, records), bought in zip(REFERRED.items(), (_FROM_LEAD, _WITH_PERSON), strict=True)
}
REFERRER = (  # of a deal, alias r: the contact who brought the lead, or the person
    "COALESCE((SELECT l.referred_by_id FROM lead l WHERE l.id = r.lead_id AND l.deleted_at IS NULL),"
    " (SELECT l.referred_by_id FROM lead l WHERE l.converted_contact_id = r.contact_id"
    " AND l.referred_by_id IS NOT NULL AND l.deleted_at IS NULL LIMIT 1),"
    " (SELECT c.referred_by_id FROM contact c WHERE c.id = r.contact_id AND c.deleted_at IS NULL))"
)
REFERRED_DEALS = RecordSet(
    "deal", "deals with somebody referred", f"r.outcome = 'won' AND {REFERRER} IS NOT NULL", "r.closed_at"
)
_BROUGHT = " UNION ".join(
    f"SELECT r.referred_by_id FROM {entity} r WHERE r.deleted_at IS NULL AND {records.condition}"
    for entity, records in SUCCESSFUL.items()
)
AMBASSADORS = RecordSet("contact", "ambassadors", f"r.id IN ({_BROUGHT})")
