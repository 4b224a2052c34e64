"""The store as a file: its backups, their trial, pruning and putting back. Records are the business of other services.

Only the standard library is loaded here, so that looking at backups is as quick as any other reading.
"""

import hashlib
import json
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from crmcli.errors import CrmError, NotFoundError, RefusedError, StoreError
from crmcli.store import backup as copies
from crmcli.store.backup import Backup

LATEST = "latest"


class Content(NamedTuple):
    """What a store holds: how many records of each entity, and the SHA-256 of all of them in canonical form."""

    counts: dict[str, int]
    sha256: str


def backup_folder(store: Path) -> Path:
    """Return where the backups of a store lie."""
    return store.parent / "backups"


def create_backup(store: Path) -> Backup:
    """Make a checked backup of the store and return it; StoreError when there is no store or the copy is not good."""
    path = copies.create_backup(store, backup_folder(store))
    return next(found for found in list_backups(store) if found.path == path)


def list_backups(store: Path) -> list[Backup]:
    """Return the backups of a store, newest first."""
    return copies.backups(backup_folder(store))


def find_backup(store: Path, name: str) -> Path:
    """Return the backup of a name: ``latest``, a file, or the name of one of the store's backups."""
    known = {found.path.name: found.path for found in list_backups(store)}
    if name == LATEST and known:
        return next(iter(known.values()))
    path = known.get(name) or known.get(name + copies.SUFFIX) or Path(name).expanduser()
    if not path.is_file():
        raise NotFoundError("backup", name, hint="crm backup list" if known else "crm backup create")
    return path


def verify_backup(path: Path, zone: str) -> Content:
    """Restore a backup on trial into a folder of its own and return what came out of it.

    Raises StoreError when it cannot be restored, and CrmError when the restored store differs from the backup.
    """
    with tempfile.TemporaryDirectory(prefix="crm-verify-") as folder:
        trial = Path(folder, "crm.db")
        copies.restore(path, trial, Path(folder))  # which looks first whether it is whole and nothing strange is in it
        found = content_of(trial, zone)
    if found != content_of(path, zone):
        raise CrmError(f"{path} is not good: the restored store differs from it", code="backup.bad")
    return found


def content_of(store: Path, zone: str) -> Content:
    """Return what a store or a backup holds, in counts and as a hash of its canonical export; else StoreError."""
    from crmcli.queries.exports import export_all
    from crmcli.store.reader import open_reader

    counts: dict[str, int] = {}
    digest = hashlib.sha256()
    try:
        with closing(open_reader(store, zone, private=False)) as con:
            for entity, record in export_all(con):
                counts[entity] = counts.get(entity, 0) + 1
                digest.update(f"{entity} {json.dumps(record, sort_keys=True)}\n".encode())
    except sqlite3.Error as error:
        raise StoreError(f"{store} is damaged: {error}", hint="crm backup list", code="backup.bad") from error
    return Content(counts, digest.hexdigest())


def prune_backups(store: Path, keep: int) -> list[Path]:
    """Remove all but the newest backups and return what went; RefusedError when none would be left."""
    if keep < 1:
        raise RefusedError("at least one backup stays")
    return copies.prune(backup_folder(store), keep)


def restore_backup(path: Path, store: Path) -> Path | None:
    """Put a backup in the place of the store; return the safety copy of what was there, None when nothing was."""
    return copies.restore(path, store, backup_folder(store))
