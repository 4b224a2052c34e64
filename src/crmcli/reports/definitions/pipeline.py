"""Figures of the open deals that only the report on them shows."""

from crmcli.reports.definitions.kpi import count, measured
from crmcli.reports.measures import AMOUNT
from crmcli.reports.sets import DEALS_EXPECTED, DEALS_OVERDUE, DEALS_UNDATED
from crmcli.reports.terms import Term

FIGURES = (
    count("deals_expected", "Deals expected", DEALS_EXPECTED, "Open deals expected to close in the period."),
    count("deals_overdue", "Deals overdue", DEALS_OVERDUE, "Open deals whose expected close has passed."),
    measured(
        "sum", "overdue_amount", "Amount overdue", Term(DEALS_OVERDUE, AMOUNT),
        "Sum of the amounts of the open deals whose expected close has passed, whatever the period.",
    ),
    count("deals_undated", "Deals without a date", DEALS_UNDATED, "Open deals without an expected close."),
    measured(
        "sum", "undated_amount", "Amount without a date", Term(DEALS_UNDATED, AMOUNT),
        "Sum of the amounts of the open deals without an expected close.",
    ),
)  # fmt: skip
