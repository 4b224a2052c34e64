"""The log of failures nobody expected: a traceback for the maintainers, kept off the user's screen.

It holds no arguments of the command, which may name people.
"""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crmcli import clock
from crmcli.config.paths import ensure
from crmcli.errors import CrmError
from crmcli.version import VERSION

if TYPE_CHECKING:
    from crmcli.cli.session import Session

_MOST_BYTES = 1_000_000


def record(error: Exception, session: "Session") -> Path | None:
    """Append the traceback of an error to the log and return where that is; None where it cannot be written."""
    from traceback import format_exception

    python = ".".join(map(str, sys.version_info[:3]))
    try:
        text = f"{clock.now_text()} crm {VERSION}, Python {python}\n{''.join(format_exception(error))}\n"
        log = session.paths.log_file
        ensure(log.parent)
        if log.exists() and log.stat().st_size > _MOST_BYTES:
            log.replace(log.with_name(f"{log.name}.1"))
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except (OSError, CrmError):  # a full disk, no home folder or no clock must not hide the failure itself
        return None
    return log
