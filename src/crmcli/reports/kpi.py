"""``report kpi``: the key figures of a period, together or by group."""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.domain.kpis import MAIN
from crmcli.errors import ConditionError, CrmError
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.packs import keys_of_pack, registry_sheet, waiting_of_pack, waiting_rows, waiting_sheet
from crmcli.reports.presenting import (
    currency_sheets,
    entry,
    figure_sheets,
    head,
    rates_told,
    rates_used,
    unconverted,
    warnings,
)
from crmcli.reports.registry import KPIS, find_kpi
from crmcli.reports.result import Options, ReportResult

KEYS = MAIN


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the key figures; those of entities to which condition or grouping do not apply are left out and named."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    if options.own.get("listed"):
        return _registry(options)
    pack = options.own.get("pack")
    keys, late = options.own.get("keys") or keys_of_pack(pack), waiting_of_pack(pack)
    frame = Frame(con, options)
    left_out = _settle(frame, keys)
    asked = [find_kpi(key) for key in keys]
    found = [figure for kpi in asked if kpi.entity not in left_out for figure in figures(frame, kpi.key)]
    people, machine = figure_sheets(found, options, "")
    rates = rates_used(frame, found)
    document = {
        **head(frame.period, options),
        "kpis": [entry(figure, options) for figure in found],
        "unconverted": unconverted(found),
        "rates": rates,
        "left_out": left_out,
        **({"waiting": waiting_rows(late)} if pack else {}),
    }
    return ReportResult(
        "Key figures",
        frame.period,
        options.currency,
        ((people,) if keys else ()) + currency_sheets(found, options) + waiting_sheet(late),
        machine,
        document,
        sum(figure.records for figure in found),
        notes=(*_notes(left_out), *rates_told(rates)),
        warnings=warnings(found),
    )


def _registry(options: Options) -> ReportResult:
    """Return the definitions of all figures instead of their values."""
    sheet = registry_sheet()
    document: dict[str, object] = {"figures": list(sheet.rows)}
    return ReportResult("Key figures", options.period, options.currency, (sheet,), sheet, document, len(sheet.rows))


def _settle(frame: Frame, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the entities without the asked fields, and why; an error when no entity has them, that of deals first."""
    entities = dict.fromkeys(KPIS[key].entity for key in keys)
    failed: dict[str, CrmError] = {}
    for entity in entities:
        try:
            frame.settle(entity)
        except CrmError as error:
            failed[entity] = error
    if entities and len(failed) == len(entities):
        raise failed.get("deal") or next(iter(failed.values()))
    return {
        entity: error.problem if isinstance(error, ConditionError) else error.message
        for entity, error in failed.items()
    }


def _notes(left_out: dict[str, str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    plurals = ", ".join(ENTITIES[entity].plural for entity in left_out)
    return (f"without {plurals}: {next(iter(left_out.values()))}",)
