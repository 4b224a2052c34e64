"""``report score-quality``: whether leads with more points are converted more often, band by band."""

import sqlite3

from crmcli.queries.columns import Shown
from crmcli.reports.grouped import Part
from crmcli.reports.groups import Group, Groups
from crmcli.reports.regrouped import Regrouped, report
from crmcli.reports.result import Options, ReportResult
from crmcli.reports.sets import ASKED

REPORT = Regrouped(
    "Quality of the lead score",
    "lead",
    Shown("band", "Points", "text"),
    (
        Part("conversion", "Conversion", "lead_conversion_rate"),
        Part("converted", "Converted", "leads_converted"),
        Part("lost", "Lost", "leads_lost"),
        Part("created", "Created", "leads_created"),
    ),
    "conversion",
)
KEYS = REPORT.keys


class _Bands(Groups):
    """Points in bands of ``width``, in their order; leads without points come last."""

    def __init__(self, width: int) -> None:
        super().__init__("(r.score - (r.score % :width + :width) % :width)")
        self._width = width

    def labelled(self, con: sqlite3.Connection, values: set[object]) -> list[Group]:
        """Return the bands, named by their first and last points."""
        starts = sorted(value for value in values if isinstance(value, int))
        bands = [Group((start,), f"{start} to {start + self._width - 1}") for start in starts]
        return bands + ([Group((None,))] if None in values else [])


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return the conversion by bands of points, ``width`` points wide."""
    return report(con, options, REPORT, _Bands(int(options.own.get("width") or ASKED["width"])))
