"""The one registry of key figures: what each is made of, why it may be missing, and how it is defined in words.

The reports, ``--explain``, the JSON documents and the reference all read it; a figure that is not here does not exist.
"""

from typing import NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError
from crmcli.reports import measures, sets
from crmcli.reports.frame import Term

TRAILING_DAYS = 90  # of closed deals behind the sales velocity


class Kpi(NamedTuple):
    """One key figure.

    ``how`` says what is made of ``term``: ``count`` its records, ``sum``, ``mean`` or ``median`` its values, the
    ``ratio`` of it to all of ``among``, or the ``velocity`` of ``parts``. ``unit`` is one of n, money,
    ratio, d, h, money/d. ``missing`` says when there is no value: nothing to divide by, or no rate for what is added.
    """

    key: str
    label: str
    unit: str
    how: str
    term: Term
    definition: str
    area: str  # of the business, the heading in the reference
    missing: str = ""
    among: tuple[Term, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def entity(self) -> str:
        """The entity whose records the figure is about."""
        return self.term.records.entity


def find_kpi(key: str) -> Kpi:
    """Return the figure with a key; UsageError with the nearest keys when there is none."""
    found = KPIS.get(key.replace("-", "_"))
    if found is None:
        raise UsageError(
            f"there is no figure {key!r}",
            hint=did_you_mean(key, list(KPIS)) or "crm report show kpi",
            code="kpi.unknown",
        )
    return found


def _count(key: str, label: str, records: sets.RecordSet, definition: str, area: str = "Sales") -> Kpi:
    return Kpi(key, label, "n", "count", Term(records), definition, area)


def _of(
    how: str, key: str, label: str, term: Term, definition: str, area: str = "Sales", missing: str = ""
) -> Kpi:  # fmt: skip
    unit = term.measure.unit if term.measure else "n"
    usual = "no rate for any of the amounts" if how == "sum" else f"no {term.records.noun}"
    return Kpi(key, label, unit, how, term, definition, area, missing or usual)


def _ratio(key: str, label: str, term: Term, rest: Term, definition: str, area: str, missing: str) -> Kpi:
    """Define the ratio of a term to itself and the rest."""
    return Kpi(key, label, "ratio", "ratio", term, definition, area, missing, (term, rest))


_WON = Term(sets.DEALS_WON, measures.AMOUNT)
_LOST = Term(sets.DEALS_LOST, measures.AMOUNT)
_CYCLE = Term(sets.DEALS_WON, measures.CYCLE)
_EXPECTED = Term(sets.DEALS_EXPECTED, measures.AMOUNT)
_VELOCITY = ("deals_open", "win_rate", "average_deal", "cycle_days_mean")

_LEADS = (
    _count("leads_created", "Leads created", sets.LEADS_CREATED, "Leads by their creation.", "Leads"),
    _count("leads_converted", "Leads converted", sets.LEADS_CONVERTED, "Leads by their conversion.", "Leads"),
    _ratio(
        "lead_conversion_rate", "Lead conversion rate", Term(sets.LEADS_CONVERTED), Term(sets.LEADS_LOST),
        "Converted / (converted + lost), by the date of the outcome.", "Leads", "no lead converted or lost",
    ),
    _of(
        "median", "lead_response_hours_median", "Lead response, median",
        Term(sets.LEADS_CREATED, measures.LEAD_RESPONSE),
        "Median business time from the creation of a lead to the first outgoing contact by a person, over the leads"
        " created in the period; those without an answer are left out and counted.", "Leads", "no lead with a response",
    ),
)  # fmt: skip

_SALES = (
    _count("deals_created", "Deals created", sets.DEALS_CREATED, "Deals by their creation."),
    _count("deals_open", "Deals open", sets.DEALS_OPEN, "Deals open at the end of the period; now if it goes on."),
    _count("deals_won", "Deals won", sets.DEALS_WON, "Won deals by their last closing."),
    _count("deals_lost", "Deals lost", sets.DEALS_LOST, "Lost deals by their last closing."),
    _of("sum", "won_amount", "Amount won", _WON, "Sum of the amounts of the deals won."),
    _of(
        "sum", "lost_amount", "Amount lost", _LOST,
        "Sum of the amounts of the deals lost.",
    ),
    _ratio(
        "win_rate", "Win rate", Term(sets.DEALS_WON), Term(sets.DEALS_LOST),
        "Won / (won + lost), both closed in the period; the last closing counts.", "Sales", "no closed deals",
    ),
    _ratio(
        "win_rate_amount", "Win rate by amount", _WON, _LOST,
        "Amount won / (amount won + lost), both closed in the period.", "Sales", "no amount of closed deals",
    ),
    _of("mean", "average_deal", "Average deal", _WON, "Amount won / deals won that have an amount; zero is an amount."),
    _of("median", "median_deal", "Median deal", _WON, "Median amount of the deals won that have one."),
    _of(
        "mean", "cycle_days_mean", "Sales cycle, mean", _CYCLE,
        "Mean of the whole local calendar days from the creation of a won deal to its closing; negative ones are left"
        " out and counted.",
    ),
    _of(
        "median", "cycle_days_median", "Sales cycle, median", _CYCLE,
        "Median of the whole local calendar days from the creation of a won deal to its closing.",
    ),
    _of(
        "sum", "pipeline_amount", "Pipeline", _EXPECTED,
        "Sum of the amounts of the open deals expected to close in the period; of all open deals without a period.",
    ),
    _of(
        "sum", "weighted_amount", "Weighted pipeline", Term(sets.DEALS_EXPECTED, measures.WEIGHTED),
        "Sum of amount x probability of the same open deals; neither won nor lost ones.",
    ),
    Kpi(
        "sales_velocity", "Sales velocity", "money/d", "velocity", Term(sets.DEALS_OPEN),
        "Open deals x win rate x average deal / mean sales cycle: money per day. The closed deals are those of the"
        f" last {TRAILING_DAYS} days of the period, or all of them without a period.", "Sales",
        "one of these is missing, or the mean cycle is 0 days", parts=_VELOCITY,
    ),
)  # fmt: skip

_WORK = (
    _count("tasks_due", "Tasks due", sets.TASKS_DUE, "Open tasks due in the period."),
    _count("tasks_overdue", "Tasks overdue", sets.TASKS_OVERDUE, "Open tasks overdue now, whatever the period."),
    _count("activities", "Activities", sets.INTERACTIONS, "Interactions in the period."),
)

_SERVICE = (
    _count("tickets_opened", "Tickets opened", sets.TICKETS_OPENED, "Tickets by their opening.", "Service"),
    _count("tickets_closed", "Tickets closed", sets.TICKETS_CLOSED, "Tickets by their last resolution.", "Service"),
    _count("tickets_open", "Tickets open", sets.TICKETS_OPEN, "Tickets open or paused at the period's end.", "Service"),
    _of(
        "median", "ticket_first_response_hours_median", "First response, median",
        Term(sets.TICKETS_OPENED, measures.TICKET_RESPONSE),
        "Median business time from the opening of a ticket to the first public answer, over the tickets opened in the"
        " period.", "Service", "no ticket with a response",
    ),
    _of(
        "median", "ticket_resolution_hours_median", "Resolution, median",
        Term(sets.TICKETS_CLOSED, measures.TICKET_RESOLUTION),
        "Median business time that the resolution of a ticket took, waiting excluded, over the tickets resolved in the"
        " period. Without business hours all hours count, 24 of each day between two dates without a time.", "Service",
    ),
)  # fmt: skip

_PIPELINE = (
    _count("deals_expected", "Deals expected", sets.DEALS_EXPECTED, "Open deals expected to close in the period."),
    _count("deals_overdue", "Deals overdue", sets.DEALS_OVERDUE, "Open deals whose expected close has passed."),
    _of(
        "sum", "overdue_amount", "Amount overdue", Term(sets.DEALS_OVERDUE, measures.AMOUNT),
        "Sum of the amounts of the open deals whose expected close has passed, whatever the period.",
    ),
    _count("deals_undated", "Deals without a date", sets.DEALS_UNDATED, "Open deals without an expected close."),
    _of(
        "sum", "undated_amount", "Amount without a date", Term(sets.DEALS_UNDATED, measures.AMOUNT),
        "Sum of the amounts of the open deals without an expected close.",
    ),
)  # fmt: skip

KPIS = {kpi.key: kpi for kpi in (*_LEADS, *_SALES, *_WORK, *_SERVICE, *_PIPELINE)}
