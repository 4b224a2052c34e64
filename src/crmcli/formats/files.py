"""Opens files to read and writes files whole: a reader of the target sees the old content or the new, never a part.

What stands in the files is the business of the other modules here. The database has its own durability.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from crmcli.config.files import open_regular
from crmcli.domain.schema import did_you_mean
from crmcli.errors import CrmError, NotFoundError, UsageError


@contextmanager
def replacing(path: Path) -> Iterator[TextIO]:
    """Yield a UTF-8 text file that takes the place of ``path`` when the block ends well.

    The new content is written beside the target (mode 0600), synced, renamed over it, and the folder synced; a symbolic
    link is followed; a device or pipe is written to directly. When the block fails the target stays as it was. Raises
    CrmError naming the path when the file system refuses.
    """
    try:
        is_direct = path.exists() and not path.is_file()
        with _direct(path) if is_direct else _renamed(Path(os.path.realpath(path))) as stream:
            yield stream
    except OSError as problem:
        raise CrmError(f"cannot write {path}: {problem.strerror or problem}", code="file.not_written") from problem


def write_text(path: Path, text: str) -> None:
    """Write a whole text file as ``replacing`` does."""
    with replacing(path) as stream:
        stream.write(text)


def open_to_read(path: Path) -> BinaryIO:
    """Return an open binary file.

    Raises NotFoundError with the nearest name when there is none, UsageError for a folder, CrmError for what cannot be
    read or is no regular file.
    """
    try:
        return open(open_regular(path), "rb")  # noqa: PTH123 - a descriptor
    except (FileNotFoundError, NotADirectoryError):
        raise NotFoundError("file", str(path), hint=_near(path)) from None
    except IsADirectoryError:
        raise UsageError(f"{path} is a folder", hint=f"crm import auto {path}", code="file.folder") from None
    except OSError as problem:
        told = f"cannot read {path}: {problem.strerror or problem}"
        raise CrmError(told, hint=f"ls -l {path}", code="file.not_read") from problem


def standard_input(what: str) -> TextIO:
    """Return standard input, from which ``what`` is read; UsageError when it is closed or a terminal."""
    stream = sys.stdin
    fault = "closed" if stream is None or stream.closed else "a terminal" if stream.isatty() else ""
    if fault:
        raise UsageError(f"'-' reads {what} from standard input, which is {fault}", hint="use a pipe, or < FILE")
    return stream


def _near(path: Path) -> str:
    """Return a hint with the nearest names in the folder, or where to look."""
    folder = path.parent
    while not folder.is_dir():
        folder = folder.parent
    names = [found.name for found in folder.iterdir()] if os.access(folder, os.R_OK | os.X_OK) else []
    return (did_you_mean(path.name, names) if folder == path.parent else None) or f"ls {folder}"


@contextmanager
def _direct(target: Path) -> Iterator[TextIO]:
    with target.open("w", encoding="utf-8", newline="") as stream:
        yield stream


@contextmanager
def _renamed(target: Path) -> Iterator[TextIO]:
    with (
        beside(target) as temporary,
        temporary.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream,
    ):
        yield stream


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """Yield an empty file (mode 0600) beside a target, which it takes the place of, synced, when the block ends well.

    Whoever fills it may be another program that opens files by their path.
    """
    from tempfile import mkstemp

    descriptor, name = mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        yield temporary
        os.fsync(descriptor)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
