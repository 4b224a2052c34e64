"""``crm undo``: the newest commands taken back, each as a step of its own, after a look at what goes back."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli.answers import agree, context
from crmcli.cli.options import FormatWithoutRefs, count
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.domain.plurals import counted
from crmcli.errors import ConflictError, RefusedError
from crmcli.output.formats import WITHOUT_REFS

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result
    from crmcli.services.undo import Progress

app = typer.Typer(add_completion=False)

Count = Annotated[int, typer.Argument(metavar="[N]", parser=count(1), help="How many commands; 1 by default.")]
_PREVIEWED = 20  # records shown before the question


@app.command()
@partial(writes, output=FormatWithoutRefs)
def undo(
    count: Count = 1,
    list_: Annotated[bool, typer.Option("--list", help="List what can be taken back, the next one first.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Put the old values back over later changes too.")] = False,
    *,
    asked: Asked,
) -> None:
    """Take back the last command.

    One command, import or chain of rules is one step. Shows what goes back and asks; --yes answers.

    Examples:
        crm undo
        crm undo 3 --yes
        crm undo --list
    """
    from crmcli.cli.history import write_operations
    from crmcli.queries.history import undo_stack

    con = current().reader()
    if list_:
        write_operations(undo_stack(con), asked.output)
        return
    steps = undo_stack(con, count)
    refuse_missing(len(steps), count, "take back")
    again = "crm undo" if count == 1 else f"crm undo {count}"
    take_back(steps, asked, kind="undo", done="Took back", force=force, again=again)


def refuse_missing(there: int, wanted: int, what: str) -> None:
    """Raise RefusedError when there are fewer steps than were asked for."""
    if there == 0:
        raise RefusedError(f"there is nothing to {what}", code="undo.empty", hint="crm history")
    if there < wanted:
        commands = f"{'is' if there == 1 else 'are'} only {counted(there, 'command')}"
        raise RefusedError(f"there {commands} to {what}", code="undo.empty", hint="crm undo --list")


def take_back(
    steps: Sequence[dict[str, Any]], asked: Asked, *, kind: str, done: str, force: bool = False, again: str = ""
) -> None:
    """Reverse operations one after the other, after a preview and a question; ``done`` begins the line told of each.

    ``again`` is the command that takes ``--force``, to be named where later changes stand in the way. With ``--yes`` a
    single step needs no preview: it is refused as a whole or done as a whole.
    """
    from crmcli.cli.differences import write_differences
    from crmcli.services import undo as service

    given = context(asked, kind=kind, plain=[str(len(steps))], formats=WITHOUT_REFS)
    if asked.dry_run or not asked.yes or len(steps) > 1:
        operations = [one for step in steps for one in step["ids"]]
        with _naming_force(again), _progress("preview", steps) as tell:
            trial = service.preview(given, operations, force=force, progress=tell)
        if asked.dry_run:
            write_differences(trial, asked.output)
            return
        if current().is_interactive and not asked.yes:
            _show(trial)
    agree(_question(steps, kind), asked)
    streams = current().streams
    for number, step in enumerate(steps, start=1):
        with _naming_force(again), _progress(kind, [step]) as tell:
            result = service.take_back_all(_step_context(given, number), step["ids"], force=force, progress=tell)
        for warning in result.warnings:
            streams.warn(warning)
        if streams.is_terminal and asked.output is None:
            streams.note(f"{done}: {step['command']}  ({counted(sum(result.counts.values()), 'record')})")
    if not streams.is_terminal or asked.output is not None:
        from crmcli.cli.history import write_operations

        write_operations(steps, asked.output)


@contextmanager
def _progress(label: str, steps: Sequence[dict[str, Any]]) -> "Iterator[Progress]":
    """Show on a terminal how far the work is that goes through the changes of steps."""
    from crmcli.output.progress import Progress

    total = sum(step["records"] for step in steps)
    with Progress(current().streams, label, total, noun="records") as line:
        yield line.update


@contextmanager
def _naming_force(again: str) -> Iterator[None]:
    """Let a conflict with later changes name the command that puts the old values back over them."""
    try:
        yield
    except ConflictError as error:
        if again and error.code == "undo.stale":
            error.hint = f"{again} --force puts the old values back over the later changes"
        raise


def _question(steps: Sequence[dict[str, Any]], kind: str) -> str:
    way = "Take back" if kind == "undo" else "Do again"
    what = counted(len(steps), "command") if len(steps) > 1 else steps[0]["command"]
    return f"{way}: {what}?"


def _show(trial: "Result") -> None:
    """Show how the first records will change."""
    from itertools import islice

    from crmcli.cli.differences import changes_of
    from crmcli.cli.listing import output_options
    from crmcli.output.records import write_changes

    streams = current().streams
    shown = write_changes(islice(changes_of(trial), _PREVIEWED), streams, output_options())
    more = sum(trial.counts.values()) - shown
    if more > 0:
        streams.note(f"… and {more} more")
    current().close()  # an open reader would stand in the way of the write


def _step_context(given: "Context", number: int) -> "Context":
    """Return the context of one of several steps, with an idempotency key of its own."""
    from dataclasses import replace

    key = given.command.idempotency_key
    return given if key is None else replace(given, command=replace(given.command, idempotency_key=f"{key} {number}"))
