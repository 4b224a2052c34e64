"""How a report becomes a command: the options that all of them take, and what is done with the finished report."""

from collections.abc import Callable, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from crmcli.cli import options
from crmcli.cli.completing import choices
from crmcli.cli.report_asked import Asked, Own
from crmcli.cli.reporting import run, write_report
from crmcli.cli.session import current
from crmcli.cli.signatures import Command, parameter
from crmcli.output.formats import FORMATS, WITHOUT_REFS

if TYPE_CHECKING:
    from crmcli.reports.result import ReportResult


def keys(incomplete: str) -> list[str]:
    """Return the keys of figures that begin so, for completion."""
    from crmcli.reports.registry import KPIS

    return [key for key in KPIS if key.startswith(incomplete)]


SHARED = {
    "period": options.Period,
    "compare": Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD",
            help="Set against previous or last-year.",
            autocompletion=choices(("previous", "last-year")),
        ),
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


class Wanted(NamedTuple):
    """What becomes of the finished report."""

    mail: list[str] | None
    html: Path | None
    output: str | None
    exit_code: bool


HTML = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Write a page with charts to a file; - is standard output.")
]


def reported(app: typer.Typer, output: Any = options.OutputFormat) -> Callable[[Callable[..., Own]], None]:
    """Register the command of a report, named as its function: what that returns, and what all reports are asked.

    ``output`` is the option for the format.
    """

    def register(function: Callable[..., Own]) -> None:
        name = function.__name__.replace("_", "-")
        formats = WITHOUT_REFS if output is options.FormatWithoutRefs else FORMATS

        def run_command(**given: Any) -> None:
            shared = {key: given.pop(key) for key in SHARED}
            wanted = Wanted(*(given.pop(key) for key in Wanted._fields))
            write_asked(name, Asked(**shared, own=function(**given)), wanted, formats)

        def parameters() -> list[Parameter]:
            return [
                *signature(function).parameters.values(),
                *(parameter(key, annotation) for key, annotation in SHARED.items()),
                parameter("mail", MAIL),
                parameter("html", HTML),
                parameter("output", output),
                parameter("exit_code", options.ExitCode, False),
            ]

        app.command(name)(Command(function.__name__, function.__doc__ or "", run_command, parameters, function))

    return register


def write_asked(name: str, asked: Asked, wanted: Wanted, formats: Sequence[str] = FORMATS) -> None:
    """Run a report and write or mail it; with ``exit_code`` exit 1 when no record is behind it.

    ``formats`` are those that the report can be written in.
    """
    from crmcli.output.tables import choose_format

    session = current()
    form = choose_format(wanted.output, session.streams, formats)
    mail = wanted.mail
    if mail and not session.settings.accounts:
        told = "there is no account to send mail from, so this is printed: crm config edit adds one"
        session.streams.warn(told)
        mail = None
    on_screen = form == "table" and session.streams.is_terminal and not mail and wanted.html is None
    result = run(name, asked, rows=session.settings.rows if on_screen else None)
    if wanted.html is not None:
        write_page(result, wanted.html)
    if mail:
        from crmcli.cli.report_mail import mail_report

        mail_report(name, asked, result, mail)
    elif wanted.html is None:
        write_report(result, form)
    for text in result.notes:
        session.streams.note(text)
    for text in result.warnings:
        session.streams.warn(text)
    if wanted.exit_code and not result.matched:
        raise typer.Exit(1)


def write_page(result: "ReportResult", path: Path) -> None:
    """Write a report as a page to a file, which appears when it is complete, or to standard output for a dash."""
    from crmcli import clock
    from crmcli.cli.export import target, unless_dash
    from crmcli.cli.listing import output_options
    from crmcli.domain.zones import wall_shown
    from crmcli.output.report_pages import report_page

    session = current()
    made = f"Made {wall_shown(clock.now_text(), session.zone)} {session.zone}"
    to = unless_dash(path)
    with target(to, "--html") as streams:
        streams.write(report_page(result, output_options(), made))
    if to is not None:
        session.streams.note(f"{result.title} written to {path}")
