"""``crm tick``: what is due by the clock, for cron, a timer or a screen to call as often as it likes."""

from functools import partial
from typing import TYPE_CHECKING

import typer

from crmcli.cli.answers import context
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.output.formats import WITHOUT_REFS

if TYPE_CHECKING:
    from crmcli.services.ticking import Tick

app = typer.Typer(add_completion=False)

_COLUMNS = (
    ("rule", "Rule", "text"),
    ("ref", "Ref", "text"),
    ("due", "Due", "instant"),
    ("outcome", "Outcome", "text"),
    ("text", "What", "text"),
)


@app.command()
@partial(writes, output=FormatWithoutRefs)
def tick(*, asked: Asked) -> None:
    """Run what is due: recurring tasks, rules, reports, deliveries.

    Foreign calendars are fetched, too. Silent when nothing is due. What was missed is done late, and once, however
    often or seldom this runs; the first time starts the clock. Exit code 1 when a rule tripped or could not run, 8
    when something could not be sent.

    Examples:
        crm tick
        crm tick --dry-run
    """
    from dataclasses import replace

    from crmcli.cli.figures import measure
    from crmcli.cli.phases import due_moves
    from crmcli.cli.report_scheduled import compose
    from crmcli.cli.rule_runs import tell
    from crmcli.services import ticking

    given = replace(context(asked, formats=WITHOUT_REFS), measure=measure, phases=due_moves)
    found = ticking.tick(given, compose)
    streams = current().streams
    if found.is_running:
        if streams.is_terminal:
            streams.note("another tick is running")
        return
    _write(found, asked)
    if asked.dry_run or streams.is_terminal:
        for name in found.reports:
            streams.note(f"report {name} is mailed")
        if found.keeps_forecast:
            streams.note("the forecast of the day is kept")
    for warning in found.warnings:
        streams.warn(warning)
    for one in found.failed:
        streams.warn(f"rule {one.rule} on {one.ref}: {one.text}")
    for rule_id in found.tripped:
        streams.warn(f"rule {rule_id} is tripped and does nothing until: crm rule enable {rule_id}")
    tell(found.delivered)
    if found.failed or found.tripped:
        raise typer.Exit(1)
    if found.delivered.has_failed:
        raise typer.Exit(8)


def _write(found: "Tick", asked: Asked) -> None:
    """Write what was due where it was asked for; unasked only where somebody looks."""
    streams = current().streams
    if asked.output is None and not asked.dry_run and not (streams.is_terminal and found.done):
        return
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    columns = tuple(Column(*column) for column in _COLUMNS)
    rows = [one._asdict() for one in found.done]
    write_table(Table(columns, rows, noun="runs"), streams, asked.output, output_options())
