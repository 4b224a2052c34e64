"""``crm restore``: a backup takes the place of the store; what was there is kept as a backup itself."""

import typer

from crmcli.cli.answers import agree
from crmcli.cli.backup import BackupName
from crmcli.cli.options import DryRun, Yes
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked
from crmcli.domain.plurals import counted

app = typer.Typer(add_completion=False)


@app.command()
def restore(backup: BackupName, dry_run: DryRun = False, yes: Yes = False) -> None:
    """Put a backup in the place of the store.

    The store as it is now becomes a backup first, so that this can be taken back by another restore.

    Examples:
        crm restore latest
        crm restore 20260318T110000Z_manual.crmbackup --yes
    """
    from crmcli.services.stores import find_backup, restore_backup, verify_backup

    session = current()
    path = find_backup(session.store_path, backup)
    found = verify_backup(path, session.zone)
    session.streams.note(f"{path.name} is good and holds {counted(sum(found.counts.values()), 'record')}")
    agree(f"It will take the place of {session.store_path}.", Asked(yes=yes, dry_run=dry_run))
    if dry_run:
        return
    session.close()
    safety = restore_backup(path, session.store_path)
    session.streams.note(f"restored {session.store_path}")
    if safety is not None:
        session.streams.note(f"as it was before, it is kept: crm restore {safety.name} takes this back")
