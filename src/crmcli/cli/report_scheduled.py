"""Reports that are mailed by the clock: the letter that a schedule becomes, and whether its report takes its options.

What a report is asked by a table belongs to ``report_options``, how a letter is written to ``report_mail``.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcli.cli.report_mail import letter_of
from crmcli.cli.report_options import asked_of
from crmcli.cli.reporting import run
from crmcli.cli.session import current
from crmcli.errors import ConfigError, CrmError
from crmcli.output.reports import span_of

if TYPE_CHECKING:
    from crmcli.config.report_schedules import ReportSchedule
    from crmcli.integrations.messages import Letter

_ROWS = 200  # records that a letter lists


def compose(schedule: "ReportSchedule", at: str) -> "Letter":
    """Return the letter of a schedule for a stored instant; CrmError when the report cannot be made."""
    from datetime import datetime

    asked = asked_of(schedule.report, dict(schedule.options))
    try:
        result = run(schedule.report, asked, rows=_ROWS, now=datetime.fromisoformat(at))
        return letter_of(f"{schedule.name}: {result.title}, {span_of(result)}", asked, result)
    finally:
        current().close()  # what is written next must not wait for it


def check_schedules(schedules: "Iterable[ReportSchedule]") -> None:
    """Raise ConfigError for the first schedule that asks a report for what it does not take."""
    for schedule in schedules:
        try:
            asked_of(schedule.report, dict(schedule.options))
        except CrmError as error:
            raise ConfigError(f"report.schedule {schedule.name}: {error.message}", hint=error.hint) from None
