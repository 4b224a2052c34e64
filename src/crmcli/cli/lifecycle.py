"""``crm lifecycle``: the phases of the relationship with customers, proposed, explained and given to them."""

from typing import Annotated

import typer

from crmcli.cli import options
from crmcli.cli.phases import moves_of, proposed
from crmcli.cli.records import refs_argument
from crmcli.cli.session import current
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError
from crmcli.output.formats import WITHOUT_REFS

app = typer.Typer(add_completion=False)

Refs = Annotated[list[str] | None, refs_argument("organization", required=False)]
Ref = Annotated[str, typer.Argument(metavar="REF", help="An organization, or a contact without one.")]
All = Annotated[bool, typer.Option("--all", help="Those who would keep their phase too.")]

_COLUMNS = (
    ("ref", "Ref", "text"),
    ("name", "Name", "text"),
    ("phase", "Phase", "text"),
    ("proposed", "Proposed", "text"),
    ("why", "Why", "text"),
    ("held", "By hand", "bool"),
)
_HISTORY = (
    ("phase", "Phase", "text"),
    ("entered", "From", "instant"),
    ("left", "To", "instant"),
    ("set_by", "Set by", "text"),
    ("reason", "Reason", "text"),
)
_LOG = (
    "SELECT w.to_value, w.entered_at, w.left_at, CASE WHEN w.cause = 'lifecycle' THEN 'proposal' ELSE"
    " COALESCE(u.handle, w.cause) END, w.reason FROM state_log w LEFT JOIN app_user u ON u.id = w.actor_id"
    " WHERE w.entity = ? AND w.record_id = ? AND w.field = 'lifecycle_phase' ORDER BY w.id DESC"
)


@app.command()
def propose(
    refs: Refs = None,
    where: options.Where = None,
    all_: All = False,
    output: options.OutputFormat = None,
    exit_code: options.ExitCode = False,
) -> None:
    """List customers whose behaviour speaks for another phase.

    Awareness, exploration, expansion, commitment, dissolution: proposed from purchases (won deals) and from talk that
    went both ways, by the thresholds in the table [lifecycle] of the settings. Customers are organizations, and
    contacts without one. A phase set by hand is listed only with --all, and never changed.

    Examples:
        crm lifecycle propose
        crm lifecycle propose --where "country = IT" -o csv
        crm lifecycle propose O1 --all
    """
    from crmcli.cli.listing import output_options
    from crmcli.output.tables import Column, Table, write_table

    session = current()
    found = [one for one in proposed(session.reader(), refs, where) if all_ or one.is_news]
    rows = [{**one._asdict(), "ref": one.ref} for one in found]
    table = Table(tuple(Column(*column) for column in _COLUMNS), rows, noun="customers")
    write_table(table, session.streams, output, output_options())
    if exit_code and not found:
        raise typer.Exit(1)


@app.command()
@writes
def apply(asked: Asked, refs: Refs = None, where: options.Where = None) -> None:
    """Give customers the phases that are proposed.

    One undoable step; rules may react to it. With daily = true in the table [lifecycle] of the settings crm tick does
    the same once a day. Phases set by hand stay.

    Examples:
        crm lifecycle apply --dry-run
        crm lifecycle apply --where "rating = hot"
    """
    from crmcli.cli.answers import answer_all, context
    from crmcli.services.life_cycle import move

    moves = moves_of(proposed(current().reader(), refs, where))
    about = {entity: [one.id for one in those] for entity, those in moves.items()}
    answer_all(move(context(asked), moves), asked, about, verb="Moved")


@app.command()
def show(ref: Ref, output: options.FormatWithoutRefs = None) -> None:
    """Tell in which phase a customer is, since when, and why.

    Formats for programs but json hold the history alone.

    Examples:
        crm lifecycle show O1
        crm lifecycle show O1 -o json
    """
    from crmcli.cli.listing import output_options
    from crmcli.output.records import Card, Fact, Section, write_card
    from crmcli.output.tables import Column, Table, choose_format, write_table

    session = current()
    con = session.reader()
    found = next(proposed(con, [ref]), None)
    if found is None:
        raise UsageError(f"{ref} is no customer: it works for one, or does not buy", hint="crm lifecycle propose --all")
    keys = [column[0] for column in _HISTORY]
    history = [dict(zip(keys, row, strict=True)) for row in con.execute(_LOG, (found.entity, found.id))]
    table = Table(tuple(Column(*column) for column in _HISTORY), history, noun="phases")
    form = choose_format(output, session.streams, WITHOUT_REFS)
    if form == "json":
        from crmcli.output.json import write_object

        write_object({**found._asdict(), "ref": found.ref, "history": history}, session.streams)
        return
    if form != "table":
        write_table(table, session.streams, form, output_options())
        return
    held = f"by hand: {found.reason or 'no reason given'}" if found.held else "by proposal" if found.phase else ""
    facts = (Fact("Phase", found.phase), Fact("Set", held), Fact("Proposed", found.proposed), Fact("Why", found.why))
    card = Card(f"{found.ref} {found.name}", "life cycle", facts, (Section("History", table),))
    write_card(card, session.streams, output_options())
