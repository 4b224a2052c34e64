"""Key figures of leads."""

from crmcli.reports.definitions.kpi import count, measured, ratio
from crmcli.reports.frame import Term
from crmcli.reports.measures import LEAD_RESPONSE
from crmcli.reports.sets import LEADS_CONVERTED, LEADS_CREATED, LEADS_LOST

FIGURES = (
    count("leads_created", "Leads created", LEADS_CREATED, "Leads by their creation.", "Leads"),
    count("leads_converted", "Leads converted", LEADS_CONVERTED, "Leads by their conversion.", "Leads"),
    ratio(
        "lead_conversion_rate", "Lead conversion rate", Term(LEADS_CONVERTED), Term(LEADS_LOST),
        "Converted / (converted + lost), by the date of the outcome.", "Leads", "no lead converted or lost",
    ),
    measured(
        "median", "lead_response_hours_median", "Lead response, median",
        Term(LEADS_CREATED, LEAD_RESPONSE),
        "Median business time from the creation of a lead to the first outgoing contact by a person, over the leads"
        " created in the period; those without an answer are left out and counted.", "Leads", "no lead with a response",
    ),
)  # fmt: skip
