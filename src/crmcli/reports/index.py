"""Which reports there are. A report is a module with ``run``; it is imported when it is asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError

if TYPE_CHECKING:
    import sqlite3
    from types import ModuleType

    from crmcli.reports.result import Options, ReportResult


class Report(NamedTuple):
    """A report: its name, which is that of its module too, what it tells, its usual period, and its area.

    The area names the module of ``cli`` that holds its command, after ``report_``.
    """

    name: str
    summary: str
    period: str
    area: str


REPORTS = {
    report.name: report
    for report in (
        Report("kpi", "Key performance indicators of a period.", "this-quarter", "kpi"),
        Report("pipeline", "Open deals by stage, with amounts and weights.", "all", "sales"),
        Report("forecast", "What is won and what is to come, weighted and by category.", "this-quarter", "forecast"),
        Report("forecast-accuracy", "How true the forecasts of the past were.", "last-quarter", "forecast"),
        Report(
            "coverage", "How often the open pipeline covers what is missing to the target.", "this-quarter", "forecast"
        ),
        Report("attainment", "How far targets are reached.", "this-quarter", "forecast"),
        Report("won", "Deals won in a period.", "this-quarter", "sales"),
        Report("lost", "Deals lost in a period, with reasons.", "this-quarter", "sales"),
        Report("next-steps", "Open deals and leads without a next step, or with one in the past.", "all", "sales"),
        Report("win-rate", "Which share of the deals was won.", "this-quarter", "flow"),
        Report("win-loss", "Deals won and lost, by reason, competitor, source and owner.", "this-quarter", "flow"),
        Report("lost-reasons", "Why deals were lost, and in which stage.", "this-quarter", "flow"),
        Report("funnel", "Leads, deals and deals won, with their rates.", "this-quarter", "flow"),
        Report("stage-conversion", "Which share of the deals went further from each stage.", "this-quarter", "flow"),
        Report("time-in-stage", "How long deals stand in each stage.", "this-quarter", "flow"),
        Report("velocity", "What the pipeline yields a day, and from what.", "this-quarter", "flow"),
        Report("cycle-length", "How long deals take to close.", "this-quarter", "flow"),
        Report("push", "Deals put off to a later month.", "this-quarter", "flow"),
        Report("stale", "Open deals that stand still, and leads without a next step.", "all", "flow"),
        Report("offers-month", "Offers opened and closed in a month.", "last-month", "flow"),
        Report("leads", "Leads created, converted and lost, by source, industry and owner.", "this-quarter", "leads"),
        Report("sources", "Where leads and deals come from, and what becomes of them.", "this-quarter", "leads"),
        Report("hot-leads-by-industry", "Leads rated hot, by industry.", "all", "leads"),
        Report("lead-response", "How long leads wait for the first contact.", "this-quarter", "leads"),
        Report("lead-conversion", "Which share of the leads was converted.", "this-quarter", "leads"),
        Report("mql-to-sql", "Which leads sales took over from marketing in time.", "this-year", "leads"),
        Report("score-quality", "Whether leads with more points are converted more often.", "all", "leads"),
        Report("activity", "Contacts with customers, by kind and owner.", "this-quarter", "leads"),
        Report("due-contact", "Who has not been contacted for too long.", "all", "leads"),
        Report("tickets", "Tickets of a period: opened, closed, open.", "this-quarter", "service"),
        Report("first-response", "How long tickets waited for their first answer.", "this-quarter", "service"),
        Report("resolution", "How long it took to resolve tickets.", "this-quarter", "service"),
        Report("backlog", "Open tickets day by day, and what came in and went out.", "90d", "service"),
        Report("reopen-rate", "Tickets that were taken up again.", "this-quarter", "service"),
        Report("first-contact", "Tickets settled by the first answer.", "this-quarter", "service"),
        Report("sla", "Tickets that kept the targets of their service level.", "this-quarter", "service"),
        Report("csat", "How satisfied customers were with the service.", "this-quarter", "service"),
        Report("interventions", "What agents wrote on tickets, and for whom.", "this-quarter", "service"),
        Report("rhythm", "Weekdays and hours of tickets or interactions.", "this-year", "service"),
        Report("dashboard", "The panels of your choice on one page.", "this-quarter", "dashboard"),
        Report("calibration", "How often deals were won, by the probability they had.", "all", "insight"),
        Report("anomalies", "Open deals unlike those that were closed: in amount, or in age.", "all", "insight"),
        Report("sales", "What was sold: value, purchases, buyers.", "this-year", "customers"),
        Report("average-purchase", "What one purchase is worth.", "this-year", "customers"),
        Report("frequency", "How often buyers bought.", "this-year", "customers"),
        Report("repeat-rate", "How many buyers bought again.", "all", "customers"),
        Report("trial", "Customers who bought for the first time.", "this-year", "customers"),
        Report("penetration", "How many of a target bought, by item too.", "this-year", "customers"),
        Report("retention", "How many bought in a period and in the next.", "last-quarter", "customers"),
        Report("churn", "Customers, or recurring value, lost in a period.", "this-year", "customers"),
        Report("clv", "What a customer is worth over a whole life.", "365d", "customers"),
        Report("rfm", "Customers by recency, frequency and value.", "all", "customers"),
        Report("best-customers", "The best customers, first the very best.", "all", "customers"),
        Report("at-risk", "Good customers who stopped buying.", "all", "customers"),
        Report("cohort", "How customers come back, by the month of their first purchase.", "all", "customers"),
        Report("cross-sell", "What customers of one thing buy too.", "all", "customers"),
        Report("redemption", "How many of a target responded.", "all", "customers"),
        Report("lifecycle", "Customers by phase, who moved, and what they bought.", "this-quarter", "relationship"),
        Report("ambassadors", "Contacts who brought others, and what came of it.", "all", "relationship"),
        Report("completeness", "Records that lack key fields, and how many.", "all", "quality"),
        Report("adoption", "Who works with the store, and what nobody touches.", "30d", "quality"),
        Report("duplicates", "Records that seem to be there twice.", "all", "quality"),
    )
}


TAKEN = (*REPORTS, "list", "show", "check", "new", "pivot")  # names that no report of one's own can have


_COMPARE_THEMSELVES = ("dashboard",)  # by panels


def find_report(name: str) -> Report:
    """Return the report with a name; UsageError with the nearest names when there is none."""
    found = REPORTS.get(name)
    if found is None:
        raise UsageError(f"there is no report {name!r}", hint=did_you_mean(name, list(REPORTS)) or "crm report list")
    return found


def run_report(name: str, con: "sqlite3.Connection", options: "Options") -> "ReportResult":
    """Run a report by name, and where it is to be compared with another period, for that too."""
    result: ReportResult = _module(name).run(con, options)
    if options.compare is None or options.explain is not None or name in _COMPARE_THEMSELVES:
        return result
    from crmcli.reports.comparing import compared

    whole = options._replace(period=options.compare, top=None, rows=None)  # what is great now may have been small
    before: ReportResult = _module(name).run(con, whole)
    return compared(result, before)


def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of the figures that a report shows."""
    keys: tuple[str, ...] = _module(name).KEYS
    return keys


def _module(name: str) -> "ModuleType":
    return import_module(f"crmcli.reports.{find_report(name).name.replace('-', '_')}")
