"""``report kpi``: the key figures of a period, together or by group."""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.domain.kpis import MAIN
from crmcli.errors import ConditionError, CrmError
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.presenting import entry, figure_sheets, head, unconverted, warnings
from crmcli.reports.registry import KPIS, find_kpi
from crmcli.reports.result import Options, ReportResult

KEYS = MAIN


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the key figures; those of entities to which condition or grouping do not apply are left out and named."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options)
    left_out = _settle(frame)
    asked = [find_kpi(key) for key in options.own.get("keys", MAIN)]
    found = [figure for kpi in asked if kpi.entity not in left_out for figure in figures(frame, kpi.key)]
    people, machine = figure_sheets(found, options, "")
    document = {
        **head(frame.period, options),
        "kpis": [entry(figure, options) for figure in found],
        "unconverted": unconverted(found),
        "left_out": left_out,
    }
    return ReportResult(
        "Key figures",
        frame.period,
        options.currency,
        (people,),
        machine,
        document,
        sum(figure.records for figure in found),
        notes=_notes(left_out),
        warnings=warnings(found),
    )


def _settle(frame: Frame) -> dict[str, str]:
    """Return the entities without the asked fields, and why; an error when no entity has them, that of deals."""
    entities = dict.fromkeys(KPIS[key].entity for key in MAIN)
    failed: dict[str, CrmError] = {}
    for entity in entities:
        try:
            frame.settle(entity)
        except CrmError as error:
            failed[entity] = error
    if len(failed) == len(entities):
        raise failed["deal"]
    return {
        entity: error.problem if isinstance(error, ConditionError) else error.message
        for entity, error in failed.items()
    }


def _notes(left_out: dict[str, str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    plurals = ", ".join(ENTITIES[entity].plural for entity in left_out)
    return (f"without {plurals}: {next(iter(left_out.values()))}",)
