"""``crm rule test``: a rule tried on a record or on many, and the tests beside the rules; nothing is kept."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import OutputFormat
from crmcli.cli.session import current
from crmcli.domain.plurals import counted

if TYPE_CHECKING:
    from crmcli.services.results import Context

app = typer.Typer(add_completion=False)

Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="The rule.")]
Ref = Annotated[str | None, typer.Argument(metavar="[REF]", help="The record it is tried on.")]
All = Annotated[bool, typer.Option("--all", help="Run the tests in the folder tests beside the rules.")]

_COLUMNS = (("file", "File", "text"), ("test", "Test", "text"), ("result", "Result", "text"))


@app.command("test")
def test(id_: Id = None, ref: Ref = None, all_: All = False, output: OutputFormat = None) -> None:
    """Try rules, and change nothing.

    Examples:
        crm rule test --all
    """
    _run_tests(output)


def _run_tests(output: str | None) -> None:
    """Run the tests beside the rules; exit code 1 when one fails."""
    from crmcli.output.tables import Column, Table, write_table
    from crmcli.rules.fixtures import load_cases
    from crmcli.services.rule_tests.bench import run_cases

    session = current()
    cases = load_cases(session.paths.rules)
    verdicts = list(run_cases(cases, _context()))
    rows = [
        {"file": one.case.file, "test": one.case.name, "result": "failed" if one.differences else "ok",
         "differences": list(one.differences)}
        for one in verdicts
    ]  # fmt: skip
    table = Table(tuple(Column(*column) for column in _COLUMNS), rows, noun="tests")
    write_table(table, session.streams, output)
    failed = [one for one in verdicts if one.differences]
    for one in failed:
        session.streams.warn(f"{one.case.file}: {one.case.name}")
        for difference in one.differences:
            session.streams.warn(f"  {difference}")
    session.streams.note(f"{counted(len(verdicts), 'test')}, {len(failed)} failed")
    if failed:
        raise typer.Exit(1)


def _context() -> "Context":
    """Return what a trial is made with: nothing of it is kept."""
    from crmcli.services.results import Command, Context

    session = current()
    session.close()
    command = Command("crm rule test", explain=True, dry_run=False)
    return Context(session.store_path, session.settings, command, session.paths.rules)
