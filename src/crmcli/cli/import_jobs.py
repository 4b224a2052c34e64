"""``crm import list``, ``show``, ``undo`` and ``resume``: the imports there were."""

from functools import partial
from typing import Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs, ReceiptFormat
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import NotFoundError, RefusedError
from crmcli.output.formats import RECEIPT

app = typer.Typer(add_completion=False)

_LISTED = (("job", "Job", "int"), ("at", "When", "instant"), ("file", "File", "text"), ("entity", "Of", "text"),
           ("preset", "Read as", "text"), ("rows", "Rows", "int"), ("created", "Created", "int"),
           ("updated", "Updated", "int"), ("unchanged", "Unchanged", "int"), ("rejected", "Rejected", "int"),
           ("stopped", "Stopped", "bool"), ("undone", "Taken back", "bool"))  # fmt: skip


@app.command("list")
def list_(output: FormatWithoutRefs = None) -> None:
    """List imports.

    Examples:
        crm import list
    """
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.queries.imports import list_jobs

    columns = tuple(Column(*column) for column in _LISTED)
    table = Table(columns, list_jobs(current().reader()), noun="imports")
    write_table(table, current().streams, output, output_options())


Job = Annotated[
    int,
    typer.Argument(metavar="JOB", help="Number of an import; see crm import list.", autocompletion=completing.jobs),
]


@app.command()
def show(job: Job, output: ReceiptFormat = None) -> None:
    """Show the receipt of an import.

    Examples:
        crm import show 3
        crm import show 3 -o json
    """
    from crmcli.cli.receipts import receipt_lines
    from crmcli.output.json import write_object
    from crmcli.output.tables import choose_format

    streams = current().streams
    found = _job(job)
    if choose_format(output or "table", streams, RECEIPT) == "json":
        write_object(found, streams)
        return
    for line in receipt_lines(found["receipt"] | {"job": job}, mapping=True):
        streams.data(line)
    if found["undone"]:
        streams.data("  taken back")


@app.command()
@partial(writes, output=FormatWithoutRefs)
def undo(
    job: Job,
    force: Annotated[bool, typer.Option("--force", help="Put the old values back over later changes too.")] = False,
    *,
    asked: Asked,
) -> None:
    """Take an import back.

    Exactly what the import did goes back, updates included. Files imported by one command are one step.

    Examples:
        crm import undo 3
        crm import undo 3 --yes
    """
    from crmcli.cli.undo import take_back
    from crmcli.queries.history import undo_stack
    from crmcli.queries.imports import jobs_of

    con = current().reader()
    operation = _job(job)["operation"]
    step = next((step for step in undo_stack(con) if operation in step["ids"]), None)
    if step is None:
        raise RefusedError(f"import {job} is taken back already", code="undo.empty", hint="crm import list")
    together = [str(other) for other in jobs_of(con, operation) if other != job]
    if together:
        current().streams.note(f"imports of the same command go with it: {', '.join(together)}")
    take_back([step], asked, kind="undo", done="Took back", force=force, again=f"crm import undo {job}")


@app.command()
@partial(writes, output=ReceiptFormat)
def resume(
    job: Job,
    file: Annotated[str | None, typer.Argument(metavar="[FILE]", help="Where the file is now, if elsewhere.")] = None,
    *,
    asked: Asked,
) -> None:
    """Go on with an import in batches that was stopped.

    It goes on after the last row that is in, with the same file and options. The receipt tells of the whole import.

    Examples:
        crm import resume 3
        crm import resume 3 /mnt/stick/contacts.csv
    """
    from crmcli.cli.importing import go_on
    from crmcli.queries.imports import stored_job

    stored = stored_job(current().reader(), job)
    if stored is None:
        raise NotFoundError("import", str(job), hint="crm import list")
    if _job(job)["undone"]:
        raise RefusedError(f"import {job} is taken back", hint="crm import list", code="import.complete")
    go_on(stored, file, asked)


def _job(number: int) -> dict[str, Any]:
    from crmcli.queries.imports import get_job

    found = get_job(current().reader(), number)
    if found is None:
        raise NotFoundError("import", str(number), hint="crm import list")
    return found
