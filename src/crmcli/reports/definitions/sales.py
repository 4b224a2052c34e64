"""Key figures of deals and their closing."""

from crmcli.reports.definitions.kpi import TRAILING_DAYS, Kpi, count, measured, ratio
from crmcli.reports.measures import AMOUNT, CYCLE, WEIGHTED
from crmcli.reports.sets import DEALS_CREATED, DEALS_EXPECTED, DEALS_LOST, DEALS_OPEN, DEALS_WON
from crmcli.reports.terms import Term

_WON = Term(DEALS_WON, AMOUNT)
_LOST = Term(DEALS_LOST, AMOUNT)
_CYCLE = Term(DEALS_WON, CYCLE)
_EXPECTED = Term(DEALS_EXPECTED, AMOUNT)
_VELOCITY = ("deals_open", "win_rate", "average_deal", "cycle_days_mean")

FIGURES = (
    count("deals_created", "Deals created", DEALS_CREATED, "Deals by their creation."),
    count("deals_open", "Deals open", DEALS_OPEN, "Deals open at the end of the period; now if it goes on."),
    count("deals_won", "Deals won", DEALS_WON, "Won deals by their last closing."),
    count("deals_lost", "Deals lost", DEALS_LOST, "Lost deals by their last closing."),
    measured("sum", "won_amount", "Amount won", _WON, "Sum of the amounts of the deals won."),
    measured(
        "sum", "lost_amount", "Amount lost", _LOST,
        "Sum of the amounts of the deals lost.",
    ),
    ratio(
        "win_rate", "Win rate", Term(DEALS_WON), Term(DEALS_LOST),
        "Won / (won + lost), both closed in the period; the last closing counts.", "Sales", "no closed deals",
    ),
    ratio(
        "win_rate_amount", "Win rate by amount", _WON, _LOST,
        "Amount won / (amount won + lost), both closed in the period.", "Sales", "no amount of closed deals",
    ),
    measured(
        "mean", "average_deal", "Average deal", _WON,
        "Amount won / deals won that have an amount; zero is an amount.",
    ),
    measured("median", "median_deal", "Median deal", _WON, "Median amount of the deals won that have one."),
    measured(
        "mean", "cycle_days_mean", "Sales cycle, mean", _CYCLE,
        "Mean of the whole local calendar days from the creation of a won deal to its closing; negative ones are left"
        " out and counted.",
    ),
    measured(
        "median", "cycle_days_median", "Sales cycle, median", _CYCLE,
        "Median of the whole local calendar days from the creation of a won deal to its closing.",
    ),
    measured(
        "sum", "pipeline_amount", "Pipeline", _EXPECTED,
        "Sum of the amounts of the open deals expected to close in the period; of all open deals without a period.",
    ),
    measured(
        "sum", "weighted_amount", "Weighted pipeline", Term(DEALS_EXPECTED, WEIGHTED),
        "Sum of amount x probability of the same open deals; neither won nor lost ones.",
    ),
    Kpi(
        "sales_velocity", "Sales velocity", "money/d", "velocity", Term(DEALS_OPEN),
        "Open deals x win rate x average deal / mean sales cycle: money per day. The closed deals are those of the"
        f" last {TRAILING_DAYS} days of the period, or all of them without a period.", "Sales",
        "one of these is missing, or the mean cycle is 0 days", parts=_VELOCITY,
    ),
)  # fmt: skip
