"""``crm report``: figures of a period, for people and for programs.

What the figures are stands in ``reports``; how one is run and written in ``reporting``.
"""

from collections.abc import Callable
from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.listing import output_options
from crmcli.cli.options import By, ExitCode, FormatWithoutRefs, OutputFormat, Period, Where
from crmcli.cli.reporting import Asked, run, write_report
from crmcli.cli.session import current
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)


def _keys(incomplete: str) -> list[str]:
    from crmcli.reports.registry import KPIS

    return [key for key in KPIS if key.startswith(incomplete)]


def _names(incomplete: str) -> list[str]:
    from crmcli.reports.index import REPORTS

    return [name for name in (*REPORTS, *_keys(incomplete)) if name.startswith(incomplete)]


Noun = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact|deal]",
        help="Which records; all four without.",
        autocompletion=completing.choices(("lead", "org", "contact", "deal")),
    ),
]
Opportunity = Annotated[
    str | None,
    typer.Argument(
        metavar="[deal|lead]", help="Which records; both without.", autocompletion=completing.choices(("deal", "lead"))
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="A report, or the key of a figure.", autocompletion=_names)]
Mail = Annotated[list[str] | None, typer.Option(metavar="TO", help="Mail it to an address or a user; can be repeated.")]
Key = Annotated[
    str | None,
    typer.Option("--explain", metavar="KEY", help="Take one figure apart, down to its records.", autocompletion=_keys),
]


@app.command("list")
def list_(output: OutputFormat = None) -> None:
    """List reports.

    Examples:
        crm report list
    """
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.reports.index import REPORTS

    columns = (Column("key", "Report"), Column("summary", "What it tells"), Column("period", "Usual period"))
    rows = [{"key": item.name, "summary": item.summary, "period": item.period} for item in REPORTS.values()]
    write_table(Table(columns, rows, noun="reports"), current().streams, output)


@app.command()
def show(name: Name, output: OutputFormat = None) -> None:
    """Show how a report is computed.

    Examples:
        crm report show kpi
        crm report show win_rate
    """
    from crmcli.output.records import Card, Fact, write_card
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.reports.index import REPORTS, keys_of
    from crmcli.reports.registry import KPIS, find_kpi

    streams = current().streams
    found = [KPIS[key] for key in keys_of(name)] if name in REPORTS else [find_kpi(name)]
    if choose_format(output, streams) == "table":
        title, subtitle = (name, REPORTS[name].summary) if name in REPORTS else (found[0].label, f"in {found[0].unit}")
        facts = tuple(Fact(kpi.key, kpi.definition) for kpi in found)
        write_card(Card(title, subtitle, facts), streams, output_options())
        return
    keys = ("key", "label", "unit", "definition", "area")
    rows = [{key: getattr(kpi, key) for key in keys} for kpi in found]
    columns = tuple(Column(key, key.capitalize()) for key in keys)
    write_table(Table(columns, rows, noun="figures"), streams, output)


_HELP = {
    "kpi": """Key performance indicators of a period.

    The period is this quarter when none is given. With --as-of DATE things are taken as they were then.

    Examples:
        crm report kpi --period 2026-Q1
        crm report kpi --by owner -o json
        crm report kpi --period last-week --mail anna@example.com
        crm report kpi --explain win_rate
    """,
    "pipeline": """Open deals by stage, with amounts and weights.

    All open deals, or with --period those expected to close in it. Overdue deals and deals without a date are counted
    apart, whatever the period.

    Examples:
        crm report pipeline
        crm report pipeline --period this-quarter --by owner
    """,
    "won": """Deals won in a period.

    The period is this quarter when none is given.

    Examples:
        crm report won --period last-month
        crm report won --period 2026 --by source
    """,
    "lost": """Deals lost in a period, with reasons.

    The period is this quarter when none is given. The last open stage is not known of deals that were entered or
    imported as lost.

    Examples:
        crm report lost --period last-quarter
        crm report lost --by owner --where "amount > 10k"
    """,
}


_WITHOUT_REFS = ("pipeline",)  # reports whose rows are neither records nor figures


def _command(name: str, help: str) -> Callable[..., None]:
    """Return the command of a report; all of them take the same options."""

    def command(
        period: Period = None,
        by: By = None,
        where: Where = None,
        explain: Key = None,
        mail: Mail = None,
        output: OutputFormat = None,
        exit_code: ExitCode = False,
    ) -> None:
        _report(name, Asked(period, by, where, explain), output, exit_code, mail)

    command.__doc__ = help
    if name in _WITHOUT_REFS:
        command.__annotations__["output"] = FormatWithoutRefs
    return command


for _name, _text in _HELP.items():
    app.command(_name)(_command(_name, _text))


@app.command()
def completeness(
    noun: Noun = None,
    period: Period = None,
    by: By = None,
    where: Where = None,
    mail: Mail = None,
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """Records that lack key fields, and how many.

    Which fields count is said in the table [completeness] of the settings. The period picks records by their creation;
    without one all of them count. Groups are those of the owner unless --by says otherwise.

    Examples:
        crm report completeness contact
        crm report completeness deal --by stage --where "outcome = open"
        crm report completeness org -o ids
    """
    from crmcli.cli.finding import find_noun

    entity = find_noun(noun).name if noun else None
    _report("completeness", Asked(period, by, where, None, entity), output, exit_code, mail)


@app.command("next-steps")
def next_steps(
    noun: Opportunity = None,
    period: Period = None,
    by: By = None,
    where: Where = None,
    mail: Mail = None,
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """Open deals and leads without a next step, or with one in the past.

    A next step is what the record names itself, else an open task for it, else an event planned with it. The period
    picks deals by their expected close and leads by their creation; without one all count. Formats for programs hold
    the deals, or the leads when they are asked for.

    Examples:
        crm report next-steps
        crm report next-steps deal --by owner --where "amount > 10k"
        crm report next-steps lead -o ids
    """
    from crmcli.cli.finding import find_noun
    from crmcli.reports.sets import NEXT_STEPS

    entity = find_noun(noun).name if noun else None
    if entity and entity not in NEXT_STEPS:
        raise UsageError(f"{noun} has no next step", hint="crm report next-steps deal")
    _report("next-steps", Asked(period, by, where, None, entity), output, exit_code, mail)


def _report(name: str, asked: Asked, output: str | None, exit_code: bool, mail: list[str] | None = None) -> None:
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
