"""``crm lead``: people and companies with an interest, not yet negotiated with."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from crmcli.cli import completing
from crmcli.cli.merging import merge_command
from crmcli.cli.options import AllowDuplicate, Note
from crmcli.cli.records import Noun, ref_argument, register
from crmcli.cli.signatures import Asked, writes

if TYPE_CHECKING:
    from crmcli.services.conversion import ConvertOptions
    from crmcli.services.results import Context, Result

app = typer.Typer(add_completion=False)
LEAD = Noun(
    "lead",
    {
        "add": """
            crm lead add "Anna Rossi" --company Acme --email anna@example.com
            crm lead add --company "Forlì Impianti" --source website --tag vip --set employees=40
        """,
        "list": """
            crm lead list
            crm lead list --where "rating = hot and owner = me" --sort -created_at
        """,
        "show": "crm lead show L12",
        "edit": """
            crm lead edit L12 --rating hot --add-tag vip
            crm lead edit --where "source = ads and rating is empty" --set rating=cold
            crm lead edit L12
        """,
        "rm": """
            crm lead rm L12
            crm lead list --where "status = junk" -o ids | crm lead rm - --yes
        """,
        "restore": "crm lead restore L12",
    },
    title="full_name",
)
register(app, LEAD)
app.command("merge")(merge_command("lead", "Merge leads into the first.", "crm lead merge L12 L15"))

Ref = Annotated[str, ref_argument("lead")]
LostReason = Annotated[
    str | None,
    typer.Option("--reason", metavar="VALUE", help="Why it was lost.", autocompletion=completing.enum("lost_reason")),
]
Organization = Annotated[
    str | None,
    typer.Option(
        "--org", metavar="new|REF|none", help="Its organization.", autocompletion=completing.refs("organization")
    ),
]
Contact = Annotated[
    str | None,
    typer.Option("--contact", metavar="new|REF", help="Its contact.", autocompletion=completing.refs("contact")),
]
Deal = Annotated[str | None, typer.Option("--deal", metavar="NAME|none", help="Name of the deal.")]
Amount = Annotated[str | None, typer.Option(metavar="AMOUNT", help="Amount of the deal, such as 12k.")]
Pipeline = Annotated[
    str | None, typer.Option(metavar="NAME", help="Pipeline of the deal.", autocompletion=completing.refs("pipeline"))
]
Stage = Annotated[str | None, typer.Option(metavar="NAME", help="Stage of the deal.", autocompletion=completing.stages)]
Close = Annotated[str | None, typer.Option(metavar="WHEN", help="When the deal should close.")]
Owner = Annotated[
    str | None,
    typer.Option(metavar="USER", help="Owner of what is created.", autocompletion=completing.refs("user")),
]
Activities = Annotated[
    str,
    typer.Option(
        metavar="move|link",
        help="Whether activities belong to the deal from now on, or stay with the lead.",
        autocompletion=completing.choices(("move", "link")),
    ),
]


@app.command()
@writes
def qualify(ref: Ref, asked: Asked) -> None:
    """Mark a lead as worth converting.

    Examples:
        crm lead qualify L12
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id
    from crmcli.services import leads

    lead = find_id("lead", ref)
    answer(leads.qualify(context(asked), lead), asked, "lead", verb="Qualified", ids=[lead])


