"""Scores of leads changed by hand, and reckoned anew when files were changed or time has passed."""

from collections.abc import Sequence

from crmcli.domain.score_lines import Line
from crmcli.services.automation.scoring import add_points, reckon_all
from crmcli.services.results import Context, Result
from crmcli.services.writer import Writer, write


def adjust(context: Context, lead_ids: Sequence[int], points: int, reason: str = "") -> Result:
    """Add points to leads by hand, or take them off; RefusedError for one that was converted."""

    def work(writer: Writer) -> None:
        for lead_id in lead_ids:
            add_points(writer, lead_id, Line("manual", "", points, points, writer.now, reason))

    return write(context, work)


def rescore(context: Context, lead_ids: Sequence[int] | None = None) -> Result:
    """Reckon the scores of leads anew, of all open ones without ``lead_ids``."""
    return write(context, lambda writer: reckon_all(writer, lead_ids))
