"""``crm report list`` and ``crm report show``: which reports there are, and how their figures are defined.

The reports themselves are commands of the modules ``report_...``, one for each area.
"""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.listing import output_options
from crmcli.cli.options import OutputFormat
from crmcli.cli.report_commands import keys
from crmcli.cli.session import current

if TYPE_CHECKING:
    from crmcli.reports.definitions.kpi import Kpi

app = typer.Typer(add_completion=False)


def _names(incomplete: str) -> list[str]:
    from crmcli.cli.report_own import found_reports
    from crmcli.reports.index import REPORTS

    known = (*REPORTS, *found_reports().reports, *keys(incomplete))
    return [name for name in known if name.startswith(incomplete)]


Name = Annotated[str, typer.Argument(metavar="NAME", help="A report, or the key of a figure.", autocompletion=_names)]


@app.command("list")
def list_(output: OutputFormat = None) -> None:
    """List reports.

    Those of your own come last; a file among them that is wrong is told.

    Examples:
        crm report list
    """
    from crmcli.cli.report_own import found_reports
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.reports.index import REPORTS

    columns = (Column("key", "Report"), Column("summary", "What it tells"), Column("period", "Usual period"))
    rows = [{"key": item.name, "summary": item.summary, "period": item.period} for item in REPORTS.values()]
    own = found_reports()
    rows += [{"key": one.name, "summary": one.summary, "period": one.period} for one in own.reports.values()]
    write_table(Table(columns, rows, noun="reports"), current().streams, output)
    for bad in own.bad:
        current().streams.warn(str(bad))


@app.command()
def show(name: Name, output: OutputFormat = None) -> None:
    """Show how a report is computed.

    Examples:
        crm report show kpi
        crm report show win_rate
    """
    from crmcli.cli.report_asked import own_report
    from crmcli.output.records import Card, Fact, write_card
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.reports.definitions.kpi import DEFINED
    from crmcli.reports.index import REPORTS, keys_of
    from crmcli.reports.registry import KPIS, find_kpi

    streams = current().streams
    if name not in REPORTS and name not in KPIS and (own := own_report(name)):
        from crmcli.cli.report_own import show_own

        show_own(own, output)
        return
    found = [KPIS[key] for key in keys_of(name)] if name in REPORTS else [find_kpi(name)]
    if choose_format(output, streams) == "table":
        title, subtitle = (name, REPORTS[name].summary) if name in REPORTS else (found[0].label, f"in {found[0].unit}")
        facts = (
            tuple(Fact(kpi.key, kpi.definition) for kpi in found)
            if name in REPORTS
            else tuple(Fact(label, str(text)) for label, text in _told(found[0]) if text)
        )
        write_card(Card(title, subtitle, facts), streams, output_options())
        return
    columns = tuple(Column(key, key.capitalize(), "tags" if key == "tables" else "text") for key in DEFINED)
    rows = [kpi.defined() for kpi in found]
    write_table(Table(columns, rows, noun="figures"), streams, output)


def _told(kpi: "Kpi") -> list[tuple[str, object]]:
    """Return what a figure is made of, label by label."""
    return [
        ("Key", kpi.key),
        ("Definition", kpi.definition),
        ("Numerator", kpi.numerator),
        ("Denominator", kpi.denominator),
        ("Filters", kpi.filters),
        ("Edge", kpi.edge),
        ("Tables", ", ".join(kpi.tables)),
        ("Source", kpi.source),
    ]
