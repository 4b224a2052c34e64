"""``report cycle-length``: how long deals took from their creation, or from a stage of the life cycle, to closing."""

import sqlite3

from crmcli.reports.grouped import Part
from crmcli.reports.listed import Listed, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import DEALS_CLOSED, DEALS_WON

_COLUMNS = ("ref", "name", "organization", "amount", "outcome", "created_at", "closed_at", "age_days", "owner")


def _listed(is_all: bool, from_stage: bool) -> Listed:
    """Return the report on won deals or on all closed ones, from their creation or from a stage of the life cycle."""
    key = "cycle_days" + ("_closed" if is_all else "") + ("_from" if from_stage else "")
    return Listed(
        "Sales cycle of closed deals" if is_all else "Sales cycle",
        DEALS_CLOSED if is_all else DEALS_WON,
        _COLUMNS,
        (
            Part("mean", "Mean", f"{key}_mean"),
            Part("median", "Median", f"{key}_median"),
            Part("deals", "Deals", "deals_closed" if is_all else "deals_won"),
        ),
        (("owners", "owner"), ("sources", "source")),
        sort="-age_days",
    )


_REPORTS = {(all_, from_): _listed(all_, from_) for all_ in (False, True) for from_ in (False, True)}
KEYS = tuple(dict.fromkeys(key for listed in _REPORTS.values() for key in listed.keys))


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the cycles; ``all_closed`` takes lost deals too, ``life_cycle`` is the stage to reckon from."""
    stage = options.own.get("life_cycle")
    result = report(con, options, _REPORTS[bool(options.own.get("all_closed")), stage is not None])
    return result if stage is None else result._replace(facts=(*result.facts, ("From", f"the first day as {stage}")))
