"""Key figures of the relationship with customers: its phases, and whom they bring."""

from crmcli.reports.acts import KINDS
from crmcli.reports.definitions.kpi import Kpi, count, measured
from crmcli.reports.life_cycle_sets import IN_A_PHASE, MOVED
from crmcli.reports.measures import AMOUNT
from crmcli.reports.referrals import AMBASSADORS, REFERRED, REFERRED_DEALS, SUCCESSFUL
from crmcli.reports.sets import RecordSet
from crmcli.reports.terms import Term

_AREA = "Relationship"


def _total(key: str, label: str, sets: tuple[RecordSet, ...], definition: str) -> Kpi:
    """Define how many records several sets of different kinds have together."""
    terms = tuple(map(Term, sets))
    return Kpi(key, label, "n", "total", terms[0], definition, _AREA, among=terms)


FIGURES = (
    _total(
        "lifecycle_customers", "Customers in a phase", tuple(IN_A_PHASE[entity] for entity in KINDS),
        "Organizations and contacts in a phase of the life cycle at the end of the period; now if it goes on.",
    ),
    _total(
        "lifecycle_moves", "Customers that moved", tuple(MOVED[entity] for entity in KINDS),
        "Organizations and contacts that were in another phase at the end of the period than at its beginning.",
    ),
    _total(
        "referrals", "Referrals", tuple(REFERRED.values()),
        "Leads and contacts, by their creation, that somebody referred; a contact that was a lead counts once.",
    ),
    _total(
        "successful_referrals", "Successful referrals", tuple(SUCCESSFUL.values()),
        "Those of them who have bought: a won deal came from the lead, or was made with the person.",
    ),
    measured(
        "sum", "referred_revenue", "Referred revenue", Term(REFERRED_DEALS, AMOUNT),
        "Sum of the amounts of the deals won in the period that came from somebody referred.", _AREA,
    ),
    count(
        "ambassadors", "Ambassadors", AMBASSADORS,
        "Contacts with a successful referral, whenever that was.", _AREA,
    ),
)  # fmt: skip
