"""Whether the linked SQLite may use write-ahead logging; here, since reader and writer both want to know."""

import sqlite3

Version = tuple[int, int, int]


def wal_is_safe(version: Version = sqlite3.sqlite_version_info) -> bool:
    """Return whether a SQLite has the fix of the WAL-reset race (3.51.3, and 3.50.7 and 3.44.6 on their branches)."""
    if version >= (3, 51, 3):
        return True
    return version[:2] in {(3, 50), (3, 44)} and version[2] >= {50: 7, 44: 6}[version[1]]
