"""``crm check``: whether the records keep the promises that every write makes. The environment is ``crm doctor``."""

import typer

from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current

app = typer.Typer(add_completion=False)


@app.command()
def check(output: OutputFormat = None) -> None:
    """Verify the business invariants of the store.

    Every finding is a line, with exit code 1; a store in order prints nothing but a note.

    Examples:
        crm check
        crm check -o json
    """
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.checks import broken_invariants, damaged_index

    session = current()
    broken = [*broken_invariants(session.reader()), *damaged_index(session.store_path)]
    found = [finding._asdict() for finding in broken]
    if not found and output is None:
        session.streams.note("all good: every invariant holds")
        return
    columns = (Column("entity", "Record"), Column("ref", "Ref"), Column("what", "What is wrong"))
    write_table(Table(columns, found, noun="findings"), session.streams, output)
    if found:
        raise typer.Exit(1)
