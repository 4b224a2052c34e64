"""``crm snooze``: people, organizations and tasks put off; ``task snooze`` is the same for tasks alone."""

import re
from collections.abc import Sequence
from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.answers import answer, answer_all, context
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)
Until = Annotated[
    str | None, typer.Option("--until", metavar="WHEN", help="Until when, or by how much: +3d. Default: +1d.")
]
_TOLD = 10  # tasks whose new time is told
_TIMES = '+3d, tomorrow, "next monday" or 2026-03-20'


@app.command()
@writes
def snooze(
    refs: Annotated[
        list[str],
        typer.Argument(
            metavar="REF...",
            help="Contacts, organizations and leads, or tasks; - reads refs from standard input.",
            autocompletion=completing.refs(None),
        ),
    ],
    until: Until = None,
    *,
    asked: Asked,
) -> None:
    """Put follow-ups or tasks off.

    The next contact with somebody comes on the day that is named; from the contact after it on the cadence counts
    again. The last word may be the time: +2m, tomorrow, 2026-03-20.

    Examples:
        crm snooze C7 --until +2m
        crm snooze C7 O3 "next monday"
        crm snooze T9 +3d
    """
    from crmcli.cli.finding import find_all
    from crmcli.cli.follow import followed
    from crmcli.cli.readings import read_moment
    from crmcli.cli.slips import ask_about_slips
    from crmcli.services import follow_ups

    if until is None:
        refs, until = apart(refs)
    about = find_all(refs)
    if [*about] == ["task"]:
        put_off_tasks(about["task"], until, asked)
        return
    if "task" in about:
        raise UsageError("tasks are put off by themselves", hint=f"crm task snooze T9 --until {until}")
    day = read_moment(until, "next contact").wall[: len("2026-03-20")]
    ask_about_slips("contact", {"next_contact_on": day}, asked)
    answer_all(follow_ups.snooze(context(asked, plain=(until,)), followed(about), day), asked, about, verb="Put off")


def put_off_tasks(ids: Sequence[int], until: str, asked: Asked) -> None:
    """Put off tasks until a time, or by a distance, and tell what came of it."""
    from crmcli.cli.readings import read_moment
    from crmcli.cli.slips import ask_about_slips
    from crmcli.services import tasks

    when = until if until.startswith("+") else read_moment(until, "due")
    if not isinstance(when, str):
        ask_about_slips("task", {"due_at": when}, asked)
    answer(tasks.snooze(context(asked, plain=(until,)), ids, when), asked, "task", verb="Put off", ids=ids)
    if isinstance(when, str) and not asked.dry_run:
        _tell_due(ids[:_TOLD])


def apart(words: list[str], entity: str | None = None) -> tuple[list[str], str]:
    """Return refs and the time behind them, a day where there is none; UsageError for a word that is neither.

    ``entity`` is what the refs are of, None for records of any kind.
    """
    from crmcli.cli.finding import find
    from crmcli.cli.readings import is_moment
    from crmcli.errors import NotFoundError

    *refs, last = words
    if refs and last.startswith("+"):
        return refs, last
    if not refs or last == "-" or re.fullmatch(r"[A-Za-z]?[0-9]+", last):
        return words, "+1d"
    try:
        find(entity, last)
    except NotFoundError:
        if is_moment(last):
            return refs, last
        what = f"a {entity}" if entity else "a record"
        raise UsageError(f"{last!r} is neither {what} nor a time", hint=f"a time is {_TIMES}; crm help dates") from None
    return words, "+1d"


def _tell_due(ids: Sequence[int]) -> None:
    """Tell on a terminal when tasks are due that were put off by a distance, each from a time of its own."""
    from crmcli.catalogue import ENTITIES
    from crmcli.cli.readings import echo
    from crmcli.domain.dates import Moment
    from crmcli.queries.records import get_record

    keys = ("due_wall", "due_at", "due_zone")
    for task_id in ids:
        task = get_record(current().reader(), ENTITIES["task"], task_id, keys)
        if task:
            wall, due_at, zone = (str(task[key]) for key in keys)
            echo(f"T{task_id} due", Moment(wall, len(wall) == len("2026-03-20"), due_at, zone))
