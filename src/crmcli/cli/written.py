"""Files that a command writes where the user says: never over the store, whatever name leads there."""

import os
from pathlib import Path

from crmcli.cli.session import current
from crmcli.errors import UsageError

_BESIDE = ("", "-wal", "-shm", "-journal", ".lock")  # the store and what SQLite and we keep next to it


def refuse_store(path: Path, option: str) -> None:
    """Raise UsageError when a file to be written is the store, or one that belongs to it."""
    store = current().store_path
    for suffix in _BESIDE:
        own = store.with_name(store.name + suffix)
        if _same(path, own):
            raise UsageError(f"{option}: {path} belongs to the store", hint="name another file", code="file.store")


def _same(path: Path, other: Path) -> bool:
    if path.exists() and other.exists():
        return os.path.samestat(path.stat(), other.stat())
    return os.path.realpath(path) == os.path.realpath(other)
