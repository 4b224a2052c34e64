"""``report lifecycle``: how many customers are in each phase, who moved, and what each phase bought in a period.

Which phase a customer is in, or was, is read from the log of states; why it is proposed tells ``crm lifecycle show``.
"""

import sqlite3
from collections import Counter
from json import dumps

from crmcli.domain.enums import values
from crmcli.errors import CrmError
from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS, KINDS
from crmcli.reports.figures import Figure, figure, figures
from crmcli.reports.frame import Frame
from crmcli.reports.groups import Group, Groups
from crmcli.reports.life_cycle_sets import OF_CUSTOMER, PHASE, phase_after, phase_before
from crmcli.reports.measures import AMOUNT
from crmcli.reports.presenting import entry, figure_sheets, head, rounded, unconverted, value_of, warnings
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.sets import RecordSet
from crmcli.reports.terms import Term

KEYS = ("lifecycle_customers", "lifecycle_moves")
PHASES = tuple(values("lifecycle_phase"))
_COLUMNS = (
    Shown("phase", "Phase", "text"), Shown("customers", "Customers", "int"), Shown("share", "Share", "bar"),
    Shown("entered", "Came", "int"), Shown("left", "Went", "int"), Shown("value", "Bought", "money"),
    Shown("each", "Each", "money"),
)  # fmt: skip
_MOVES = (Shown("before", "From", "text"), Shown("phase", "To", "text"), Shown("customers", "Customers", "int"))
_NONE = "(none)"
Row = dict[str, object]
Moves = Counter[tuple[str | None, str | None]]  # (phase as the period began, as it ended) -> customers


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the phases; condition and groups are about customers, of contacts only where they have the fields."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame, left_out = _settled(con, options)
    kinds = [entity for entity in KINDS if entity not in left_out]
    moves: Moves = Counter()
    for entity in kinds:
        columns = (phase_before(entity), phase_after(entity), "COUNT(*)")
        for before, after, count in frame.read(RecordSet(entity, "customers"), *columns, tail=" GROUP BY 1, 2"):
            moves[before, after] += count
    bought = _bought(frame, kinds)
    rows = _rows(moves, bought, options.currency)
    phases = Sheet("Phases", _COLUMNS, rows, "phases", None, "phase", ("customers", "value"),
                   Chart("bars", "phase", ("customers",)))  # fmt: skip
    moved = _moved(moves)
    totals = [] if left_out else [found for key in KEYS for found in figures(frame, key)]
    programs = [{key: cell for key, cell in row.items() if key != "share"} for row in rows]
    return ReportResult(
        "Life cycle",
        options.period,
        options.currency,
        (*([figure_sheets(totals, options, "Total")[0]] if totals else []), phases,
         Sheet("Moves", _MOVES, [{**row, "before": row["before"] or _NONE, "phase": row["phase"] or _NONE}
                                 for row in moved], "moves")),
        phases._replace(rows=programs),
        {
            **head(options.period, options),
            "totals": [entry(found, options) for found in totals],
            "unconverted": unconverted(bought.values()),
            "phases": programs,
            "moves": moved,
        },
        sum(count for (_, after), count in moves.items() if after),
        notes=tuple(f"without {entity}s: {reason}" for entity, reason in left_out.items()),
        warnings=warnings(bought.values()),
    )  # fmt: skip


def _settled(con: sqlite3.Connection, options: Options) -> tuple[Frame, dict[str, str]]:
    """Return the frame of the customers, and the kind left out for want of the fields that are asked for, with why."""
    frame, left_out = Frame(con, options), {}
    frame.settle(KINDS[0])
    try:
        frame.settle(KINDS[1])
    except CrmError as error:
        left_out[KINDS[1]] = error.message
    return frame, left_out


def _bought(frame: Frame, kinds: list[str]) -> dict[str, Figure]:
    """Return what the customers of each phase, that of the period's end, bought in the period."""
    records = ACTS
    if frame.options.where:
        chosen = {entity: [row[0] for row in frame.whole().read(RecordSet(entity, "customers"), "r.id")]
                  for entity in kinds}  # fmt: skip
        among = {f"of_{entity}": dumps(chosen.get(entity, [])) for entity in KINDS}
        condition = " OR ".join(f"r.{entity}_id IN (SELECT value FROM json_each(:of_{entity}))" for entity in kinds)
        records = records._replace(condition=f"{records.condition} AND ({condition})", found=lambda _: among)
    deals = Frame(frame.con, frame.options._replace(where=None, by=None))
    deals.settle("deal")
    deals.group_by("deal", Groups(OF_CUSTOMER, PHASE))
    amount = KPIS["won_amount"]._replace(term=Term(records, AMOUNT))
    return {phase: figure(deals, amount, Group((phase,), phase)) for phase in PHASES}


def _rows(moves: Moves, bought: dict[str, Figure], currency: str) -> list[Row]:
    standing = {phase: sum(count for (_, after), count in moves.items() if after == phase) for phase in PHASES}
    most = max(standing.values())
    rows: list[Row] = []
    for phase, customers in standing.items():
        value = bought[phase].value
        each = rounded(value / customers, "money", currency) if value is not None and customers else None
        rows.append({
            "phase": phase,
            "customers": customers,
            "share": customers / most if most else 0.0,
            "entered": sum(count for (before, after), count in moves.items() if before != after == phase),
            "left": sum(count for (before, after), count in moves.items() if phase == before != after),
            "value": value_of(bought[phase], currency),
            "each": each,
            "currency": currency,
        })  # fmt: skip
    return rows


def _moved(moves: Moves) -> list[Row]:
    order = {phase: place for place, phase in enumerate((None, *PHASES))}
    found = sorted((pair for pair in moves if pair[0] != pair[1]), key=lambda pair: (order[pair[0]], order[pair[1]]))
    return [{"before": before, "phase": after, "customers": moves[before, after]} for before, after in found]
