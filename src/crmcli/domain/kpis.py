"""The names of the main key figures, in the order of ``crm report kpi``: what rules may look at, what has targets.

How each is reckoned stands in ``reports.registry``.
"""

MAIN = (
    "leads_created", "leads_converted", "lead_conversion_rate", "lead_response_hours_median",
    "deals_created", "deals_open", "deals_won", "deals_lost", "won_amount", "lost_amount", "win_rate",
    "win_rate_amount", "average_deal", "median_deal", "cycle_days_mean", "cycle_days_median", "pipeline_amount",
    "weighted_amount", "sales_velocity",
    "tasks_due", "tasks_overdue", "activities",
    "tickets_opened", "tickets_closed", "tickets_open", "ticket_first_response_hours_median",
    "ticket_resolution_hours_median",
)  # fmt: skip
TARGETED = (  # what adds up over people and months
    "won_amount", "deals_won", "deals_created", "leads_created", "leads_converted", "activities", "tickets_closed",
)  # fmt: skip
MONEY = frozenset({"won_amount"})  # of these
