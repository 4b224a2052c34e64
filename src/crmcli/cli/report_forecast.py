"""``crm report``: the reports on what is to come, and on targets."""

from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported

app = typer.Typer(add_completion=False)

Day = Annotated[
    str | None, typer.Option("--day", metavar="DATE", help="The forecast of that day, or of the last one before it.")
]


@reported(app, output=FormatWithoutRefs)
def forecast() -> Own:
    """What is won and what is to come, weighted and by category.

    Open deals count with amount x probability in the month of their expected close, won ones whole in that of their
    closing, lost ones not at all. Overdue deals and those without a date stand apart. Groups are months unless --by
    says otherwise: quarter, owner, or any other field. The period is this quarter when none is given.

    Examples:
        crm report forecast
        crm report forecast --period 2026 --by quarter
        crm report forecast --period next-month --by owner --where "pipeline = sales"
        crm report forecast --explain forecast_commit
    """
    return {}


@reported(app)
def forecast_accuracy(day: Day = None) -> Own:
    """How true the forecasts of the past were.

    Forecasts are kept by crm report snapshot, or once a day by crm tick with the setting `snapshots`. The period, whole
    months, is last quarter when none is given; the forecast is that of its beginning, or of --day.

    Examples:
        crm report forecast-accuracy
        crm report forecast-accuracy --period last-month --by owner
        crm report forecast-accuracy --where "owner.team = north"
    """
    return {"day": day}


@reported(app, output=FormatWithoutRefs)
def coverage() -> Own:
    """How often the open pipeline covers what is missing to the target.

    Targets are set by crm target add. Groups are owners unless --by says owner.team; the period is this quarter when
    none is given.

    Examples:
        crm report coverage
        crm report coverage --period this-month --by owner.team
    """
    return {}


@reported(app)
def attainment() -> Own:
    """How far targets are reached.

    All targets that lie in the period, each set against what was reached in its own. With --by owner or owner.team the
    amounts won of everybody are set against their targets. The period is this quarter when none is given.

    Examples:
        crm report attainment --period this-year
        crm report attainment --by owner
    """
    return {}
