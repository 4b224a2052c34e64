"""``crm report``: the reports on deals."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

Opportunity = Annotated[
    str | None,
    typer.Argument(
        metavar="[deal|lead]", help="Which records; both without.", autocompletion=completing.choices(("deal", "lead"))
    ),
]


@reported(app, output=FormatWithoutRefs)
def pipeline() -> Own:
    """Open deals by stage, with amounts and weights.

    All open deals, or with --period those expected to close in it. Overdue deals and deals without a date are counted
    apart, whatever the period.

    Examples:
        crm report pipeline
        crm report pipeline --period this-quarter --by owner
    """
    return {}


@reported(app)
def won() -> Own:
    """Deals won in a period.

    The period is this quarter when none is given.

    Examples:
        crm report won --period last-month
        crm report won --period 2026 --by source
    """
    return {}


@reported(app)
def lost() -> Own:
    """Deals lost in a period, with reasons.

    The period is this quarter when none is given. The last open stage is not known of deals that were entered or
    imported as lost.

    Examples:
        crm report lost --period last-quarter
        crm report lost --by owner --where "amount > 10k"
    """
    return {}


@reported(app)
def next_steps(noun: Opportunity = None) -> Own:
    """Open deals and leads without a next step, or with one in the past.

    A next step is what the record names itself, else an open task for it, else an event planned with it. The period
    picks deals by their expected close and leads by their creation; without one all count. Formats for programs hold
    the deals, or the leads when they are asked for.

    Examples:
        crm report next-steps
        crm report next-steps deal --by owner --where "amount > 10k"
        crm report next-steps lead -o ids
    """
    from crmcli.cli.finding import find_noun
    from crmcli.reports.sets import NEXT_STEPS

    entity = find_noun(noun).name if noun else None
    if entity and entity not in NEXT_STEPS:
        raise UsageError(f"{noun} has no next step", hint="crm report next-steps deal")
    return {"entity": entity}
