"""``crm deal``: opportunities, and where they stand."""

from typing import TYPE_CHECKING, Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.lead import LostReason
from crmcli.cli.options import Note
from crmcli.cli.records import Noun, ref_argument, refs_argument, register
from crmcli.cli.signatures import Asked, writes
from crmcli.errors import UsageError

if TYPE_CHECKING:
    from crmcli.domain.dates import Moment

app = typer.Typer(add_completion=False)
DEAL = Noun(
    "deal",
    {
        "add": """
            crm deal add "Spring order" --org Acme --create --amount 12k --expected-close 2026-06-30
            crm deal add Platform --org O3 --contact C7 --stage quote_sent --probability 60
        """,
        "list": """
            crm deal list
            crm deal list --where "stage = proposal and amount >= 10k" --sort -amount
            crm deal list --columns ref,name,organization.country,amount -o csv
        """,
        "show": "crm deal show D5",
        "edit": """
            crm deal edit D5 --amount 15k --next-step "Send the contract"
            crm deal edit --where "expected_close < today and outcome = open" --set expected_close=eom
            crm deal edit D5
        """,
        "rm": "crm deal rm D5",
        "restore": "crm deal restore D5",
    },
)
register(app, DEAL)

Ref = Annotated[str, ref_argument("deal")]
Refs = Annotated[list[str], refs_argument("deal")]
RefsAndStage = Annotated[
    list[str],
    typer.Argument(
        metavar="REF... STAGE",
        help="Deals, then the key, name or alias of a stage of their pipeline; - reads refs from standard input.",
        autocompletion=completing.deals_or_stages,
    ),
]
Stage = Annotated[
    str | None, typer.Option(metavar="STAGE", help="The stage to be in.", autocompletion=completing.stages)
]
At = Annotated[str | None, typer.Option("--at", "--on", metavar="WHEN", help="When it was closed, if not now.")]
Probability = Annotated[str | None, typer.Option(metavar="PERCENT", help="Instead of that of the stage.")]


@app.command()
@writes
def move(refs: RefsAndStage, asked: Asked, note: Note = None, reason: LostReason = None, at: At = None) -> None:
    """Move deals to a stage.

    Into a won or lost stage this is the same as win and lose, with the same demands.

    Examples:
        crm deal move D5 negotiation
        crm deal move D5 quote_sent --note "They asked for two options"
        crm deal move D5 won --at yesterday
        crm deal list --where "stage = potential and owner = me" -o ids | crm deal move - negotiation
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.services import deals

    *deal_refs, stage = refs
    if not deal_refs:
        raise UsageError("name the deals and then the stage", hint="crm deal move D5 negotiation")
    found = find_ids("deal", deal_refs)
    lost, closed = _lost_reason(reason), _closed(at)
    result = deals.move(context(asked, plain=[stage, reason or ""]), found, stage, note, reason=lost, on=closed)
    answer(result, asked, "deal", verb="Moved", ids=found)


@app.command()
@writes
def win(refs: Refs, asked: Asked, at: At = None, stage: Stage = None) -> None:
    """Close deals as won.

    Examples:
        crm deal win D5
        crm deal win D5 D6 --at yesterday
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.services import deals

    found = find_ids("deal", refs)
    result = deals.win(context(asked, plain=[stage or ""]), found, _closed(at), stage)
    answer(result, asked, "deal", verb="Won", ids=found)


@app.command()
@writes
def lose(
    refs: Refs, asked: Asked, reason: LostReason = None, note: Note = None, at: At = None, stage: Stage = None
) -> None:
    """Close deals as lost, with the reason.

    Examples:
        crm deal lose D5 --reason price
        crm deal lose D5 --reason other --note "The plant was closed" --at 2026-03-02
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_ids
    from crmcli.services import deals

    found = find_ids("deal", refs)
    lost, closed = _lost_reason(reason), _closed(at)
    result = deals.lose(context(asked, plain=[reason or "", stage or ""]), found, lost, note, closed, stage)
    answer(result, asked, "deal", verb="Lost", ids=found)


@app.command()
@writes
def reopen(ref: Ref, asked: Asked, stage: Stage = None, probability: Probability = None) -> None:
    """Open a closed deal again.

    Examples:
        crm deal reopen D5
        crm deal reopen D5 --stage negotiation
    """
    from crmcli.cli.answers import answer, context
    from crmcli.cli.finding import find_id
    from crmcli.cli.inputs import Inputs
    from crmcli.services import deals

    deal = find_id("deal", ref)
    chance = Inputs("deal").value("probability", probability) if probability else None
    result = deals.reopen(context(asked, plain=[stage or ""]), deal, stage, chance)
    answer(result, asked, "deal", verb="Reopened", ids=[deal])


def _closed(at: str | None) -> "Moment | None":
    from crmcli.cli.readings import read_moment

    return read_moment(at, "closed", "past") if at else None


def _lost_reason(reason: str | None) -> str | None:
    from crmcli.cli.inputs import Inputs

    return Inputs("deal").value("lost_reason", reason) if reason else None
