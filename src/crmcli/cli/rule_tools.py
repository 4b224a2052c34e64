"""Tools for who writes rules: ``crm rule new``, and why rules did what they did, ``crm rule why``."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.options import OutputFormat, count
from crmcli.cli.records import ref_argument
from crmcli.cli.session import current

if TYPE_CHECKING:
    from pathlib import Path

app = typer.Typer(add_completion=False)

Ref = Annotated[str, ref_argument(None)]
Id = Annotated[str | None, typer.Argument(metavar="[ID]", help="Name of the rule; without one nothing is written.")]
On = Annotated[str, typer.Option("--on", metavar="EVENT", help="What it is about, such as deal.won or lead.updated.")]
Limit = Annotated[int, typer.Option("--limit", metavar="N", parser=count(1), help="So many decisions; 20 by default.")]

_WHY = (
    ("at", "When", "instant"),
    ("rule", "Rule", "text"),
    ("record", "Record", "text"),
    ("status", "Decision", "text"),
    ("why", "Why", "text"),
)


@app.command()
def new(id_: Id = None, on: On = "lead.updated") -> None:
    """Begin a rule.

    Writes a file of its own into the rules folder, with everything that may stand in it as comments. The rule is
    switched off until its file says otherwise. Without an ID the text is printed.

    Examples:
        crm rule new hot-lead --on lead.updated
        crm rule new --on deal.won
    """
    from crmcli.errors import UsageError
    from crmcli.rules.files import is_kebab
    from crmcli.rules.skeleton import skeleton

    if id_ is not None and not is_kebab(id_):
        raise UsageError(f"{id_!r} is not kebab-case", hint="small letters, digits and -")
    try:
        text = skeleton(id_ or "my-rule", on)
    except ValueError as error:
        raise UsageError(str(error)) from None
    session = current()
    if id_ is None:
        session.streams.write(text)
        return
    session.streams.data(str(_written(session.paths.rules, id_, text)))
    session.streams.note(f"begun; write it, try it with crm rule test {id_} REF, then set enabled = true")


def _written(folder: "Path", rule_id: str, text: str) -> "Path":
    """Write a file that is not there yet and return its path."""
    from crmcli.errors import ConflictError
    from crmcli.rules.files import load_files

    taken = next((rule.place.file for rule in load_files(folder).rules if rule.id == rule_id), None)
    path = folder / f"{rule_id}.toml"
    try:
        if taken:
            raise FileExistsError
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        there = folder / (taken or path.name)
        raise ConflictError(f"there is a rule {rule_id} in {there}", hint="choose another id") from None
    return path


@app.command()
def why(ref: Ref, limit: Limit = 20, output: OutputFormat = None) -> None:
    """Tell why rules did or did not act on a record.

    The last decisions, the newest first: each rule that was about a change of the record, or of one that was merged
    into it, whether it ran, and if not the first condition that did not hold. A write that rules were not asked about,
    such as one with --no-rules, stands there without a rule.

    Examples:
        crm rule why L12
        crm rule why D5 --limit 50 -o json
    """
    from crmcli.catalogue import ENTITIES
    from crmcli.cli.finding import find
    from crmcli.output.tables import Column, Options, Table, write_table
    from crmcli.queries.rule_runs import decisions
    from crmcli.rules.files import load_files

    session = current()
    found = find(None, ref, deleted=True)
    rows = decisions(session.reader(), found.entity, found.id, limit)
    several = len({row["record"] for row in rows}) > 1
    columns = [column for column in _WHY if several or column[0] != "record"]
    table = Table(tuple(Column(*column) for column in columns), rows, noun="decisions")
    write_table(table, session.streams, output, Options(session.locale, session.zone, pager=not session.no_pager))
    if not rows:
        session.streams.note("no rule was about any change of it; crm rule list shows what rules are about")
    for rule in load_files(session.paths.rules).rules:
        if rule.entity == found.entity and not rule.enabled:
            session.streams.note(
                f"rule {rule.id} is about {ENTITIES[found.entity].noun}s too, but switched off in {rule.place.file}"
            )
