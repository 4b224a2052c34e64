"""``crm lead score``: what the score of a lead is made of, reckoned anew, or added to by hand."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli.records import refs_argument
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes

if TYPE_CHECKING:
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)

Refs = Annotated[list[str] | None, refs_argument("lead", required=False)]
Why = Annotated[bool, typer.Option("--why", help="Tell what the score is made of; changes nothing.")]
All = Annotated[bool, typer.Option("--all", help="All open leads.")]
Add = Annotated[str | None, typer.Option("--add", metavar="POINTS", help="Points to add by hand, such as 10 or -5.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why points are added.", show_default=False)]

_COLUMNS = (
    ("ref", "Lead", "text"),
    ("counted", "Counts", "int"),
    ("points", "Of", "int"),
    ("kind", "By", "text"),
    ("name", "Entry or rule", "text"),
    ("since", "Since", "instant"),
    ("reason", "Why", "text"),
)


@app.command()
@writes
def score(
    asked: Asked, refs: Refs = None, why: Why = False, all_: All = False, add: Add = None, note: Note = ""
) -> None:
    """Reckon the scores of leads, or tell what they are made of.

    A score is the sum of the [[score]] tables of the rule files whose condition holds, of what rules added, and of what
    was set by hand or imported. Every write reckons it anew; this does so after files were changed or time has passed.

    Examples:
        crm lead score L12 --why
        crm lead score --all
        crm lead score L12 --add 10 --note "Met at the fair"
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.errors import UsageError

    if all_ == bool(refs):
        raise UsageError("name leads, or --all", hint="crm lead score L12 --why")
    leads = find_ids("lead", refs) if refs else None
    if why:
        _tell(leads, asked.output)
        return
    points = _points(add)
    if points is not None and leads is None:
        raise UsageError("points are added to leads that are named", hint="crm lead score L12 --add 10")
    result = _reckon(context(asked), leads, points, note)
    answer(result, asked, "lead", verb="Scored", ids=leads or [])
    _tell_totals(leads or [], result)


def _reckon(context: "Context", leads: list[int] | None, points: int | None, note: str) -> "Result":
    from crmcli.services.scores import adjust, rescore

    return rescore(context, leads) if points is None else adjust(context, leads or [], points, note)


def _points(text: str | None) -> int | None:
    from crmcli.domain.score_lines import BOUND
    from crmcli.errors import UsageError

    if text is None:
        return None
    digits = text.strip().removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(BOUND)) or int(digits) > BOUND:
        raise UsageError(f"--add takes a whole number, not {text!r}", hint="crm lead score L12 --add 10")
    return int(text)


def _tell_totals(leads: list[int], result: "Result") -> None:
    """Tell the scores of the leads that were named, which are few."""
    from crmcli.queries.scores import scores

    if not result.dry_run:
        for ref, points in scores(current().reader(), leads):
            current().streams.note(f"{ref} has {points} points")


def _tell(leads: list[int] | None, output: str | None) -> None:
    from crmcli.output.tables import Column, Options, Table, write_table
    from crmcli.queries.scores import score_lines

    session = current()
    rows = list(score_lines(session.reader(), leads))
    table = Table(tuple(Column(*column) for column in _COLUMNS), rows, noun="lines")
    write_table(table, session.streams, output, Options(session.locale, session.zone, pager=not session.no_pager))
    for ref, points in dict.fromkeys((row["ref"], row["score"]) for row in rows):
        session.streams.note(f"{ref} has {points} points")
