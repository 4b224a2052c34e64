"""``crm deal why``: what the closed deals say about the chance of an open one."""

from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.records import ref_argument
from crmcli.cli.session import current
from crmcli.output.formats import WITHOUT_REFS

app = typer.Typer(add_completion=False)

_COLUMNS = (
    ("feature", "Feature", "text"),
    ("value", "Value", "text"),
    ("won", "Won", "int"),
    ("lost", "Lost", "int"),
    ("share_won", "Of the won", "ratio"),
    ("share_lost", "Of the lost", "ratio"),
    ("weight", "Weighs", "number"),
)


@app.command()
def why(ref: Annotated[str, ref_argument("deal")], output: FormatWithoutRefs = None) -> None:
    """Tell how likely a deal is to be won, and why.

    Naive Bayes over the closed deals of its pipeline: each value of the deal, from its stage to its tags, weighs as
    much as it was more frequent among the won deals than among the lost ones. Above 1 it speaks for the deal, below 1
    against it. With probability_source = auto the deal's probability is this chance, and follows it.

    Examples:
        crm deal why D5
        crm deal edit D5 --set probability_source=auto
        crm deal why D5 -o json
    """
    from crmcli.cli.finding import find_id
    from crmcli.cli.listing import output_options
    from crmcli.output.cells import people
    from crmcli.output.json import write_object
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.reports.chances import chance_of

    session = current()
    form = choose_format(output, session.streams, WITHOUT_REFS)
    found = chance_of(session.reader(), find_id("deal", ref))
    if form == "json":
        write_object(found._asdict(), session.streams)
        return
    table = Table(tuple(Column(*column) for column in _COLUMNS), found.rows, noun="factors")
    write_table(table, session.streams, form, output_options())
    said, present = (people(value, "percent", locale=session.locale) for value in (found.percent, found.present))
    told = f"by the model {said}" if found.reason is None else f"the model says nothing: {found.reason}"
    session.streams.note(f"{found.ref}: {told}; its probability is {present} ({found.source})")
