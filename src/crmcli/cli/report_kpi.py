"""``crm report kpi``: the key figures together."""

import typer

from crmcli.cli.report_commands import reported
from crmcli.cli.reporting import Own

app = typer.Typer(add_completion=False)


@reported(app)
def kpi() -> Own:
    """Key performance indicators of a period.

    The period is this quarter when none is given. With --as-of DATE things are taken as they were then.

    Examples:
        crm report kpi --period 2026-Q1
        crm report kpi --by owner -o json
        crm report kpi --period last-month --compare previous
        crm report kpi --period last-week --mail anna@example.com
        crm report kpi --explain win_rate
    """
    return {}