@app.command()
@writes
def lose(ref: Ref, asked: Asked, reason: LostReason = None, note: Note = None) -> None:
    """Close a lead that came to nothing.

    Examples:
        crm lead lose L12 --reason price
        crm lead lose L12 --reason other --note "Moved abroad"
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id
    from crmcli.cli.inputs import Inputs
    from crmcli.services import leads

    lead = find_id("lead", ref)
    why = Inputs("lead").value("lost_reason", reason) if reason else None
    result = leads.lose(context(asked, plain=[reason or ""]), lead, why, note)
    answer(result, asked, "lead", verb="Lost", ids=[lead])


@app.command()
@writes
def convert(
    ref: Ref,
    asked: Asked,
    org: Organization = None,
    contact: Contact = None,
    deal: Deal = None,
    amount: Amount = None,
    pipeline: Pipeline = None,
    stage: Stage = None,
    close: Close = None,
    owner: Owner = None,
    activities: Activities = "move",
    allow_duplicate: AllowDuplicate = False,
) -> None:
    """Turn a lead into an organization, a contact and a deal.

    Records that are known already are found by e-mail, phone, VAT number and domain, and blanks in them are filled.
    Where only names agree it is up to you: --org and --contact take the record meant, or new.

    Examples:
        crm lead convert L12
        crm lead convert L12 --org O3 --deal "Spring order" --amount 12k --close 2026-06-30
        crm lead convert L12 --deal none
    """
    from crmcli.cli.answers import answer_all, context
    from crmcli.cli.finding import find_id
    from crmcli.cli.session import current

    lead = find_id("lead", ref)
    options = _convert_options(
        lead,
        {"org": org, "contact": contact, "deal": deal, "amount": amount, "pipeline": pipeline}
        | {"stage": stage, "close": close, "owner": owner, "activities": activities},
    )
    result = _converted(context(asked, allow_duplicate=allow_duplicate), lead, options)
    in_short = asked.output is None and not result.dry_run and not current().streams.is_terminal
    answer_all(result, asked, _outcome(lead) if in_short else {"lead": [lead]}, verb="" if in_short else "Converted")


@app.command()
@writes
def unconvert(ref: Ref, asked: Asked) -> None:
    """Take a conversion back.

    Examples:
        crm lead unconvert L12
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id
    from crmcli.services.unconversion import unconvert as take_back

    lead = find_id("lead", ref)
    answer(take_back(context(asked), lead), asked, "lead", verb="Took back the conversion of", ids=[lead])


def _convert_options(lead: int, given: dict[str, str | None]) -> "ConvertOptions":
    from crmcli.cli.finding import find_id
    from crmcli.cli.inputs import Inputs
    from crmcli.cli.readings import read_moment
    from crmcli.cli.records import currency_of
    from crmcli.errors import UsageError
    from crmcli.services.conversion import ConvertOptions

    if given["activities"] not in ("move", "link"):
        raise UsageError(f"--activities takes move or link, not {given['activities']!r}")
    choices: dict[str, Any] = {
        name: text if text in (None, "new", "none") else find_id(name, str(text))
        for name, text in (("organization", given["org"]), ("contact", given["contact"]))
    }
    if choices["contact"] == "none":
        raise UsageError("a conversion makes or finds a contact", hint="--contact new")
    without = given["deal"] == "none"
    inputs = Inputs("deal", currency=currency_of(LEAD.kind, [lead]))
    return ConvertOptions(
        **choices,
        deal=None if without else given["deal"],
        with_deal=not without,
        amount=inputs.value("amount", given["amount"]) if given["amount"] else None,
        pipeline=find_id("pipeline", given["pipeline"]) if given["pipeline"] else None,
        stage=given["stage"],
        expected_close=read_moment(given["close"], "close") if given["close"] else None,
        owner=find_id("user", given["owner"]) if given["owner"] else None,
        activities=given["activities"],  # type: ignore[arg-type]  # one of the two, as seen above
    )


def _converted(context: "Context", lead: int, options: "ConvertOptions") -> "Result":
    """Convert a lead; on a terminal the user says whom it is about where only names agree."""
    from dataclasses import replace

    from crmcli.cli.finding import find_id, pick
    from crmcli.cli.session import current
    from crmcli.errors import ConflictError
    from crmcli.services.leads import convert

    try:
        return convert(context, lead, options)
    except ConflictError as error:
        entity, refs = error.details.get("entity"), error.details.get("candidates")
        if not entity or not refs:
            raise
        candidates = [*((ref, _title(entity, ref)) for ref in refs), ("new", "another one")]
        picked = pick(f"{entity} of the lead", candidates)
        if picked is None:
            raise
        choice: Any = picked if picked == "new" else find_id(entity, picked)
    chosen = replace(options, organization=choice) if entity == "organization" else replace(options, contact=choice)
    current().close()  # what was read must not stand in the way of the write
    return _converted(context, lead, chosen)


def _title(entity: str, ref: str) -> str:
    from crmcli.cli.finding import find_id
    from crmcli.cli.session import current
    from crmcli.queries.references import title_of

    return title_of(current().reader(), entity, find_id(entity, ref))


def _outcome(lead: int) -> dict[str, list[int]]:
    """Return what a lead became, ids by entity."""
    from crmcli.cli.session import current

    sql = "SELECT converted_contact_id, converted_organization_id, converted_deal_id FROM lead WHERE id = ?"
    found = current().reader().execute(sql, (lead,)).fetchone()
    names = ("contact", "organization", "deal")
    return {name: [record_id] for name, record_id in zip(names, found, strict=True) if record_id is not None}
