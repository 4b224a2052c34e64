"""What stands between a user and a sound store: program, files, folders, disk. Only looked at, never changed.

What the records say is examined by ``queries.checks``; getting data out of a damaged file is ``services.recovery``.
"""

import os
import sqlite3
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib.util import cache_from_source
from pathlib import Path

from crmcli import clock
from crmcli.config.paths import Paths
from crmcli.config.settings import load
from crmcli.domain.plurals import counted
from crmcli.errors import CrmError
from crmcli.queries.index_checks import WAY_OUT
from crmcli.services.findings import FAILURE, OK, WARNING, Finding
from crmcli.services.stores import list_backups
from crmcli.store.backup import damage
from crmcli.store.contents import strange_objects
from crmcli.store.index_check import index_damage
from crmcli.store.mounts import NETWORK, file_system_of
from crmcli.store.reader import open_reader, stamps
from crmcli.store.version import SCHEMA_VERSION
from crmcli.store.wal import wal_is_safe
from crmcli.version import VERSION

_SYNCED = ("dropbox", "onedrive", "icloud", "com~apple~clouddocs", "google drive", "googledrive", "nextcloud",
           "owncloud", "syncthing", "pcloud", "mega")  # fmt: skip
_LITTLE_SPACE = 100 * 2**20  # bytes
_OLD_BACKUP_DAYS = 30
_WAYS_OUT = ": crm restore latest, or crm doctor --recover FILE"


def examine(paths: Paths, environ: Mapping[str, str]) -> list[Finding]:
    """Return the findings about the environment and, where there is one, about the store."""
    found = [_program(), _sqlite(), _byte_code(), *_settings(paths, environ), *_places(paths)]
    if not paths.store.exists():
        return [*found, Finding("store", WARNING, f"there is none at {paths.store}: crm init creates it")]
    found += [*_file(paths.store), *_inside(paths.store), _backups(paths.store)]
    if any(finding.verdict == FAILURE for finding in found):
        return found
    return [*found, _search(paths.store), *_rules(paths, environ)]


def _program() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding("program", OK, f"crm {VERSION}, Python {python}, {sys.platform}")


def _sqlite() -> Finding:
    if wal_is_safe():
        return Finding("sqlite", OK, f"{sqlite3.sqlite_version}, safe for write-ahead logging")
    text = f"{sqlite3.sqlite_version}, without the fix of the WAL-reset race: the store keeps a rollback journal"
    return Finding("sqlite", OK, text)


def _byte_code() -> Finding:
    if Path(cache_from_source(__file__)).exists():
        return Finding("byte-code", OK, "compiled")
    return Finding(
        "byte-code", WARNING, f"not compiled, every start is slow: python -m compileall {Path(__file__).parents[1]}"
    )


