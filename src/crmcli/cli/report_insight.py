"""``crm report``: what past deals say about those that are open."""

from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

Limit = Annotated[str, typer.Option("--limit", metavar="Z", help="How many standard deviations are too many.")]


@reported(app, output=FormatWithoutRefs)
def calibration() -> Own:
    """How often deals were won, by the probability they had.

    Of the deals closed in the period: the probability that each had when it last stood open, and that of the model
    (crm deal why) if it had not known the deal itself. Where the share won is far from the probability, the
    probabilities promise too much or too little. The Brier score sums it up: 0 is always right, 0.25 is a coin.

    Examples:
        crm report calibration
        crm report calibration --period 2026 -o json
    """
    return {}


@reported(app)
def anomalies(limit: Limit = "2") -> Own:
    """Open deals unlike those that were closed: in amount, or in age.

    The z-score is how many standard deviations a deal is away from the mean of the closed deals of its pipeline: its
    amount in the base currency, and its days since it was created against their days from creation to closing. A
    pipeline with fewer than five closed deals says nothing.

    Examples:
        crm report anomalies
        crm report anomalies --limit 3 --where "amount > 10k"
        crm report anomalies -o ids
    """
    try:
        found = float(limit)
    except ValueError:
        found = -1.0
    if not 0 < found < 1000:
        raise UsageError(f"--limit takes a number above 0, not {limit!r}", hint="crm report anomalies --limit 2.5")
    return {"limit": found}
