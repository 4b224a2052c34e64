"""``report pipeline``: open deals by stage, with amounts and weights; overdue ones and those without a date apart."""

import sqlite3
from collections.abc import Mapping

from crmcli.queries.columns import Shown
from crmcli.reports.explain import explain
from crmcli.reports.figures import figures
from crmcli.reports.frame import Frame
from crmcli.reports.grouped import Part, for_people, for_programs, grouped, values_of
from crmcli.reports.presenting import entry, figure_sheets, head, unconverted, warnings
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
_STAGES = (  # with whether the stage is one in which deals are open, and still there
    "SELECT r.id, r.name, r.key, p.name, p.key, r.kind = 'open' AND r.deleted_at IS NULL AND p.deleted_at IS NULL"
    " FROM stage r JOIN pipeline p ON p.id = r.pipeline_id"
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the pipeline by stage, or by another field, and its totals."""
    if options.explain is not None:
        return explain(con, options)
    whole = Frame(con, options._replace(by=None))
    whole.settle("deal")
    totals = [figure for key in KEYS for figure in figures(whole, key)]
    total_sheet, _ = figure_sheets(totals, whole.options, "Total")
    if options.by is None:
        stages = _by_stage(con, options)
        pipelines = _by(con, options, "pipeline")
        tables = {"stages": stages, "pipelines": pipelines}
        sheets = [*_split(stages), *([for_people(pipelines)] if len(list(pipelines.rows)) > 1 else [])]
    else:
        tables = {"groups": _by(con, options, options.by)}
        sheets = [for_people(tables["groups"])]
    document = {
        **head(whole.period, options),
        "totals": [entry(figure, whole.options) for figure in totals],
        **{key: for_programs(sheet).rows for key, sheet in tables.items()},
        "unconverted": unconverted(totals),
    }
    matched = sum(figure.records for figure in totals if figure.kpi.how == "count")
    main = for_programs(next(iter(tables.values())))
    return ReportResult(
        "Pipeline",
        whole.period,
        options.currency,
        (*sheets, total_sheet),
        main,
        document,
        matched,
        warnings=warnings(totals),
    )


def _by(con: sqlite3.Connection, options: Options, field: str) -> Sheet:
    frame = Frame(con, options._replace(by=field))
    frame.settle("deal")
    label = field.replace("_", " ").capitalize()
    groups = frame.groups("deal", values_of(frame, PARTS))
    return grouped(frame, f"By {label.lower()}", PARTS, groups, Shown("group", label, "text"), bar="amount")


def _by_stage(con: sqlite3.Connection, options: Options) -> Sheet:
    """Return a row for each open stage of each pipeline, empty ones too."""
    frame = Frame(con, options._replace(by="stage"))
    frame.settle("deal")
    known = {row[0]: row[1:] for row in con.execute(_STAGES)}
    groups = frame.groups("deal", values_of(frame, PARTS) | {key for key, stage in known.items() if stage[-1]})
    sheet = grouped(frame, "Stages", PARTS, groups, Shown("stage", "Stage", "text"), bar="amount")
    rows = []
    for row, group in zip(sheet.rows, groups, strict=True):
        name, key, pipeline, pipeline_key, _ = known[group.value]
        rows.append({"pipeline": pipeline, "pipeline_ref": pipeline_key, **row, "stage": name, "stage_ref": key})
    return sheet._replace(columns=(Shown("pipeline", "Pipeline", "text"), *sheet.columns), rows=rows)


def _split(stages: Sheet) -> list[Sheet]:
    """Return the stages of each pipeline as a sheet of their own."""
    found: dict[object, list[Mapping[str, object]]] = {}
    for row in stages.rows:
        found.setdefault(row["pipeline"], []).append(row)
    return [for_people(Sheet(str(pipeline), stages.columns[1:], rows, stages.noun)) for pipeline, rows in found.items()]
