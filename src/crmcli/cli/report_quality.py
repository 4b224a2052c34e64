"""``crm report``: the reports on how good the data is."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

Noun = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact|deal]",
        help="Which records; all four without.",
        autocompletion=completing.choices(("lead", "org", "contact", "deal")),
    ),
]

Compared = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact]",
        help="Which records; all three without.",
        autocompletion=completing.choices(("lead", "org", "contact")),
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


@reported(app, output=FormatWithoutRefs)
def adoption() -> Own:
    """Who works with the store, and what nobody touches.

    Active users who wrote in the period, the last 30 days when none is given; what rules and imports write does not
    count. Conditions and groups are about users. Beside stands the share of open deals without a change for 30 days.

    Examples:
        crm report adoption
        crm report adoption --period this-quarter --by team
    """
    return {}


@reported(app)
def duplicates(noun: Compared = None) -> Own:
    """Records that seem to be there twice.

    Leads, organizations and contacts that share an e-mail, a phone, a profile, a VAT number or a domain, as crm dedupe
    scan finds them; similar names alone do not count. A group counts by its first record.

    Examples:
        crm report duplicates
        crm report duplicates contact -o json
    """
    from crmcli.cli.finding import find_noun
    from crmcli.reports.quality_sets import COMPARED

    entity = find_noun(noun).name if noun else None
    if entity and entity not in COMPARED:
        raise UsageError(f"{noun} is not searched for duplicates", hint="one of lead, org, contact")
    return {"entity": entity}
