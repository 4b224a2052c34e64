"""``report funnel``: leads, deals and deals won, each with its rate to what stands before it.

Without ``cohort`` the three are counted each by its own day: they are not the same people, and the report says so.
"""

import sqlite3
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.figures import Figure, figure
from crmcli.reports.grouped import Part
from crmcli.reports.groups import WHOLE
from crmcli.reports.listed import Listed, report, settled
from crmcli.reports.presenting import head, value_of
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet


class _Step(NamedTuple):
    """A step: its figure, that of its rate to the step before, and that of its rate to the first one."""

    counted: str
    of_before: str = ""
    of_first: str = ""


_STEPS = (
    _Step("leads_created"),
    _Step("deals_created", "funnel_deals_rate", "funnel_deals_rate"),
    _Step("deals_won", "funnel_won_rate", "funnel_rate"),
)
_COHORT = (
    _Step("leads_created"),
    _Step("leads_with_deal", "cohort_deals_rate", "cohort_deals_rate"),
    _Step("leads_with_won", "cohort_won_rate", "cohort_rate"),
)
_COLUMNS = (
    Shown("step", "Step", "text"),
    Shown("count", "Count", "int"),
    Shown("rate", "Of the step before", "ratio"),
    Shown("of_first", "Of the first", "ratio"),
)
_BASIS = {
    False: "leads and deals of the same period, not of the same people: each counts by its own day",
    True: "the leads created in the period, and what became of them by now",
}
KEYS = tuple(dict.fromkeys(key for step in (*_STEPS, *_COHORT) for key in step if key))


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the funnel; ``cohort`` follows the same leads."""
    is_cohort = bool(options.own.get("cohort"))
    steps, basis = (_COHORT if is_cohort else _STEPS), _BASIS[is_cohort]
    if options.explain is not None or options.by is not None:
        parts = _parts(steps)
        result = report(con, options, Listed("Funnel", None, (), parts))
        return result if options.explain else result._replace(facts=(("Basis", basis), *result.facts))
    frame = settled(con, options, KEYS)
    found = {key: figure(frame, KPIS[key], WHOLE) for step in steps for key in step if key}
    rows = [_row(step, found, options.currency) for step in steps]
    greatest = max(found[step.counted].records for step in steps)
    sheet = Sheet("", _COLUMNS, rows, "steps", None, "step", ("count", "rate"), Chart("funnel", "step", ("count",)))
    return ReportResult(
        "Funnel",
        options.period,
        options.currency,
        (sheet,),
        sheet,
        {**head(options.period, options), "basis": basis, "cohort": is_cohort, "steps": rows},
        greatest,
        facts=(("Basis", basis),),
    )


def _row(step: _Step, found: dict[str, Figure], currency: str) -> dict[str, object]:
    before, first = found.get(step.of_before), found.get(step.of_first)
    return {
        "key": step.counted,
        "step": KPIS[step.counted].label,
        "count": value_of(found[step.counted], currency),
        "rate": value_of(before, currency) if before else None,
        "of_first": value_of(first, currency) if first else None,
        "reason": before.reason if before else None,
    }


def _parts(steps: tuple[_Step, ...]) -> tuple[Part, ...]:
    """Return the figures of the steps side by side, as groups show them."""
    counts = [Part(step.counted, KPIS[step.counted].label, step.counted) for step in steps]
    rates = [key for step in steps for key in dict.fromkeys((step.of_before, step.of_first)) if key]
    return (*counts, *(Part(key, KPIS[key].label, key) for key in rates))
