"""``crm report``: the reports on the relationship with customers."""

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported

app = typer.Typer(add_completion=False)


@reported(app, output=FormatWithoutRefs)
def lifecycle() -> Own:
    """Customers by phase, who moved, and what they bought.

    Phases are those that crm lifecycle apply gave, or a person chose, as they were at the end of the period; this
    quarter when none is given. Conditions are about organizations and contacts. Why a customer is where it is:
    crm lifecycle show.

    Examples:
        crm report lifecycle --period this-year
        crm report lifecycle --compare previous
        crm report lifecycle --where "country = IT" -o json
    """
    return {}


@reported(app)
def ambassadors() -> Own:
    """Contacts who brought others, and what came of it.

    Referrals are leads and contacts that name who referred them, by their creation in the period; revenue is that of
    the deals won in it. Conditions are about the ambassadors, whose satisfaction is that with their tickets.

    Examples:
        crm report ambassadors --period this-year --top 10
        crm report ambassadors --where "tags has vip" -o json
    """
    return {}
