"""``crm schema``: what programs may rely on, as JSON Schema, SQL and a diagram."""

from typing import Annotated

import typer

from crmcli.cli.session import current
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)


def _nouns(incomplete: str) -> list[str]:
    from crmcli.catalogue import ENTITIES

    return [entity.noun for entity in ENTITIES.values() if entity.noun.startswith(incomplete)]


@app.command("json")
def json_(
    noun: Annotated[str, typer.Argument(metavar="NOUN", help="Such as lead, org or deal.", autocompletion=_nouns)],
) -> None:
    """Print the JSON Schema of a record.

    It describes the objects of `list -o json` and `show -o json`; fields are only ever added.

    Examples:
        crm schema json lead
    """
    from crmcli.catalogue import ENTITIES
    from crmcli.domain.schema import did_you_mean
    from crmcli.output.json import write_object
    from crmcli.queries.schemas import json_schema

    found = next((entity for entity in ENTITIES.values() if noun in (entity.noun, entity.name)), None)
    if found is None:
        nouns = [entity.noun for entity in ENTITIES.values()]
        raise UsageError(f"there is no record {noun!r}", hint=did_you_mean(noun, nouns) or f"one of {', '.join(nouns)}")
    write_object(json_schema(current().reader(), found), current().streams)


@app.command()
def sql() -> None:
    """Print the tables of the store.

    Examples:
        crm schema sql
        crm schema sql | sqlite3 copy.db
    """
    from crmcli.queries.schemas import tables_sql

    for statement in tables_sql(current().reader()):
        current().streams.data(statement)


@app.command()
def diagram(
    warehouse: Annotated[bool, typer.Option("--warehouse", help="The tables of crm export warehouse instead.")] = False,
) -> None:
    """Print the entities and their links as a diagram.

    The text is Mermaid, which many editors and web pages draw.

    Examples:
        crm schema diagram > schema.mmd
        crm schema diagram --warehouse
    """
    if warehouse:
        from crmcli.reports.warehouse import diagram as lines
    else:
        from crmcli.queries.schemas import diagram as lines

    current().streams.data("\n".join(lines()))
