"""Runs the program as a user does: a process of its own, a home of its own, a clean environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.forker import SECONDS, forker

SOURCE = Path(__file__).parents[1] / "src"
PROGRAM = "import sys; from crmcli.cli.main import main; sys.argv[0] = 'crm'; main()"


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment that holds nothing of the person who runs the tests."""
    return {
        "HOME": str(home),
        "CRMCLI_HOME": str(home),
        "PATH": os.defpath,
        "PYTHONPATH": str(SOURCE),
        "TZ": "UTC",
        **more,
    }


def crm(
    home: Path, *arguments: str, program: str = "", stdin: str | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run one command and return what came of it; standard input is closed unless text is given.

    It is a fork of a process that is ready for it, unless a ``program`` is given, for which an interpreter is started.
    """
    argv, place = [*arguments], environment(home, **(env or {}))
    if not program:
        return forker().run(argv, place, home, stdin)
    return subprocess.run(
        [sys.executable, "-c", program, *argv],
        env=place,
        cwd=home if home.is_dir() else None,  # so that what a command writes there is nobody else's
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
