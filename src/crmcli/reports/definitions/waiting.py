"""Key figures that cannot be computed yet, and the tables they wait for: named, so that nobody looks for them in vain.

One that is computed, or told by a report of its own name, waits no longer and drops out by itself.
"""

from typing import NamedTuple


class Waiting(NamedTuple):
    """A figure without its data."""

    key: str
    label: str
    unit: str
    area: str
    tables: tuple[str, ...]


_ACTS = ("invoice", "invoice_line")
_CAMPAIGN = ("campaign", "campaign_member")
KNOWN = (
    Waiting("redemption", "Redemption", "ratio", "Adhesion", (*_CAMPAIGN, "touchpoint")),
    Waiting("retention", "Retention", "ratio", "Adhesion", ("invoice", "segment_snapshot")),
    Waiting("awareness", "Awareness", "ratio", "Adhesion", ("survey", "survey_answer")),
    Waiting("trial", "Trial", "ratio", "Purchase", ("invoice", "segment_snapshot")),
    Waiting("penetration", "Penetration", "ratio", "Purchase", ("invoice", "segment_snapshot")),
    Waiting("average_purchase", "Average purchase", "money", "Purchase", _ACTS),
    Waiting("frequency", "Frequency", "n", "Purchase", _ACTS),
    Waiting("csi", "Satisfaction index", "n", "Relationship", ("survey", "survey_answer")),
    Waiting("share_of_requirements", "Share of requirements", "ratio", "Relationship", ("category_purchase",)),
    Waiting("share_of_wallet", "Share of wallet", "ratio", "Relationship", ("category_purchase",)),
    Waiting("affinity", "Affinity index", "n", "Relationship", ("survey_answer", "referral")),
    Waiting("sales", "Sales", "money", "Economic", _ACTS),
    Waiting("cost_per_adhesion", "Cost per adhesion", "money", "Economic", _CAMPAIGN),
    Waiting("margin", "Margin", "money", "Economic", ("invoice_line",)),
    Waiting("roi", "Return on investment", "ratio", "Economic", ("campaign", "invoice", "cost_entry")),
    Waiting("cost_of_sales", "Cost of sales", "ratio", "Sales", ("cost_entry",)),
    Waiting("campaign", "Campaign results", "ratio", "Marketing", (*_CAMPAIGN, "campaign_log")),
    Waiting("cac", "Cost of a new customer", "money", "Marketing", ("campaign", "cost_entry", "invoice")),
    Waiting("referral_rate", "Referral rate", "ratio", "Marketing", ("referral",)),
    Waiting("segment", "Segments and their trend", "n", "Marketing", ("segment", "segment_snapshot")),
    Waiting("nps", "Net promoter score", "n", "Customers", ("survey", "survey_answer")),
    Waiting("csat", "Customer satisfaction", "ratio", "Customers", ("survey", "survey_answer")),
    Waiting("ambassadors", "Ambassadors", "n", "Customers", ("referral",)),
    Waiting("profitability", "Profitability", "money", "Customers", ("invoice_line", "time_entry", "cost_entry")),
    Waiting("sla", "Service levels met", "ratio", "Service", ("sla",)),
    Waiting("effort", "Effort", "h", "Service", ("time_entry",)),
    Waiting("interventions", "Interventions", "n", "Service", ("time_entry",)),
    Waiting("project_status", "State of projects", "ratio", "Operations", ("project", "milestone", "time_entry")),
    Waiting("invoices_quarter", "Invoices of a quarter", "money", "Economic", _ACTS),
)  # fmt: skip
