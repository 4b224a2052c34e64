"""``crm backup``: copies of the store, made while others work, tried before they are needed."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.answers import agree
from crmcli.cli.options import DryRun, FormatWithoutRefs, Yes, count
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked
from crmcli.domain.plurals import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmcli.store.backup import Backup

app = typer.Typer(add_completion=False)


def _names(incomplete: str) -> list[str]:
    from crmcli.services.stores import LATEST, list_backups

    names = [LATEST, *(found.path.name for found in list_backups(current().store_path))]
    return [name for name in names if name.startswith(incomplete)]


BackupName = Annotated[
    str, typer.Argument(metavar="BACKUP", help="A file, a name of crm backup list, or latest.", autocompletion=_names)
]


@app.command()
def create() -> None:
    """Make a backup.

    Off a terminal it prints where the backup is.

    Examples:
        crm backup create
    """
    from crmcli.services.health import size_text
    from crmcli.services.stores import create_backup

    session = current()
    made = create_backup(session.store_path)
    session.streams.data(str(made.path))
    session.streams.note(f"backup made and checked, {size_text(made.size)}")


@app.command("list")
def list_(output: FormatWithoutRefs = None) -> None:
    """List backups.

    Examples:
        crm backup list
    """
    from crmcli.services.stores import list_backups

    _write(list_backups(current().store_path), output)


@app.command()
def verify(backup: BackupName = "latest", output: FormatWithoutRefs = None) -> None:
    """Restore a backup on trial and check it.

    The trial store is compared with the backup, record by record, and thrown away.

    Examples:
        crm backup verify
        crm backup verify latest
    """
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.services.stores import find_backup, verify_backup

    session = current()
    path = find_backup(session.store_path, backup)
    found = verify_backup(path, session.zone)
    records = sum(found.counts.values())
    columns = (Column("path", "File"), Column("records", "Records", "int"), Column("sha256", "SHA-256"))
    row = {"path": str(path), "records": records, "sha256": found.sha256, "counts": found.counts}
    write_table(Table(columns, [row], noun="backups"), session.streams, output)
    session.streams.note(f"{path.name} is good: {counted(records, 'record')} came back as before")


@app.command()
def prune(
    keep: Annotated[int, typer.Option(metavar="N", parser=count(1), help="How many of the newest stay.")] = 10,
    dry_run: DryRun = False,
    yes: Yes = False,
) -> None:
    """Remove old backups.

    Examples:
        crm backup prune --keep 5
        crm backup prune --keep 5 --yes
    """
    from crmcli.services.stores import list_backups, prune_backups

    session = current()
    old = list_backups(session.store_path)[keep:]
    if not old:
        session.streams.note(f"nothing to remove: there are no more than {counted(keep, 'backup')}")
        return
    agree(
        f"Remove {counted(len(old), 'backup')}?",
        Asked(yes=yes, dry_run=dry_run),
        lambda: [f"  {found.path.name}" for found in old],
    )
    gone = [found.path for found in old] if dry_run else prune_backups(session.store_path, keep)
    for path in gone:
        session.streams.data(str(path))
    session.streams.note(f"{counted(len(gone), 'backup')} {'would go' if dry_run else 'removed'}")


def _write(found: "Iterable[Backup]", output: str | None) -> None:
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    columns = (Column("name", "Name"), Column("at", "Made", "instant"), Column("label", "Why"),
               Column("size", "Bytes", "int"), Column("path", "File"))  # fmt: skip
    rows = [
        {"name": one.path.name, "at": _instant(one.at), "label": one.label, "size": one.size, "path": str(one.path)}
        for one in found
    ]
    write_table(Table(columns, rows, noun="backups"), current().streams, output, output_options())


def _instant(stamp: str) -> str:
    """Return the moment in a backup's name, ``20260318T110000Z``, as an instant; other text as it is."""
    from datetime import UTC, datetime

    from crmcli.clock import stored

    try:
        return stored(datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC))
    except ValueError:
        return stamp
