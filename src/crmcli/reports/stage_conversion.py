"""``report stage-conversion``: of the deals that entered each stage, how many went further, are pending, or did not."""

import sqlite3

from crmcli.catalogue import ENTITIES
from crmcli.queries.columns import Shown
from crmcli.reports.grouped import Part
from crmcli.reports.groups import Groups
from crmcli.reports.regrouped import Regrouped, report
from crmcli.reports.result import Options, ReportResult

STAGE = Groups("r.passed_stage_id", ENTITIES["deal"].fields["stage"])
REPORT = Regrouped(
    "Stage conversion",
    "deal",
    Shown("stage", "Stage", "text"),
    (
        Part("entered", "Entered", "stage_entries"),
        Part("further", "Went further", "stage_passed"),
        Part("pending", "Pending", "stage_pending"),
        Part("conversion", "Conversion", "stage_conversion"),
    ),
    "entered",
)
KEYS = REPORT.keys


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the conversion of each stage; the totals count a deal once for each stage that it entered."""
    return report(con, options, REPORT, STAGE)
