"""``crm report``: figures of a period, for people and for programs.

What the figures are stands in ``reports``; here options are read and the finished report is handed to the output.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from crmcli.cli import completing
from crmcli.cli.finding import acting_user
from crmcli.cli.listing import output_options
from crmcli.cli.options import By, ExitCode, FormatWithoutRefs, OutputFormat, Period, Where
from crmcli.cli.session import current
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.output.tables import Column, Table
    from crmcli.reports.result import Options, ReportResult, Sheet

app = typer.Typer(add_completion=False)

_PERIODS = [f"{which}-{unit}" for unit in ("week", "month", "quarter", "year") for which in ("this", "last", "next")]
_TYPES = {"n": "int", "money": "money", "money/d": "money", "ratio": "ratio", "d": "days", "h": "hours"}
_ENDINGS = {"money/d": " a day", "d": " d", "h": " h"}


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
        output: OutputFormat = None,
        exit_code: ExitCode = False,
    ) -> None:
        _report(name, period, _Asked(by, where, explain), output, exit_code)

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
    _report("completeness", period, _Asked(by, where, None, entity), output, exit_code)


@app.command("next-steps")
def next_steps(
    noun: Opportunity = None,
    period: Period = None,
    by: By = None,
    where: Where = None,
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
    _report("next-steps", period, _Asked(by, where, None, entity), output, exit_code)


class _Asked(NamedTuple):
    """What a report is asked besides its period."""

    by: str | None
    where: str | None
    explain: str | None
    entity: str | None = None


def _report(name: str, period: str | None, asked: _Asked, output: str | None, exit_code: bool) -> None:
    """Run a report and write it; with ``exit_code`` exit 1 when no record is behind it."""
    from crmcli.output.tables import choose_format
    from crmcli.reports.index import run_report

    session = current()
    form = choose_format(output, session.streams)
    rows = session.settings.rows if form == "table" and session.streams.is_terminal else None
    options = _options(name, period)._replace(**asked._asdict(), rows=rows)
    result = run_report(name, session.reader(), options)
    _write(result, form)
    for text in result.notes:
        session.streams.note(text)
    for text in result.warnings:
        session.streams.warn(text)
    if exit_code and not result.matched:
        raise typer.Exit(1)


def _options(name: str, period: str | None) -> "Options":
    """Read the period, of the report when none is given, at the moment up to which things are known."""
    from crmcli import clock
    from crmcli.domain.periods import parse_period
    from crmcli.domain.schema import did_you_mean
    from crmcli.queries.scope import make_scope
    from crmcli.reports.index import find_report
    from crmcli.reports.result import Options, known_until

    session = current()
    settings = session.settings
    until = None
    if session.as_of is not None:
        until, last = known_until(session.as_of, session.zone)
        clock.fix(last)
    try:
        wanted = parse_period(period or find_report(name).period, clock.now(), session.zone)
    except ValueError as error:
        raise UsageError(str(error), hint=did_you_mean(period or "", _PERIODS), code="period") from None
    scope = make_scope(session.reader(), session.zone, session.locale, acting_user(), settings.country)
    options = Options(wanted, settings.currency, scope, until=until, calendar=settings.calendar)
    return options._replace(key_fields=settings.key_fields)


def _write(result: "ReportResult", form: str) -> None:
    """Write the document as JSON, all sheets for people, or the one main sheet in any other format."""
    streams = current().streams
    told = f"{_span(result)}, in {result.currency}"
    if form == "table":
        from crmcli.output.records import Card, Fact, Section, write_card

        sections = tuple(Section(_headed(sheet), _table(sheet, result.currency)) for sheet in result.sheets)
        facts = tuple(Fact(label, text) for label, text in result.facts)
        write_card(Card(result.title, told, facts, sections), streams, output_options())
        return
    for line in (told, *(f"{label}: {text}" for label, text in result.facts)):
        streams.note(line)
    if form == "json":
        from crmcli.output.json import write_object

        write_object(result.document, streams)
    else:
        from crmcli.output.tables import Table, write_table

        main = result.main
        write_table(Table(_columns(main), main.rows, noun=main.noun), streams, form, output_options())


def _span(result: "ReportResult") -> str:
    """Tell the period, and its days where its name is not made of them."""
    period, dates = result.period, f"{result.period.start or ''}..{result.period.end or ''}"
    return (
        f"period {period.label}"
        if dates == ".." or ".." in period.label
        else f"period {period.label} ({dates}, end excluded)"
    )


def _headed(sheet: "Sheet") -> str:
    """Return the title of a sheet, and where it counts its rows how many of them are shown."""
    shown = len(sheet.rows)
    if sheet.total is None:
        return sheet.title
    return f"{sheet.title} ({shown} of {sheet.total})" if shown < sheet.total else f"{sheet.title} ({shown})"


def _columns(sheet: "Sheet") -> "tuple[Column, ...]":
    from crmcli.output.tables import Column

    return tuple(Column(key, label, "number" if kind == "figure" else kind) for key, label, kind in sheet.columns)


def _table(sheet: "Sheet", currency: str) -> "Table":
    """Return a sheet for people: figures, whose units differ from row to row, are drawn by the unit of their row."""
    from crmcli.output.tables import Table

    drawn = [key for key, _, kind in sheet.columns if kind == "figure"]
    rows = [{**row, **{key: _drawn(row.get(key), str(row["unit"]), currency) for key in drawn}} for row in sheet.rows]
    return Table(_columns(sheet), rows, noun=sheet.noun)


def _drawn(value: object, unit: str, currency: str) -> object:
    from crmcli.output.cells import people

    if value is None or isinstance(value, str):
        return value
    text = people(value, _TYPES[unit], currency=currency, locale=current().locale)
    return text + _ENDINGS.get(unit, "")
