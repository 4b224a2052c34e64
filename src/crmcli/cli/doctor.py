"""``crm doctor``: whether program, folders and store are sound, and a way out of a damaged store."""

from pathlib import Path
from typing import Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.domain.plurals import counted
from crmcli.errors import StoreError

app = typer.Typer(add_completion=False)


@app.command()
def doctor(
    recover: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write what can still be read into a new store, FILE.")
    ] = None,
    reindex: Annotated[
        bool, typer.Option("--reindex", help="Write the index by which crm find searches anew, from the records.")
    ] = False,
    output: FormatWithoutRefs = None,
) -> None:
    """Examine the environment and the store.

    Exit code 1 when something is broken; a warning alone is no failure.

    Examples:
        crm doctor
        crm doctor --recover ~/recovered.db
        crm doctor --reindex
    """
    if recover is not None:
        _recover(recover.expanduser().absolute())
        return
    if reindex:
        _reindex()
        return
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.services.findings import FAILURE
    from crmcli.services.health import examine

    session = current()
    found = examine(session.paths, session.environ)
    columns = (Column("subject", "Subject"), Column("verdict", "Verdict"), Column("text", "What there is to know"))
    write_table(Table(columns, [finding._asdict() for finding in found], noun="findings"), session.streams, output)
    if any(finding.verdict == FAILURE for finding in found):
        raise typer.Exit(1)


def _reindex() -> None:
    from crmcli.services.reindexing import reindex

    session = current()
    count = reindex(session.store_path, session.settings)
    session.streams.note(f"{counted(count, 'record')} can be found again")


def _recover(target: Path) -> None:
    from crmcli.services.recovery import recover

    session = current()
    found = recover(session.store_path, target, session.zone)
    rows = sum(found.kept.values())
    if not rows:
        raise StoreError(f"nothing could be read from {session.store_path}", hint="crm restore latest")
    session.streams.data(str(target))
    session.streams.note(
        f"{counted(rows, 'row')} recovered into the new store {target}; {session.store_path} is as it was"
    )
    for table, count in found.dropped.items():
        session.streams.warn(f"left out of {table}, being broken: {counted(count, 'row')}")
    session.streams.note(f"look at it with: crm --db {target} check")
