"""Reports of the user's own as commands: made from the files of the reports folder when one is asked for.

What such a file says belongs to ``config.own_reports``; the options that all reports take, to ``report_commands``.
"""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.models import CommandInfo

from crmcli.cli import completing, options
from crmcli.cli.entries import Entry, reading
from crmcli.cli.report_asked import Asked, own_report
from crmcli.cli.report_commands import HTML, MAIL, SHARED, Wanted, write_asked
from crmcli.cli.reporting import own_asked
from crmcli.cli.session import current
from crmcli.cli.signatures import Command, parameter
from crmcli.domain.plurals import counted
from crmcli.errors import ConfigError, ConflictError, UsageError

if TYPE_CHECKING:
    from crmcli.config.own_reports import Found, OwnReport, Parameter

app = typer.Typer(add_completion=False)

_PANEL = "Reports of your own"
_METAVARS = {"text": "TEXT", "int": "N", "number": "NUMBER", "date": "WHEN", "bool": "yes|no"}
_BAD = (("file", "File"), ("line", "Line"), ("reason", "Reason"), ("hint", "Hint"))

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", help="Its name; without one nothing is written.")]


def found_reports() -> "Found":
    """Return the reports of the user's own, and the files that are none."""
    from crmcli.config.own_reports import read_reports
    from crmcli.reports.index import TAKEN

    return read_reports(current().paths.reports, TAKEN)


def entries() -> list[Entry]:
    """Return the reports of the user's own as entries of the command tree."""
    return [reading(one.name, one.summary)._replace(panel=_PANEL) for one in found_reports().reports.values()]


def find(name: str) -> CommandInfo | None:
    """Return the command of a report of the user's own, None when there is none; ConfigError when its file is wrong."""
    report = own_report(name)
    if report is None:
        return None
    own = [parameter(one.name, _option(one)) for one in report.parameters]
    periods = [parameter(key, SHARED[key]) for key in ("period", "compare")] if report.period else []
    shared = (parameter("mail", MAIL), parameter("html", HTML), parameter("output", options.OutputFormat))
    listed = [*own, *periods, *shared, parameter("exit_code", options.ExitCode, False)]
    command = Command(name, _help(report), lambda **given: _run(name, given), listed)
    return CommandInfo(name=name, callback=command)


def _run(name: str, given: dict[str, Any]) -> None:
    period, compare = given.pop("period", None), given.pop("compare", None)
    wanted = Wanted(*(given.pop(key) for key in Wanted._fields))
    write_asked(name, Asked(period=period, compare=compare, own=given), wanted)


def _option(one: "Parameter") -> Any:
    usual = "" if one.default is None else f" {one.default} when none is given."
    named = f" One of {', '.join(one.choices)}." if one.choices else ""
    complete = completing.choices(one.choices) if one.choices else None
    told = f"{one.help.rstrip('.')}." if one.help else ""
    option = typer.Option(
        f"--{one.name.replace('_', '-')}",
        metavar=_METAVARS[one.type],
        help=f"{told}{named}{usual}".strip(),
        autocompletion=complete,
    )
    return Annotated[str | None, option]


def _help(report: "OwnReport") -> str:
    return f"{report.summary}\n\nA report of your own, from {report.path}.\n\nExamples:\n    crm report {report.name}"


def show_own(report: "OwnReport", output: str | None) -> None:
    """Show what a report of the user's own asks, and its SQL."""
    from crmcli.cli.listing import output_options
    from crmcli.output.records import Card, Fact, write_card
    from crmcli.output.tables import Column, Table, choose_format, write_table

    streams = current().streams
    if choose_format(output, streams) != "table":
        row = {"name": report.name, "summary": report.summary, "file": str(report.path), "period": report.period,
               "parameters": [one.name for one in report.parameters], "sql": report.sql}  # fmt: skip
        columns = tuple(Column(key, key.capitalize()) for key in row)
        write_table(Table(columns, [row], noun="reports"), streams, output)
        return
    facts = [Fact("File", str(report.path)), *([Fact("Usual period", report.period)] if report.period else [])]
    for one in report.parameters:
        usual = "must be given" if one.required else f"{one.default} by default"
        facts.append(
            Fact(f"--{one.name.replace('_', '-')}", f"{one.type}, {usual}{f'. {one.help}' if one.help else ''}")
        )
    write_card(Card(report.name, report.summary, (*facts, Fact("SQL", report.sql.strip()))), streams, output_options())


@app.command()
def check(output: options.OutputFormat = None) -> None:
    """Check the reports of your own.

    Tells what is wrong with each file of the reports folder, with its line. The SQL of the others is held against the
    store, and not run.

    Examples:
        crm report check
        crm report check -o json
    """
    from crmcli.config.own_reports import BadReport
    from crmcli.reports.own import check_own

    session, found = current(), found_reports()
    bad = [*found.bad]
    for report in found.reports.values():
        try:
            check_own(report, own_asked())
        except ConfigError as error:
            line = str(error.message).removeprefix(f"{report.path}, line ").partition(":")
            bad.append(BadReport(report.name, report.path, int(line[0]), line[2].strip(), error.hint))
    if output is not None:
        from crmcli.output.tables import Column, Table, write_table

        rows = [{"file": str(one.path), "line": one.line, "reason": one.reason, "hint": one.hint} for one in bad]
        columns = tuple(Column(key, label, "int" if key == "line" else "text") for key, label in _BAD)
        write_table(Table(columns, rows, noun="mistakes"), session.streams, output)
    elif bad:
        for one in bad[1:]:
            session.streams.note(str(one))
    if bad:
        raise ConfigError(str(bad[0]), hint=bad[0].hint)
    session.streams.note(f"{counted(len(found.reports), 'report')} in {session.paths.reports}, no mistakes")


@app.command()
def new(name: Name = None) -> None:
    """Begin a report of your own.

    Writes a file of its own into the reports folder: an example that works, with everything that may stand in it as
    comments. Without a NAME the text is printed.

    Examples:
        crm report new won-by-source
        crm report new
    """
    from crmcli.config.own_reports import OwnReport, parse_report
    from crmcli.config.own_template import template
    from crmcli.config.paths import ensure
    from crmcli.reports.index import TAKEN

    session = current()
    if name is None:
        session.streams.write(template("won-by-source"))
        return
    path = session.paths.reports / f"{name}.sql"
    text = template(name)
    if not isinstance(parse_report(text, path), OwnReport):
        raise UsageError(f"{name!r} is no name of a report", hint="small letters, digits and -")
    if name in TAKEN or name in found_reports().reports:
        raise ConflictError(f"there is a report {name!r}", hint="choose another name")
    ensure(path.parent)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ConflictError(f"there is a file {path}", hint="choose another name") from None
    session.streams.data(str(path))
    session.streams.note(f"begun; run it with crm report {name}, check it with crm report check")
