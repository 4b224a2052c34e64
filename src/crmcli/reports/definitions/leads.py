"""Key figures of leads."""

from crmcli.reports import flow_sets
from crmcli.reports.definitions.kpi import count, measured, ratio
from crmcli.reports.measures import LEAD_IN_TIME, LEAD_RESPONSE
from crmcli.reports.sets import LEADS_CONVERTED, LEADS_CREATED, LEADS_LOST
from crmcli.reports.terms import Term

FIGURES = (
    count("leads_created", "Leads created", LEADS_CREATED, "Leads by their creation.", "Leads"),
    count("leads_converted", "Leads converted", LEADS_CONVERTED, "Leads by their conversion.", "Leads"),
    ratio(
        "lead_conversion_rate", "Lead conversion rate", Term(LEADS_CONVERTED), Term(LEADS_LOST),
        "Converted / (converted + lost), by the date of the outcome.", "Leads", "no lead converted or lost",
    ),
    measured(
        "median", "lead_response_hours_median", "Lead response, median",
        Term(flow_sets.LEADS_ANSWERED, LEAD_RESPONSE),
        "Median business time from the creation of a lead to the first outgoing contact by a person, over the leads"
        " created in the period; those without an answer are left out and counted.", "Leads", "no lead with a response",
    ),
    measured(
        "mean", "lead_response_hours_mean", "Lead response, mean", Term(flow_sets.LEADS_ANSWERED, LEAD_RESPONSE),
        "Mean business time from the creation of a lead to the first outgoing contact by a person; those without an"
        " answer are left out and counted.", "Leads", "no lead with a response",
    ),
    measured(
        "mean", "lead_response_in_time", "Answered within the target", Term(flow_sets.LEADS_ANSWERED, LEAD_IN_TIME),
        "Leads created in the period that were answered within the target (24 business hours unless another is asked"
        " for) / those answered or waiting longer than that.", "Leads", "no lead answered, and none waits too long",
    ),
    count("leads_lost", "Leads lost", LEADS_LOST, "Leads by the day they were lost.", "Leads"),
    ratio(
        "lead_conversion_created", "Lead conversion of the cohort", Term(flow_sets.LEADS_SINCE_CONVERTED),
        Term(flow_sets.LEADS_NOT_CONVERTED),
        "Leads created in the period that are converted by now / all leads created in it, the open ones among them.",
        "Leads", "no leads created",
    ),
    count("leads_since_converted", "Converted since", flow_sets.LEADS_SINCE_CONVERTED,
          "Leads created in the period that are converted by now.", "Leads"),
    count("leads_still_open", "Leads still open", flow_sets.LEADS_STILL_OPEN,
          "Leads created in the period that are open still.", "Leads"),
    count("leads_hot", "Hot leads", flow_sets.LEADS_HOT, "Leads rated hot, by their creation.", "Leads"),
    count("leads_hot_open", "Open hot leads", flow_sets.LEADS_HOT_OPEN, "Open leads rated hot.", "Leads"),
    count("mqls", "Leads qualified by marketing", flow_sets.MQLS, "Leads by the day they first became mql.", "Leads"),
    count("mqls_taken_over", "Taken over by sales", flow_sets.MQL_ON,
          "Of these, the leads that sales took over within the days asked for.", "Leads"),
    ratio(
        "mql_to_sql", "MQL to SQL", Term(flow_sets.MQL_ON), Term(flow_sets.MQL_NOT_ON),
        "Leads qualified by marketing (mql) in the period that sales took over (sql or further) within 90 days, or as"
        " many as are asked for / leads qualified by marketing in it. Who came to sales directly is in neither.",
        "Leads", "no lead became mql",
    ),
)  # fmt: skip
