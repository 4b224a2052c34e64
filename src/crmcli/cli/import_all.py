"""``crm import all``: the document of ``crm export all`` back into a store, every record under its own number."""

from typing import Annotated

import typer

from crmcli.catalogue import ENTITIES
from crmcli.cli.answers import context
from crmcli.cli.options import ReceiptFormat
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.output.formats import RECEIPT

app = typer.Typer(add_completion=False)


def _all(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What crm export all wrote; - is standard input.")],
    *,
    asked: Asked,
) -> None:
    """Take everything that was exported into a new store.

    The document of crm export all, with every number and every identity, removed records too. Exported again it is the
    same, byte for byte. The store must be as crm init made it; undo makes it so again.

    Examples:
        crm import all everything.json --db copy.db
        crm export all --db a.db | crm import all - --db b.db
    """
    from crmcli.domain.plurals import counted
    from crmcli.formats.json_values import read_sections
    from crmcli.importing.sources import open_source
    from crmcli.output.json import dumps
    from crmcli.services.whole import import_all

    session = current()
    with open_source(file) as source, source.path.open(encoding="utf-8", newline="") as text:
        made = context(asked, kind="import", plain=[file], formats=RECEIPT)
        done = import_all(made, read_sections(text, source.label), source.label)
    for warning in done.warnings:
        session.streams.warn(warning)
    if done.replayed:
        session.streams.note("this was done before, under the same key")
    if asked.dry_run:
        session.streams.note("Dry run: nothing was saved")
    if asked.output == "json":
        session.streams.write(dumps({"records": done.counts}, indent=2) + "\n")
        return
    told = [counted(count, ENTITIES[name].label.lower(), ENTITIES[name].plural) for name, count in done.counts.items()]
    session.streams.note(f"{source.label}: {', '.join(told) or 'nothing'}")


app.command("all")(writes(_all, output=ReceiptFormat))
