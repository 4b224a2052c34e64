"""``report duplicates``: how many leads, organizations and contacts seem to be there twice, and which."""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.queries.columns import Shown
from crmcli.queries.labels import labels
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.presenting import entry, figure_sheets, head
from crmcli.reports.quality_sets import COMPARED
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet

_COLUMNS = (
    Shown("ref", "Ref", "text"), Shown("name", "Name", "text"), Shown("records", "Records", "int"),
    Shown("others", "Others", "tags"),
)  # fmt: skip
Row = dict[str, object]


def _keys(entity: str) -> tuple[str, str]:
    return f"duplicate_{ENTITIES[entity].plural}", f"duplicate_{entity}_groups"


KEYS = tuple(key for entity in COMPARED for key in _keys(entity))


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the groups of records that share a strong key, the largest first, of one kind or of all."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    entities = (options.entity,) if options.entity else COMPARED
    found, rows = [], []
    for entity in entities:
        frame = Frame(con, options)
        frame.settle(entity)
        found += [each for key in _keys(entity) for each in figures(frame, key)]
        rows += _rows(frame, entity)
    listed = Sheet("Groups", _COLUMNS, rows[: options.rows], "groups", len(rows))
    return ReportResult(
        "Duplicates",
        options.period,
        options.currency,
        (figure_sheets(found, options, "Total")[0], listed),
        listed,
        {
            **head(options.period, options),
            "totals": [entry(each, options) for each in found],
            "groups": rows,
        },
        len(rows),
    )


def _rows(frame: Frame, entity: str) -> list[Row]:
    """Return the groups whose first record meets the condition."""
    from crmcli.queries.duplicates import strong_groups

    kind = ENTITIES[entity]
    first = KPIS[_keys(entity)[1]].term.records
    chosen = {lowest for (lowest,) in frame.read(first, "r.id")}
    groups = [ids for lowest, ids in strong_groups(frame.con, entity).items() if lowest in chosen]
    known = labels(frame.con, kind, [record_id for ids in groups for record_id in ids])
    return [
        {"ref": known[ids[0]].ref, "name": known[ids[0]].name, "records": len(ids),
         "others": [f"{known[other].ref} {known[other].name}" for other in ids[1:]]}
        for ids in sorted(groups, key=lambda ids: (-len(ids), ids[0]))
    ]  # fmt: skip
