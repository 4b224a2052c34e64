"""The user's editor: which one it is, and opening a file in it. What the file means is the caller's business."""

import sys
from collections.abc import Mapping
from pathlib import Path

from crmcli.errors import CrmError, UsageError

_FALLBACK = "vi"  # POSIX promises it


def open_in_editor(path: Path, environ: Mapping[str, str]) -> None:
    """Open a file in ``$VISUAL`` or ``$EDITOR`` (words as a shell splits them, no shell) and wait for its end.

    Raises UsageError when there is no such program, or none is named off a terminal; CrmError when it fails.
    """
    import shlex
    import subprocess

    at_terminal = sys.stdin is not None and sys.stdin.isatty()
    command = environ.get("VISUAL") or environ.get("EDITOR") or (_FALLBACK if at_terminal else "")
    if not command:
        raise UsageError("no editor is named", hint="set VISUAL or EDITOR")
    try:
        words = shlex.split(command)
        done = subprocess.run([*words, str(path)], check=False)  # noqa: S603 - the user's own choice of program
    except (ValueError, OSError) as error:
        raise UsageError(f"the editor {command!r} cannot be started: {error}", hint="set VISUAL or EDITOR") from None
    if done.returncode:
        raise CrmError(
            f"the editor {words[0]!r} ended with code {done.returncode}; nothing was changed",
            hint="VISUAL or EDITOR names another editor",
        )
