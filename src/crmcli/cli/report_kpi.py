"""``crm report kpi``: the key figures together."""

from typing import Annotated

import typer

from crmcli.cli.completing import choices
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported

app = typer.Typer(add_completion=False)


_PACKS = ("goals", "adhesion", "purchase", "relationship", "economic", "sales", "service")
Pack = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help=f"Only the figures of a pack: {', '.join(_PACKS)}.", autocompletion=choices(_PACKS)
    ),
]
Listed = Annotated[bool, typer.Option("--list", help="List all figures, and those that wait for their data.")]


@reported(app)
def kpi(pack: Pack = None, listed: Listed = False) -> Own:
    """Key performance indicators of a period.

    The period is this quarter when none is given. With --as-of DATE things are taken as they were then.

    Examples:
        crm report kpi --period 2026-Q1
        crm report kpi --by owner -o json
        crm report kpi --period last-month --compare previous
        crm report kpi --period last-week --mail anna@example.com
        crm report kpi --explain win_rate
        crm report kpi --pack service --period last-quarter
        crm report kpi --list
    """
    return {"pack": pack, "listed": listed}
