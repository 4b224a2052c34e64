"""``crm remind``: what newly needs attention, for a terminal, cron, a mailbox or the desktop.

The ways in which it is told stand in ``reminding``.
"""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import DryRun, ExitCode, format_option
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)
FORMATS = ("text", "md", "html", "json", "ics")


@app.command()
def remind(
    to: Annotated[
        str | None, typer.Argument(metavar="[TO]", help="With --mail: an address or a user; without, yourself.")
    ] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send it as one mail, once a day.")] = False,
    notify: Annotated[bool, typer.Option("--notify", help="Show it on the desktop, by the [rules] notify program.")] = (
        False
    ),
    everything: Annotated[bool, typer.Option("--all", help="Tell again what was told already.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="What came up since then, told or not; see crm help dates.")
    ] = None,
    owner: Annotated[
        str | None, typer.Option(metavar="USER", help="Of one user.", autocompletion=completing.refs("user"))
    ] = None,
    key: Annotated[str, typer.Option(metavar="NAME", help="With --mail: one mail a day for each name.")] = "daily",
    mark: Annotated[
        bool, typer.Option("--mark/--no-mark", help="Keep that it was told, when it was delivered.")
    ] = True,
    dry_run: DryRun = False,
    exit_code: ExitCode = False,
    output: Annotated[str | None, format_option(FORMATS, "text")] = None,
) -> None:
    """Tell what newly needs attention, and nothing twice.

    Due and overdue tasks, events on their day and before they begin, next steps, people to follow up, deals that stand
    still, tickets whose service level is at risk: by urgency, with what was said last. Silent when there is nothing.
    What was told is kept when it was delivered, apart for the terminal, each address and the desktop.

    Examples:
        crm remind
        crm remind --all --no-mark
        crm remind --since yesterday -o md
        crm remind --mail anna@example.com
    """
    from crmcli.cli.reminding import DESKTOP, TERMINAL, Post, Wanted, deliver, recipient_of, show

    _check(to, mail, notify, output)
    wanted = Wanted(everything, since, owner)
    way = Post(to, key) if mail else DESKTOP if notify else TERMINAL
    if mark and not dry_run:
        found = deliver(way, wanted, output)
    else:
        found = bool(show(way if isinstance(way, str) else recipient_of(way.to).to, wanted, output))
    if exit_code and not found:
        raise typer.Exit(1)


def _check(to: str | None, mail: bool, notify: bool, output: str | None) -> None:
    """Refuse options that do not go together, and formats that there are not."""
    if output is not None and output not in FORMATS:
        raise UsageError(f"there is no format {output!r}", hint=f"use one of {', '.join(FORMATS)}")
    if to is not None and not mail:
        raise UsageError(f"{to!r}: a reader is named with --mail", hint="crm remind --mail anna@example.com")
    if mail and notify:
        raise UsageError("--mail and --notify do not go together", hint="crm remind --notify")
