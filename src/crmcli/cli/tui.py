"""``crm tui``: the store on the whole screen."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.session import current
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)
_SCREENS = {
    "today": "today",
    "board": "deal",
    "tickets": "ticket",
    "leads": "lead",
    "calendar": "calendar",
    "search": "search",
    "reports": "reports",
}


@app.command()
def tui(
    screen: Annotated[
        str | None,
        typer.Argument(
            metavar="[SCREEN]",
            help="today, board, tickets, leads, calendar, search or reports.",
            autocompletion=completing.choices(tuple(_SCREENS)),
        ),
    ] = None,
) -> None:
    """The day and the pipeline on the whole screen.

    What is to be done today, with a review of the deals that stand still. A board of deals by stage, tickets or leads
    by status: move, edit, win and lose by keys, take back with u. The key ? tells them all. Without SCREEN it begins
    where it was left.

    Examples:
        crm tui
        crm tui today
        crm tui tickets
    """
    session = current()
    if screen is not None and screen not in _SCREENS:
        raise UsageError(f"there is no screen {screen!r}", hint=f"one of {', '.join(_SCREENS)}")
    if not session.is_interactive or session.environ.get("TERM", "dumb") == "dumb":
        raise UsageError("the full screen needs a terminal that can move its cursor", hint="crm deal list, crm agenda")
    session.reader()  # a store that cannot be read is told before the screen is taken
    session.close()
    from crmcli.tui.app import CrmApp
    from crmcli.tui.desk import Desk

    CrmApp(Desk(session.paths, session.settings), _SCREENS[screen] if screen else "").run()
