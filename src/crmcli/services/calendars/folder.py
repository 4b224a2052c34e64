"""A folder of calendar files as vdirsyncer has it: a file for each item, that other programs read and write as well.

Only files of our own are replaced, none is removed: what is no longer here is told.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from crmcli.config.paths import ensure
from crmcli.formats.files import write_text
from crmcli.formats.ical_files import PRODUCT
from crmcli.services.calendars.items import Item, file_name

_SUFFIX = ".ics"
_HEAD = 1 << 10  # bytes in which a file says which program wrote it
_OURS = f"PRODID:{PRODUCT}\r\n".encode()


class Written(NamedTuple):
    """What became of the files of a folder: written or left as they were, not ours to write, and without a record."""

    items: int
    changed: int
    foreign: tuple[str, ...]
    left: tuple[str, ...]


def write_folder(folder: Path, items: Iterable[Item]) -> Written:
    """Write a file for each item; one that says the same already is not touched."""
    ensure(folder)
    count = changed = 0
    foreign: list[str] = []
    known: set[str] = set()
    for count, item in enumerate(items, start=1):  # noqa: B007 - counted
        path = folder / file_name(item.uid, _SUFFIX)
        known.add(path.name)
        text = item.text()
        if not path.exists():
            write_text(path, text)
            changed += 1
        elif path.read_bytes() != text.encode():
            if is_ours(path):
                write_text(path, text)
                changed += 1
            else:
                foreign.append(path.name)
    left = [path.name for path in sorted(folder.glob(f"*{_SUFFIX}")) if path.name not in known and is_ours(path)]
    return Written(count, changed, tuple(foreign), tuple(left))


def is_ours(path: Path) -> bool:
    """Say whether a file was written by this program and by no other since."""
    with path.open("rb") as stream:
        return _OURS in stream.read(_HEAD)
