"""``crm rule runs`` and ``crm rule retry``: what rules did, and another chance for what was not sent."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import FormatWithoutRefs, Limit, OutputFormat
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.domain.plurals import counted
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.services.delivery.deliver import Delivered

app = typer.Typer(add_completion=False)

_COLUMNS = (
    ("ref", "Run", "text"),
    ("at", "When", "instant"),
    ("rule", "Rule", "text"),
    ("record", "Record", "text"),
    ("event", "Event", "text"),
    ("status", "Status", "text"),
    ("actions", "Actions", "text"),
    ("reason", "Why", "text"),
)


def _rules(incomplete: str) -> list[str]:
    from crmcli.rules.files import load_files

    return [rule.id for rule in load_files(current().paths.rules).rules if rule.id.startswith(incomplete)]


@app.command()
def runs(
    failed: Annotated[
        bool, typer.Option("--failed", help="Only those of which something failed or was blocked.")
    ] = False,
    rule: Annotated[str | None, typer.Option(metavar="ID", help="Only of this rule.", autocompletion=_rules)] = None,
    limit: Limit = None,
    output: OutputFormat = None,
) -> None:
    """List what rules did, the newest first.

    With what became of each action: done, or waiting to be sent, failed, blocked.

    Examples:
        crm rule runs
        crm rule runs --failed -o json
        crm rule runs --rule hot-lead --limit 10
    """
    from crmcli.output.tables import Column, Options, Table, write_table
    from crmcli.queries.outbox import list_runs

    session = current()
    if limit is None and session.streams.is_terminal and output in (None, "table"):
        limit = session.settings.rows
    rows = list_runs(session.reader(), rule=rule, failed=failed, limit=limit)
    table = Table(tuple(Column(*column) for column in _COLUMNS), rows, noun="runs")
    write_table(table, session.streams, output, Options(session.locale, session.zone, pager=not session.no_pager))


@app.command()
@partial(writes, output=FormatWithoutRefs)
def retry(
    run: Annotated[list[str], typer.Argument(metavar="RUN...", help="Numbers of runs, as rule runs lists them.")],
    *,
    asked: Asked,
) -> None:
    """Send again what failed or was blocked.

    It goes back into the outbox with all its attempts, and is sent now as far as there is time.

    Examples:
        crm rule retry 1
        crm rule retry 1 2 --wait
    """
    from crmcli.cli.answers import context
    from crmcli.output.formats import WITHOUT_REFS
    from crmcli.services.delivery.retrying import retry as service

    for text in run:
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise UsageError(f"{text!r} is no number of a run", hint="crm rule runs --failed")
    given = context(asked, plain=run, formats=WITHOUT_REFS)
    count, delivered = service(given, [int(text) for text in run])
    streams = current().streams
    if asked.dry_run:
        streams.note(f"{counted(count, 'message')} would be sent again")
        return
    tell(delivered)
    streams.note(f"{delivered.counts.get('done', 0)} of {counted(count, 'message')} sent")


def tell(delivered: "Delivered") -> None:
    """Tell what was delivered and is for the person in front, and what was not."""
    streams = current().streams
    for notice in delivered.notices:
        streams.note(notice)
    for warning in delivered.warnings:
        streams.warn(warning)