def _settings(paths: Paths, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Yield the verdict on the configuration and, if that can be read, on the time zone."""
    try:
        settings = load(paths, environ)
    except CrmError as error:
        yield Finding("configuration", FAILURE, error.message)
        return
    there = paths.config_file.exists()
    yield Finding("configuration", OK, str(paths.config_file) if there else f"all defaults, no {paths.config_file}")
    name = settings.timezone
    if name == "UTC" and settings.origins.get("timezone") == "system":
        yield Finding("time zone", WARNING, "this machine names none, so UTC: crm config set timezone Europe/Rome")
    else:
        yield Finding("time zone", OK, name)


def _places(paths: Paths) -> Iterator[Finding]:
    for name in ("config", "data", "state", "cache"):
        folder: Path = getattr(paths, name)
        if not folder.exists():
            yield Finding(f"{name} folder", OK, f"{folder}, not there yet")
        elif folder.stat().st_mode & 0o077:
            yield Finding(
                f"{name} folder", WARNING, f"{folder} is open to others ({_mode(folder)}): chmod 700 {folder}"
            )
        else:
            yield Finding(f"{name} folder", OK, f"{folder} ({_mode(folder)})")


def _mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):04o}"


def _file(store: Path) -> Iterator[Finding]:
    info = store.lstat()
    if not stat.S_ISREG(info.st_mode) or info.st_nlink != 1 or info.st_uid != os.getuid():
        yield Finding("store", FAILURE, f"{store} is not a regular file of yours with a single name")
    elif info.st_mode & 0o077:
        yield Finding("store", FAILURE, f"{store} can be read by others ({_mode(store)}): chmod 600 {store}")
    else:
        yield Finding("store", OK, f"{store} ({_mode(store)}), {size_text(info.st_size)}")
    synced = [name for name in _SYNCED if any(part.casefold().startswith(name) for part in store.parts)]
    if synced:
        yield Finding(
            "sync folder", WARNING, f"{store.parent} is synced by {synced[0]}, which can damage an open store"
        )
    system = file_system_of(store)
    if system in NETWORK:
        yield Finding("network drive", WARNING, f"{store.parent} lies on {system}, where locks may fail")
    free = os.statvfs(store.parent)
    bytes_free = free.f_bavail * free.f_frsize
    verdict = WARNING if bytes_free < max(_LITTLE_SPACE, 2 * info.st_size) else OK
    yield Finding("disk", verdict, f"{size_text(bytes_free)} free")


def _inside(store: Path) -> Iterator[Finding]:
    """Yield what SQLite says of the file: schema, journal mode, integrity."""
    try:
        with closing(sqlite3.connect(f"{store.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)) as con:
            _, version = stamps(con)
            strange = strange_objects(con)
            journal = con.execute("PRAGMA journal_mode").fetchone()[0]
    except sqlite3.Error as error:
        yield Finding("integrity", FAILURE, f"{error}{_WAYS_OUT}")
        return
    yield _schema(version, strange)
    if journal == "wal" and not wal_is_safe():
        yield Finding("journal", WARNING, "wal, which is not safe with this SQLite; the next write changes it")
    else:
        yield Finding("journal", OK, journal)
    problems = damage(store)
    text = "; ".join(problems[:3]) + _WAYS_OUT
    yield Finding("integrity", FAILURE, text) if problems else Finding("integrity", OK, "no damage")


def _schema(version: int, strange: list[str]) -> Finding:
    if version < SCHEMA_VERSION:
        return Finding("schema", FAILURE, f"version {version} is older than {SCHEMA_VERSION}: crm init migrates it")
    if version > SCHEMA_VERSION:
        return Finding("schema", FAILURE, f"version {version} is newer than {SCHEMA_VERSION}: update crmcli")
    if strange:
        return Finding("schema", FAILURE, "; ".join(strange[:3]) + _WAYS_OUT)
    return Finding("schema", OK, f"version {version}")


def _search(store: Path) -> Finding:
    """Return whether the full-text index of a store that can be read is sound."""
    if problem := index_damage(store):
        return Finding("search index", FAILURE, f"{problem}: {WAY_OUT}")
    return Finding("search index", OK, "no damage")


def _rules(paths: Paths, environ: Mapping[str, str]) -> list[Finding]:
    """Return the findings about the rules of a store that can be read."""
    from crmcli.services.mail_health import examine_accounts
    from crmcli.services.rule_health import examine_rules  # with all that rules need, which other commands do not

    settings = load(paths, environ)
    with closing(open_reader(paths.store, settings.timezone)) as con:
        return [*examine_rules(con, paths, settings), *examine_accounts(paths, settings)]


def _backups(store: Path) -> Finding:
    found = list_backups(store)
    if not found:
        return Finding("backups", WARNING, "there is none: crm backup create")
    age_days = int((clock.now().timestamp() - found[0].path.stat().st_mtime) / 86400)
    verdict = WARNING if age_days > _OLD_BACKUP_DAYS else OK
    return Finding("backups", verdict, f"{len(found)}, the newest {counted(max(age_days, 0), 'day')} old")


def size_text(size: int) -> str:
    """Return a number of bytes for people, in binary units."""
    for unit in ("B", "KiB", "MiB"):
        if size < 1024:
            return f"{size} {unit}"
        size //= 1024
    return f"{size} GiB"
