"""``crm redo``: what was taken back, done again, as long as nothing newer stands in the way."""

from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.cli.undo import Count, refuse_missing, take_back
from crmcli.errors import ConflictError

if TYPE_CHECKING:
    import sqlite3

app = typer.Typer(add_completion=False)


@app.command()
@partial(writes, output=FormatWithoutRefs)
def redo(count: Count = 1, *, asked: Asked) -> None:
    """Do again what was taken back.

    Possible until another command has changed something. Shows what comes back and asks; --yes answers.

    Examples:
        crm redo
        crm redo 2 --yes
    """
    from crmcli.queries.history import redo_stack

    con = current().reader()
    steps = redo_stack(con, count)
    refuse_missing(len(steps), count, "do again")
    _refuse_newer(con, steps)
    take_back(steps, asked, kind="redo", done="Done again")


def _refuse_newer(con: "sqlite3.Connection", steps: list[dict[str, Any]]) -> None:
    """Raise ConflictError when a command that stands is newer than an undo that would be reversed."""
    from crmcli.output.cells import people
    from crmcli.queries.history import newer_than

    if since := newer_than(con, steps):
        told = people(since, "instant", zone=current().zone)
        raise ConflictError(f"a newer command stands since {told}", hint="crm undo --list", code="redo.stale")
