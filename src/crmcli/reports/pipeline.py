"""``report pipeline``: open deals by stage, with amounts and weights; overdue ones and those without a date apart."""

import sqlite3
from typing import NamedTuple

from crmcli.queries.columns import Shown
from crmcli.reports.figures import figure
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, grouped, values_of
from crmcli.reports.groups import WHOLE, Group
from crmcli.reports.presenting import (
    currency_sheets,
    entry,
    figure_sheets,
    for_programs,
    head,
    rates_told,
    rates_used,
    unconverted,
    warnings,
)
from crmcli.reports.registry import KPIS
from crmcli.reports.result import Options, ReportResult, Sheet

PARTS = (
    Part("deals", "Deals", "deals_expected"),
    Part("amount", "Amount", "pipeline_amount"),
    Part("weighted", "Weighted", "weighted_amount"),
    Part("overdue", "Overdue", "deals_overdue"),
    Part("overdue_amount", "Amount overdue", "overdue_amount"),
    Part("undated", "No date", "deals_undated"),
    Part("undated_amount", "Amount undated", "undated_amount"),
)
KEYS = tuple(part.kpi for part in PARTS)
_STAGES = (
    "SELECT r.id, r.name, r.key, p.name, p.key, r.kind = 'open' AND r.deleted_at IS NULL AND p.deleted_at IS NULL"
    " FROM stage r JOIN pipeline p ON p.id = r.pipeline_id"
)


class _Stage(NamedTuple):
    """A stage and its pipeline; ``in_use`` when deals can stand open in it today."""

    name: str
    key: str
    pipeline: str
    pipeline_key: str
    in_use: int


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the pipeline by stage, or by another field, and its totals."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = Frame(con, options._replace(by=options.by or "stage"))
    frame.settle("deal")
    totals = [figure(frame, KPIS[key], WHOLE) for key in KEYS]
    tables = {"groups": _by_field(frame)} if options.by else _by_stage(con, frame)
    sheets = [for_people(tables["groups"], options.by)] if options.by else _split(tables["stages"], tables["pipelines"])
    whole = options._replace(by=None)
    rates = rates_used(frame, totals)
    return ReportResult(
        "Pipeline",
        options.period,
        options.currency,
        (*sheets, figure_sheets(totals, whole, "Total")[0], *currency_sheets(totals, whole)),
        for_programs(next(iter(tables.values()))),
        {
            **head(options.period, options),
            "totals": [entry(total, whole) for total in totals],
            "unconverted": unconverted(totals),
            "rates": rates,
            **{key: for_programs(sheet).rows for key, sheet in tables.items()},
        },
        sum(total.records for total in totals if total.kpi.how == "count"),
        notes=rates_told(rates),
        warnings=warnings(totals),
    )


def _by_field(frame: Frame) -> Sheet:
    by = frame.by_column("deal")
    groups = frame.groups("deal", values_of(frame, PARTS))
    return grouped(frame, f"By {by.label.lower()}", PARTS, groups, by, bar="amount")


def _by_stage(con: sqlite3.Connection, frame: Frame) -> dict[str, Sheet]:
    """Return a row for each open stage, empty ones too, and a row for each pipeline that holds deals."""
    known = {row[0]: _Stage(*row[1:]) for row in con.execute(_STAGES)}
    filled = values_of(frame, PARTS)
    groups = [
        group._replace(label=known[group.value].name, ref=known[group.value].key)
        for group in frame.groups("deal", filled | {stage for stage in known if known[stage].in_use})
    ]
    homes = [known[group.value] for group in groups]

    def above(group: Group) -> dict[str, object]:
        return {"pipeline": known[group.value].pipeline, "pipeline_ref": known[group.value].pipeline_key}

    stages = grouped(frame, "Stages", PARTS, groups, Shown("stage", "Stage", "text"), "amount", above)
    columns = (Shown("pipeline", "Pipeline", "text"), *stages.columns)
    pipelines = [
        Group(tuple(stage for stage in filled if known[stage].pipeline_key == key), name, key)
        for key, name in {home.pipeline_key: home.pipeline for home in homes}.items()
    ]
    by_pipeline = grouped(frame, "By pipeline", PARTS, pipelines, Shown("pipeline", "Pipeline", "text"), bar="amount")
    return {"stages": stages._replace(columns=columns), "pipelines": by_pipeline}


def _split(stages: Sheet, pipelines: Sheet) -> list[Sheet]:
    """Return a sheet of stages for each pipeline with deals, and one of the pipelines where there are several.

    The greatest stages of all (``--top``) stay together in one.
    """
    filled = [row for row in pipelines.rows if row["deals"] or row["overdue"] or row["undated"]] or pipelines.rows
    sheets = (
        [stages]
        if stages.total is not None
        else [
            stages._replace(
                title=str(pipeline["pipeline"]),
                columns=stages.columns[1:],
                rows=[row for row in stages.rows if row["pipeline_ref"] == pipeline["pipeline_ref"]],
            )
            for pipeline in filled
        ]
    )
    if len(filled) > 1:
        sheets.append(pipelines._replace(rows=filled))
    return [for_people(sheet) for sheet in sheets]
