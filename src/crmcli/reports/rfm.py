"""``report rfm``: customers by recency, frequency and value, in named segments and as a map of recency by frequency."""

import sqlite3
from collections import Counter
from fractions import Fraction
from operator import itemgetter

from crmcli.domain.columns import mapped
from crmcli.queries.columns import Shown
from crmcli.reports.acts import ACTS
from crmcli.reports.customers import CustomerFrame, open_frame
from crmcli.reports.presenting import rounded
from crmcli.reports.ranking import counts, customers_sheet, group_sheet, result_of
from crmcli.reports.result import Chart, Options, ReportResult, Sheet
from crmcli.reports.scoring import SEGMENTS, Scoring, scored

KEYS: tuple[str, ...] = ()
_SCORES = range(1, 6)
_SEGMENT_COLUMNS = (
    Shown("segment", "Segment", "text"),
    Shown("customers", "Customers", "int"),
    Shown("share", "Share", "bar"),
    Shown("value", "Value", "money"),
    Shown("purchases", "Purchases", "int"),
)


def run(con: sqlite3.Connection, options: Options) -> ReportResult:
    """Return segments, the map and the customers; programs get the customers, or the groups that ``by`` asks for."""
    if options.explain is not None:
        from crmcli.reports.explain import explain

        return explain(con, options)
    frame = open_frame(con, options)
    found = scored(frame)
    listed = customers_sheet(frame, "Customers", found)
    sheets = [_segments(found, options.currency), _map(found), listed]
    if options.by:
        sheets.insert(1, _by_group(frame, found))
    days = _recency(found)
    told = f"mean {days['mean']:.1f} days, median {days['median']:.1f}" if days else "n/a"
    result = result_of(frame, "RFM", sheets, sheets[1] if options.by else listed, found, (("Recency", told),))
    return result._replace(document={**result.document, "recency_days": days})


def _recency(found: Scoring) -> dict[str, object] | None:
    """Return mean and median of the days since the last purchase; None without customers."""
    days = sorted(found.customers.column("recency"))
    if not days:
        return None
    middle = days[len(days) // 2] + days[-(len(days) // 2) - 1]  # the same one twice when their number is odd
    return {"mean": rounded(Fraction(sum(days), len(days)), "d", ""), "median": rounded(Fraction(middle, 2), "d", "")}


def _segments(found: Scoring, currency: str) -> Sheet:
    by_segment = found.by("segment")
    rows = [{"segment": segment, **counts(found, by_segment[segment], currency)} for segment in SEGMENTS]
    chart = Chart("bars", "segment", ("customers",))
    measures = ("customers", "value")
    return Sheet("Segments", _SEGMENT_COLUMNS, rows, "segments", None, "segment", measures, chart)


def _map(found: Scoring) -> Sheet:
    """Return how many customers have each recency (rows, the latest first) and frequency (columns)."""
    found_at = Counter(mapped(itemgetter(0, 1), found.customers.column("scores")))
    rows = [{"recency": f"R {r}", **{f"f{f}": found_at[r, f] for f in _SCORES}} for r in reversed(_SCORES)]
    columns = (Shown("recency", "Recency", "text"), *(Shown(f"f{f}", f"F {f}", "int") for f in _SCORES))
    chart = Chart("heat", "recency", tuple(f"f{f}" for f in _SCORES))
    return Sheet("Recency by frequency", columns, rows, "cells", None, None, (), chart)


def _by_group(frame: CustomerFrame, found: Scoring) -> Sheet:
    """Return how many customers of each group stand in each segment."""
    sheet = group_sheet(frame, found, "Segments")
    by_group = found.by("group")
    groups = frame.groups(ACTS.entity, set(by_group))
    values: dict[tuple[object, object], object] = {(group.label, group.ref): group.value for group in groups}
    rows = []
    for row in sheet.rows:
        those = by_group[values[row["group"], row.get("group_ref")]]
        counted = Counter(those.column("segment"))
        rows.append({**row, **{segment: counted[segment] for segment in SEGMENTS}})
    segments = tuple(Shown(segment, segment.replace("_", " ").capitalize(), "int") for segment in SEGMENTS)
    return sheet._replace(columns=(sheet.columns[0], sheet.columns[1], *segments, *sheet.columns[2:]), rows=rows)
