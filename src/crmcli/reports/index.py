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
        Report("completeness", "Records that lack key fields, and how many.", "all", "quality"),
        Report("adoption", "Who works with the store, and what nobody touches.", "30d", "quality"),
        Report("duplicates", "Records that seem to be there twice.", "all", "quality"),
    )
}


TAKEN = (*REPORTS, "list", "show", "check", "new", "pivot")  # names that no report of one's own can have


def find_report(name: str) -> Report:
    """Return the report with a name; UsageError with the nearest names when there is none."""
    found = REPORTS.get(name)
    if found is None:
        raise UsageError(f"there is no report {name!r}", hint=did_you_mean(name, list(REPORTS)) or "crm report list")
    return found


def run_report(name: str, con: "sqlite3.Connection", options: "Options") -> "ReportResult":
    """Run a report by name, and where it is to be compared with another period, for that too."""
    result: ReportResult = _module(name).run(con, options)
    if options.compare is None or options.explain is not None:
        return result
    from crmcli.reports.comparing import compared

    before: ReportResult = _module(name).run(con, options._replace(period=options.compare))
    return compared(result, before)


def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of the figures that a report shows."""
    keys: tuple[str, ...] = _module(name).KEYS
    return keys


def _module(name: str) -> "ModuleType":
    return import_module(f"crmcli.reports.{find_report(name).name.replace('-', '_')}")
