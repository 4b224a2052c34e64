"""``report time-in-stage``: how long deals stood in each stage, and how long those in it now have stood there."""

import sqlite3

from crmcli.queries.columns import Shown
from crmcli.reports.grouped import Part
from crmcli.reports.regrouped import Regrouped, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.stage_conversion import STAGE

REPORT = Regrouped(
    "Time in stage",
    "deal",
    Shown("stage", "Stage", "text"),
    (
        Part("stays", "Stays", "stays"),
        Part("mean", "Mean", "time_in_stage_mean"),
        Part("median", "Median", "time_in_stage_median"),
        Part("p90", "Nine in ten", "time_in_stage_p90"),
        Part("open", "Open", "stays_open"),
        Part("age_mean", "Age, mean", "stage_age_mean"),
        Part("age_median", "Age, median", "stage_age_median"),
    ),
    "median",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the time in each stage."""
    return report(con, options, REPORT, STAGE)
