"""How a report becomes a command: the options that all of them take, and what is done with the finished report."""

from collections.abc import Callable
from inspect import signature
from typing import Annotated, Any

import typer

from crmcli.cli import options
from crmcli.cli.completing import choices
from crmcli.cli.reporting import COMPARED, Asked, Own, run, write_report
from crmcli.cli.session import current
from crmcli.cli.signatures import Command, parameter


def keys(incomplete: str) -> list[str]:
    """Return the keys of figures that begin so, for completion."""
    from crmcli.reports.registry import KPIS

    return [key for key in KPIS if key.startswith(incomplete)]


SHARED = {
    "period": options.Period,
    "compare": Annotated[
        str | None,
        typer.Option(metavar="PERIOD", help="Set against previous or last-year.", autocompletion=choices(COMPARED)),
    ],
    "by": options.By,
    "where": options.Where,
    "top": Annotated[
        int | None, typer.Option(metavar="N", parser=options.count(1), help="Only the N greatest groups.")
    ],
    "explain": Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Take one figure apart, down to its records.", autocompletion=keys),
    ],
}
MAIL = Annotated[list[str] | None, typer.Option(metavar="TO", help="Mail it to an address or a user; can be repeated.")]


def reported(app: typer.Typer, output: Any = options.OutputFormat) -> Callable[[Callable[..., Own]], None]:
    """Register the command of a report, named as its function: what that returns, and what all reports are asked.

    ``output`` is the option for the format.
    """

    def register(function: Callable[..., Own]) -> None:
        name = function.__name__.replace("_", "-")

        def run_command(**given: Any) -> None:
            shared = {key: given.pop(key) for key in SHARED}
            mail, form, exit_code = (given.pop(key) for key in ("mail", "output", "exit_code"))
            write_asked(name, Asked(**shared, own=function(**given)), form, exit_code, mail)

        parameters = [
            *signature(function).parameters.values(),
            *(parameter(key, annotation) for key, annotation in SHARED.items()),
            parameter("mail", MAIL),
            parameter("output", output),
            parameter("exit_code", options.ExitCode, False),
        ]
        app.command(name)(Command(function.__name__, function.__doc__ or "", run_command, parameters))

    return register


def write_asked(name: str, asked: Asked, output: str | None, exit_code: bool, mail: list[str] | None) -> None:
    """Run a report and write or mail it; with ``exit_code`` exit 1 when no record is behind it."""
    from crmcli.output.tables import choose_format

    session = current()
    form = choose_format(output, session.streams)
    if mail and not session.settings.accounts:
        told = "there is no account to send mail from, so this is printed: crm config edit adds one"
        session.streams.warn(told)
        mail = None
    rows = session.settings.rows if form == "table" and session.streams.is_terminal and not mail else None
    result = run(name, asked, rows=rows)
    if mail:
        from crmcli.cli.report_mail import mail_report

        mail_report(name, asked, result, mail)
    else:
        write_report(result, form)
    for text in result.notes:
        session.streams.note(text)
    for text in result.warnings:
        session.streams.warn(text)
    if exit_code and not result.matched:
        raise typer.Exit(1)
