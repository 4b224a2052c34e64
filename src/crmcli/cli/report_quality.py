"""``crm report``: the reports on how good the data is."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.report_commands import reported
from crmcli.cli.reporting import Own

app = typer.Typer(add_completion=False)

Noun = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact|deal]",
        help="Which records; all four without.",
        autocompletion=completing.choices(("lead", "org", "contact", "deal")),
    ),
]


@reported(app)
def completeness(noun: Noun = None) -> Own:
    """Records that lack key fields, and how many.

    Which fields count is said in the table [completeness] of the settings. The period picks records by their creation;
    without one all of them count. Groups are those of the owner unless --by says otherwise.

    Examples:
        crm report completeness contact
        crm report completeness deal --by stage --where "outcome = open"
        crm report completeness org -o ids
    """
    from crmcli.cli.finding import find_noun

    return {"entity": find_noun(noun).name if noun else None}
