"""``crm task``: things to do, for whom and until when."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.answers import answer, context
from crmcli.cli.options import At, ExitCode, Note, OutputFormat
from crmcli.cli.records import Noun, refs_argument, register
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.cli.snooze import Until, apart, put_off_tasks

if TYPE_CHECKING:
    from crmcli.services.results import Result

app = typer.Typer(add_completion=False)
TASK = Noun(
    "task",
    {
        "add": """
            crm task add "Call Anna" --for C7 --due "tomorrow 9am" --priority high
            crm task add "Send the offer" --for D5 --for C7 --due +3d
            crm task add "Send the figures" --every "last friday of the month"
            crm task add "Ask how it goes" --for C7 --due monday --every "2 weeks" --recur-mode after_done
        """,
        "list": """
            crm task list
            crm task list --where "overdue and assignee = me" --sort due
        """,
        "show": "crm task show T9",
        "edit": """
            crm task edit T9 --due "next friday" --add-for D5
            crm task edit --where "assignee = anna and open" --set assignee=bruno
        """,
        "rm": "crm task rm T9",
        "restore": "crm task restore T9",
    },
    title="subject",
)
Refs = Annotated[list[str], refs_argument("task")]
Stop = Annotated[bool, typer.Option("--stop", help="End the series of what recurs.")]
_TOLD = 10  # occurrences that are told

register(app, TASK)


@app.command()
def due(
    within: Annotated[str, typer.Option(metavar="TIME", help="How far to look ahead, such as 7d or 2w.")] = "0d",
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner", "--assignee", metavar="USER", help="Of one user.", autocompletion=completing.refs("user")
        ),
    ] = None,
    output: OutputFormat = None,
    exit_code: ExitCode = False,
) -> None:
    """List overdue and due tasks, overdue first.

    Prints nothing when nothing is due, as cron likes it.

    Examples:
        crm task due
        crm task due --within 7d --owner me
    """
    from crmcli.cli.finding import find_id
    from crmcli.cli.listing import output_options
    from crmcli.cli.readings import last_day
    from crmcli.output.tables import Column, Table, choose_format, write_table
    from crmcli.queries.tasks import due_page

    session = current()
    format_name = choose_format(output, session.streams)
    assignee = find_id("user", owner) if owner else None
    page = due_page(session.reader(), last_day(within, "crm task due --within 7d"), assignee, session.zone)
    rows = list(page.rows)
    if rows or format_name != "table":
        columns = tuple(Column(*shown) for shown in page.columns)
        write_table(Table(columns, rows, noun="tasks"), session.streams, output, output_options())
    if exit_code and not rows:
        raise typer.Exit(1)


@app.command()
@writes
def done(refs: Refs, note: Note = None, at: At = None, stop: Stop = False, *, asked: Asked) -> None:
    """Complete tasks.

    Of what recurs the next occurrence is opened in the same step: by schedule, dates that went by meanwhile being one,
    or counted from now, as its recurrence mode says.

    Examples:
        crm task done T9
        crm task done T9 T10 --note "She wants a call in May"
        crm task done T9 --stop
    """
    from crmcli.cli.finding import find_ids
    from crmcli.cli.readings import instant_of
    from crmcli.services import tasks

    when, ids = instant_of(at), find_ids("task", refs)
    result = tasks.done(context(asked), ids, note, when, stop=stop)
    answer(result, asked, "task", verb="Done with", ids=ids)
    _tell_next(result, ids)


@app.command()
@writes
def snooze(
    refs: Refs,
    until: Until = None,
    *,
    asked: Asked,
) -> None:
    """Put tasks off.

    The last word may be the time: +3d, tomorrow, 2026-03-20. A distance counts from when the task is due, or from now
    if that is past.

    Examples:
        crm task snooze T9 +3d
        crm task snooze T9 tomorrow
        crm task snooze T9 T10 --until "next monday"
    """
    from crmcli.cli.finding import find_ids

    if until is None:
        refs, until = apart(refs, "task")
    put_off_tasks(find_ids("task", refs), until, asked)


@app.command()
@writes
def cancel(refs: Refs, note: Note = None, stop: Stop = False, *, asked: Asked) -> None:
    """Cancel tasks.

    Of what recurs this occurrence is skipped, and the next one opened in the same step; --stop ends the series.

    Examples:
        crm task cancel T9
        crm task cancel T9 --note "No longer needed"
        crm task cancel T9 --stop
    """
    from crmcli.cli.finding import find_ids
    from crmcli.services import tasks

    ids = find_ids("task", refs)
    result = tasks.cancel(context(asked), ids, note, stop=stop)
    answer(result, asked, "task", verb="Cancelled", ids=ids)
    _tell_next(result, ids)


def _tell_next(result: "Result", ids: Sequence[int]) -> None:
    """Tell which occurrences were opened by closing others, and when they are due."""
    from crmcli.catalogue import ENTITIES
    from crmcli.domain.plurals import counted
    from crmcli.queries.records import get_record

    opened = [one.id for one in result.saved if (one.entity, one.action) == ("task", "create") and not one.by_rule]
    for task_id in [] if result.dry_run else opened[:_TOLD]:
        task = get_record(current().reader(), ENTITIES["task"], task_id, ("subject", "due_wall", "missed_count"))
        if task and task_id not in ids:
            due, missed = str(task["due_wall"]).replace("T", " "), int(str(task["missed_count"]))
            told = f" ({counted(missed, 'date')} missed)" if missed else ""
            current().streams.note(f"next: T{task_id}  {task['subject']}, due {due}{told}")
