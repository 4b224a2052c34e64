"""``crm tui``: the store on the whole screen."""

import gc
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.cli.session import Session

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
_PROGRAM = "from crmcli.cli.main import main; main()"
_IN_BROWSER = "TEXTUAL_DRIVER"  # set where the screen is a page: a driver of textual-serve's, and no terminal


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
    is_served: Annotated[
        bool, typer.Option("--serve", help="Show it in a browser of this machine: print the link, and stay.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=0, max=65535, help="Serve at this port, not at a free one.")
    ] = None,
) -> None:
    """The day and the pipeline on the whole screen.

    What is to be done today, with a review of the deals that stand still. A board of deals by stage, tickets or leads
    by status: move, edit, win and lose by keys, take back with u. The key ? tells them all. Without SCREEN it begins
    where it was left.

    With --serve it is shown in a browser instead: a link is printed that only this machine can open, and that holds a
    token without which nothing is answered.

    Examples:
        crm tui
        crm tui today
        crm tui tickets
        crm tui --serve
    """
    session = current()
    if screen is not None and screen not in _SCREENS:
        raise UsageError(f"there is no screen {screen!r}", hint=f"one of {', '.join(_SCREENS)}")
    if port is not None and not is_served:
        raise UsageError("--port is where --serve listens", hint="crm tui --serve --port 8000")
    if not is_served and _IN_BROWSER not in session.environ and _lacks_a_screen(session):
        raise UsageError("the full screen needs a terminal that can move its cursor", hint="crm deal list, crm agenda")
    session.reader()  # a store that cannot be read is told before the screen is taken
    session.close()
    if is_served:
        gc.enable()  # this run is long
        _serve(session, screen, port or 0)
    else:
        _show(session, screen)


def _lacks_a_screen(session: "Session") -> bool:
    return not session.is_interactive or session.environ.get("TERM", "dumb") == "dumb"


def _show(session: "Session", screen: str | None) -> None:
    from crmcli.tui.app import CrmApp
    from crmcli.tui.desk import Desk

    CrmApp(Desk(session.paths, session.settings, _own_options), _SCREENS[screen] if screen else "").run()


def _own_options(name: str, table: Mapping[str, Any]) -> Mapping[str, Any]:
    from crmcli.cli.report_options import own_options  # which only reports need

    return own_options(name, table)


def _serve(session: "Session", screen: str | None, port: int) -> None:
    """Serve the screen to browsers of this machine until the end is asked for."""
    from shlex import join

    from crmcli.integrations import hidden

    try:
        from crmcli.tui.serving.server import serve
    except ModuleNotFoundError:
        raise UsageError(
            "showing it in a browser needs an extra part", hint="pip install 'crmcli[serve]'", code="extra.missing"
        ) from None

    def tell(link: str) -> None:
        session.streams.data(link)
        session.streams.flush()
        session.streams.note("Whoever has this link reads and writes the store. Ctrl-C ends it.")

    moment = ["--as-of", session.as_of] if session.as_of else []
    words = ["tui", *([screen] if screen else []), "--db", str(session.store_path), *moment]
    hidden.give_back(os.environ)  # all that is started here is this program again
    serve(f"exec {join([sys.executable, '-c', _PROGRAM, *words])}", port, tell)
