"""Secrets that a program tells, such as a password manager: run without a shell, bounded in time and output.

It inherits the environment, as password managers need it, but none of the secrets that stood there (see ``hidden``).
"""

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from crmcli.errors import ExternalError

if TYPE_CHECKING:
    from subprocess import Popen

LIMIT_S = 10.0
_MOST_BYTES = 65536


def read(words: Sequence[str], limit_s: float = LIMIT_S) -> str:
    """Return the first line that a program prints; ExternalError when it fails, says nothing or takes too long.

    Nothing of what it prints is ever repeated.
    """
    import subprocess
    from threading import Timer

    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own choice of program
            [*words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise _failure(words, f"cannot be started: {error.strerror}") from None
    timer = Timer(limit_s, _kill, [process])
    timer.start()
    try:
        output = process.stdout.read(_MOST_BYTES) if process.stdout else b""
        timed_out = not timer.is_alive()
    finally:
        timer.cancel()
        code = _end(process)
    if timed_out:
        raise _failure(words, f"did not end within {limit_s:g} seconds")
    secret = output.partition(b"\n")[0].decode(errors="replace").rstrip("\r")
    if code or not secret:
        raise _failure(words, f"failed with code {code}" if code else "says nothing")
    return secret


def _end(process: "Popen[bytes]") -> int:
    """Return the code of a process that has said all that counts; what it left behind is ended too."""
    import subprocess

    if process.stdout:
        process.stdout.close()
    try:
        code = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        code = 0  # it goes on though its answer is complete
    _kill(process)
    process.wait()
    return code


def _kill(process: "Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _failure(words: Sequence[str], reason: str) -> ExternalError:
    return ExternalError(
        f"password_command {words[0]} {reason}", hint="crm config edit shows the command", code="secret.command"
    )
