"""Opens files that must be files: a pipe or a device in the place of one is refused at once, nobody waits for it.

What stands in a file, and how a failure is told, is up to who reads it.
"""

import errno
import os
import stat
from pathlib import Path


def open_regular(path: Path) -> int:
    """Return the descriptor of a regular file to read, links followed; OSError for anything else."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return descriptor
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, "Is a directory", str(path))
    raise OSError(errno.EINVAL, "not a regular file", str(path))


def read_text(path: Path, errors: str = "strict") -> str:
    """Return the text of a regular file; OSError, or UnicodeDecodeError where it is not UTF-8 and may not be mended."""
    with open(open_regular(path), encoding="utf-8", errors=errors) as file:
        return file.read()
