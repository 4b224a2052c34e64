"""What an exit code means, and which failure of the outside world is which error of ours.

Only ``cli.main`` turns an error into an exit code; errors of the family carry theirs.
"""

import sys
from typing import TYPE_CHECKING

from crmcli import interrupts
from crmcli.errors import CrmError, StoreError, UsageError

if TYPE_CHECKING:
    from typer import TyperException

    from crmcli.cli.session import Session

INTERRUPTED = 130

MEANINGS = (
    (0, "done; an empty list too"),
    (1, "failure; with --exit-code: nothing matched"),
    (2, "usage or configuration"),
    (3, "not found"),
    (4, "refused by validation or by a rule"),
    (5, "conflict, duplicate or ambiguous reference"),
    (6, "partly done"),
    (7, "database unavailable: locked, corrupt, read-only, newer"),
    (8, "network or credentials"),
    (INTERRUPTED, "interrupted"),
)


def as_crm_error(error: Exception, session: "Session") -> CrmError | None:
    """Return the error of ours that an exception stands for; None for one that nobody expects."""
    if isinstance(error, CrmError):
        return _unanswered(error) if error.code == "output.failed" and interrupts.is_done() else error
    if isinstance(error, UnicodeEncodeError):
        return UsageError("the command holds characters that are not valid text (not UTF-8?)", code="text.invalid")
    if isinstance(error, OSError):
        return CrmError(f"{error.filename or 'the system'}: {error.strerror or error}", code="system")
    if "sqlite3" in sys.modules:  # else nothing can have raised its errors, and it need not be imported
        import sqlite3

        driver_error = getattr(error, "orig", error)  # SQLAlchemy keeps the error of the driver there
        if isinstance(driver_error, sqlite3.Error):
            from crmcli.store.reader import store_error

            return store_error(driver_error, session.paths.store)
        if isinstance(error, UnicodeDecodeError):  # what the driver makes of a damaged name or message
            return StoreError(f"{session.paths.store} is damaged", hint="crm doctor", code="store.corrupt")
    if "typer" in sys.modules:
        import typer

        if isinstance(error, typer.TyperException):
            return usage_error(error)
    return None


def _unanswered(error: CrmError) -> CrmError:
    """Return the failure to write an answer as that of a command whose work is done: to repeat it would do it twice."""
    return CrmError(f"saved, but {error.message}", hint="crm undo --list shows what was done", code=error.code)


def usage_error(error: "TyperException") -> UsageError:
    """Return the parser's complaint as ours: one line, and the nearest option or the help as the hint."""
    context = getattr(error, "ctx", None)
    near = getattr(error, "possibilities", None)
    hint = f"did you mean {' or '.join(near)}?" if near else f"{context.command_path} --help" if context else None
    message = (error.message if near else error.format_message()).rstrip(".")
    return UsageError(message[:1].lower() + message[1:], hint=hint)
