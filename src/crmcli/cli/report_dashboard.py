"""``crm report dashboard``: several reports on one page."""

import typer

from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported

app = typer.Typer(add_completion=False)


@reported(app)
def dashboard() -> Own:
    """The panels of your choice on one page.

    Each table [[dashboard]] of the settings is a panel: a report, and how it is asked (title, period, compare, by,
    where, top, the options of the report itself, and of the report kpi the keys of its figures). Without any, the usual
    ones are shown.

    Examples:
        crm report dashboard
        crm report dashboard --period 2026-Q1 --html dashboard.html
        crm report dashboard -o json
    """
    return {}
