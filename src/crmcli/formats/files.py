"""Opens files to read and writes files whole: a reader of the target sees the old content or the new, never a part.

What stands in the files is the business of the other modules here. The database has its own durability.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from crmcli.errors import CrmError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Yield a UTF-8 text file that takes the place of ``path`` when the block ends well.

    The new content is written beside the target (mode 0600), synced, renamed over it, and the folder synced; a symbolic
    link is followed; a device or pipe is written to directly. When the block fails the target stays as it was. Raises
    CrmError naming the path when the file system refuses.
    """
    try:
        target = Path(os.path.realpath(path))
        with _direct(target) if target.exists() and not target.is_file() else _renamed(target) as stream:
            yield stream
    except OSError as problem:
        raise CrmError(f"cannot write {path}: {problem.strerror or problem}", code="file.not_written") from problem


def write_text(path: Path, text: str) -> None:
    """Write a whole text file as ``replacing`` does."""
    with replacing(path) as stream:
        stream.write(text)


def open_to_read(path: Path) -> BinaryIO:
    """Return an open binary file; raises CrmError naming the path when it cannot be read."""
    try:
        return path.open("rb")
    except OSError as problem:
        raise CrmError(f"cannot read {path}: {problem.strerror or problem}", code="file.not_read") from problem


@contextmanager
def _direct(target: Path) -> Iterator[TextIO]:
    with target.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _renamed(target: Path) -> Iterator[TextIO]:
    from tempfile import mkstemp

    descriptor, temporary = mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as stream:  # noqa: PTH123
            yield stream
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, target)  # noqa: PTH105 - the pair of mkstemp
    except BaseException:
        with suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
