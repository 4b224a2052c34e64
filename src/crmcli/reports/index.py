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
    """A report: its name, which is that of its module too, what it tells, and its period when none is asked for."""

    name: str
    summary: str
    period: str


REPORTS = {
    report.name: report
    for report in (
        Report("kpi", "Key performance indicators of a period.", "this-quarter"),
        Report("pipeline", "Open deals by stage, with amounts and weights.", "all"),
        Report("won", "Deals won in a period.", "this-quarter"),
        Report("lost", "Deals lost in a period, with reasons.", "this-quarter"),
        Report("next-steps", "Open deals and leads without a next step, or with one in the past.", "all"),
        Report("completeness", "Records that lack key fields, and how many.", "all"),
    )
}


def find_report(name: str) -> Report:
    """Return the report with a name; UsageError with the nearest names when there is none."""
    found = REPORTS.get(name)
    if found is None:
        raise UsageError(f"there is no report {name!r}", hint=did_you_mean(name, list(REPORTS)) or "crm report list")
    return found


def run_report(name: str, con: "sqlite3.Connection", options: "Options") -> "ReportResult":
    """Run a report by name."""
    result: ReportResult = _module(name).run(con, options)
    return result


def keys_of(name: str) -> tuple[str, ...]:
    """Return the keys of the figures that a report shows."""
    keys: tuple[str, ...] = _module(name).KEYS
    return keys


def _module(name: str) -> "ModuleType":
    return import_module(f"crmcli.reports.{find_report(name).name.replace('-', '_')}")
