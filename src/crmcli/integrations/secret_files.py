"""Secrets in files, one each, for who asked for that: plain text that only its owner can read.

A file that others can read, that belongs to somebody else, or that is a link is refused and never read.
"""

import os
import stat
from pathlib import Path

from crmcli.config.paths import ensure
from crmcli.errors import ExternalError

_MOST_BYTES = 4096


def exists(path: Path) -> bool:
    """Say whether there is something at the place of the file, be it fit or not."""
    return os.path.lexists(path)


def read(path: Path) -> str:
    """Return the secret in a file; ExternalError when it is not a private, regular file of the user, or empty."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise ExternalError(f"the secret in {path} cannot be read: {error.strerror}", code="secret.file") from None
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode) or info.st_uid != os.geteuid():
            raise ExternalError(f"{path} is not a regular file of yours", hint=f"ls -l {path}", code="secret.file")
        if info.st_mode & 0o077:
            raise ExternalError(f"{path} can be read by others", hint=f"chmod 600 {path}", code="secret.file")
        first, _, _ = file.read(_MOST_BYTES).partition(b"\n")
    secret = first.decode(errors="replace").rstrip("\r")
    if not secret:
        raise ExternalError(f"{path} is empty", hint=f"crm secret set {path.name}", code="secret.file")
    return secret


def write(path: Path, secret: str) -> None:
    """Keep a secret in a file for its owner alone, whole or not at all; a link in its place is not followed."""
    from crmcli.formats.files import write_text

    ensure(path.parent)
    if path.is_symlink():
        raise ExternalError(f"{path} is a link", hint=f"rm {path}", code="secret.file")
    write_text(path, secret + "\n")


def remove(path: Path) -> bool:
    """Remove the file and return whether there was one."""
    if not exists(path):
        return False
    path.unlink()
    return True
