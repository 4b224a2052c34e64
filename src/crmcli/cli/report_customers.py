"""``crm report``: the reports on what customers buy. A purchase is a deal that was won."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs, count
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_BASES = ("target", "active")
_SUBJECTS = ("lead", "org", "contact")

Target = Annotated[
    str | None,
    typer.Option(metavar="CONDITION", help="Only customers (organizations, contacts) that fit; all who ever bought."),
]
Margin = Annotated[str | None, typer.Option(metavar="PERCENT", help="What a purchase leaves; else as in the settings.")]
Lost = Annotated[
    str | None, typer.Option(metavar="CONDITION", help="Who is lost, of those who had bought before the period.")
]
After = Annotated[
    str | None,
    typer.Option(metavar="365d|own", help="Lost after so long, or twice the own interval, without a purchase."),
]
Item = Annotated[str | None, typer.Option(metavar="FIELD", help="What was bought: tags or another field of deals.")]
Subject = Annotated[
    str | None,
    typer.Argument(
        metavar="[lead|org|contact]",
        help="Who the target is; contacts without.",
        autocompletion=completing.choices(_SUBJECTS),
    ),
]


@reported(app, output=FormatWithoutRefs)
def sales(target: Target = None) -> Own:
    """What was sold: value, purchases, buyers.

    Purchases are the deals won, by their closing. The period is this year when none is given. --where is about the
    deals, --target about the customers.

    Examples:
        crm report sales --period last-quarter --by owner
        crm report sales --target "country = IT" --compare last-year
    """
    return {"target": target}


@reported(app, output=FormatWithoutRefs)
def average_purchase(target: Target = None) -> Own:
    """What one purchase is worth.

    Purchases of no or negative value stand on neither side. The period is this year when none is given.

    Examples:
        crm report average-purchase --period 2026 --by source
    """
    return {"target": target}


@reported(app, output=FormatWithoutRefs)
def frequency(target: Target = None) -> Own:
    """How often buyers bought.

    Purchases divided by the customers who bought in the period, not by those of the target. The period is this year
    when none is given.

    Examples:
        crm report frequency --period 2026
        crm report frequency --target "rating = hot"
    """
    return {"target": target}


@reported(app, output=FormatWithoutRefs)
def repeat_rate(target: Target = None) -> Own:
    """How many buyers bought again.

    Customers with two purchases or more, of those with one or more; of all time unless a period is given.

    Examples:
        crm report repeat-rate
        crm report repeat-rate --period 2026 --by industry
    """
    return {"target": target}


@reported(app, output=FormatWithoutRefs)
def trial(target: Target = None) -> Own:
    """Customers who bought for the first time.

    The share of the target whose first purchase ever falls in the period, this year when none is given. Who had bought
    before it is counted apart.

    Examples:
        crm report trial --period 2026
        crm report trial --period last-month --target "industry = retail"
    """
    return {"target": target}


@reported(app, output=FormatWithoutRefs)
def penetration(
    target: Target = None,
    cumulative: Annotated[bool, typer.Option("--cumulative", help="From the first purchase on.")] = False,
    item: Item = None,
) -> Own:
    """How many of a target bought, by item too.

    The share of the target with a purchase in the period, this year when none is given. --item tells it for each value
    of a field of the deals.

    Examples:
        crm report penetration --period 2026 --target "type = customer"
        crm report penetration --cumulative --item tags
    """
    return {"target": target, "cumulative": cumulative, "item": item}


@reported(app, output=FormatWithoutRefs)
def retention(
    target: Target = None,
    base: Annotated[
        str,
        typer.Option(
            metavar="target|active", help="Of the target, or of its buyers.", autocompletion=completing.choices(_BASES)
        ),
    ] = "target",
) -> Own:
    """How many bought in a period and in the next.

    The next period is as long as the first. Who only bought in the second one never enters. The period is last quarter
    when none is given.

    Examples:
        crm report retention --period 2025
        crm report retention --period last-quarter --base active
    """
    if base not in _BASES:
        raise UsageError(f"there is no base {base!r}", hint="--base target or --base active")
    return {"target": target, "base": base}


@reported(app, output=FormatWithoutRefs)
def churn(
    target: Target = None,
    after: After = None,
    lost: Lost = None,
    revenue: Annotated[
        bool, typer.Option("--revenue", help="Of the recurring amounts, with the net retention.")
    ] = False,
) -> Own:
    """Customers, or recurring value, lost in a period.

    Active is who bought in the 365 days before; lost, who was active at the start of the period and no more at its end.
    The table [customers] of the settings or --after say it otherwise. Where contracts tell more than purchases, --lost
    says who is lost. With --revenue customers are lost that came to the phase of dissolution.

    Examples:
        crm report churn --period 2026
        crm report churn --after own --by industry
        crm report churn --revenue --period this-year
        crm report churn --period this-month --lost "lifecycle_phase = dissolution"
    """
    return {"target": target, "after": after, "lost": lost, "revenue": revenue}


@reported(app, output=FormatWithoutRefs)
def clv(
    target: Target = None,
    margin: Margin = None,
    after: After = None,
    historic: Annotated[bool, typer.Option("--historic", help="The margin to date instead.")] = False,
) -> Own:
    """What a customer is worth over a whole life.

    Average purchase x purchases a year x margin x years, which are 1 / yearly churn of the period: 365 days when none
    is given. Where nobody was lost, the max_years of the settings count.

    Examples:
        crm report clv --margin 30
        crm report clv --margin 30 --by lifecycle_phase
        crm report clv --historic --margin 30
    """
    return {"target": target, "margin": margin, "after": after, "historic": historic}


@reported(app)
def rfm(target: Target = None) -> Own:
    """Customers by recency, frequency and value.

    Scores from 1 to 5, by quintile; of fewer than 25 customers by the bounds of the table [customers] of the settings.
    Segments: champions, at_risk, loyal, new, lost, others; the first that fits. Groups are fields of customers.

    Examples:
        crm report rfm
        crm report rfm --by industry
        crm report rfm -o ids --top 10
    """
    return {"target": target}


@reported(app)
def best_customers(target: Target = None, margin: Margin = None) -> Own:
    """The best customers, first the very best.

    In the order of the scores for recency, frequency and value, then of the value.

    Examples:
        crm report best-customers --top 10
        crm report best-customers --margin 30 --period 2026
    """
    return {"target": target, "margin": margin}


@reported(app)
def at_risk(target: Target = None, margin: Margin = None) -> Own:
    """Good customers who stopped buying.

    The segment at_risk of crm report rfm, those of the greatest value first.

    Examples:
        crm report at-risk
        crm report at-risk --by owner
    """
    return {"target": target, "margin": margin}


@reported(app, output=FormatWithoutRefs)
def cohort(
    target: Target = None,
    months: Annotated[
        int | None, typer.Option(metavar="N", parser=count(1), help="Months shown; 12 unless said.", show_default=False)
    ] = None,
) -> Own:
    """How customers come back, by the month of their first purchase.

    For each month of first purchases the share of its customers who bought so many months later; the period picks the
    months. A month that is not over is marked. With --by each group is a line, of the months that are over.

    Examples:
        crm report cohort
        crm report cohort --period 2026 --months 6
        crm report cohort --by industry -o csv
    """
    return {"target": target, "months": months}


@reported(app)
def cross_sell(
    target: Target = None,
    item: Item = None,
    has: Annotated[str | None, typer.Option(metavar="VALUE", help="List customers who have it ...")] = None,
    lacks: Annotated[str | None, typer.Option(metavar="VALUE", help="... and lack this.")] = None,
    least: Annotated[
        int | None,
        typer.Option(metavar="N", parser=count(1), help="Customers with both; 5 unless said.", show_default=False),
    ] = None,
) -> Own:
    """What customers of one thing buy too.

    Things are the tags of the deals won, or the values of the field that --item names. The lift tells how much oftener
    customers have both than by chance; pairs that fewer than 5 have are hidden. --has and --lacks list the customers,
    and with --by each group has pairs of its own.

    Examples:
        crm report cross-sell --item type
        crm report cross-sell --by industry
        crm report cross-sell --least 1 --target "country = IT"
    """
    return {"target": target, "item": item, "has": has, "lacks": lacks, "least": least}


@reported(app, output=FormatWithoutRefs)
def redemption(
    noun: Subject = None,
    target: Annotated[str | None, typer.Option(metavar="CONDITION", help="Who was to respond; all without.")] = None,
    responded: Annotated[str | None, typer.Option(metavar="CONDITION", help="Who did.")] = None,
    contacts: Annotated[
        str | None, typer.Option(metavar="FIELD", help="Holds the contacts made; else interactions count.")
    ] = None,
) -> Own:
    """How many of a target responded.

    Everybody of the target counts as reached. Contacts made are the outgoing interactions of the period with them, or
    what a field of theirs holds.

    Examples:
        crm report redemption lead --responded "status = converted" --by source
        crm report redemption contact --target "country = IT" --responded "rating = hot"
    """
    from crmcli.cli.finding import find_noun

    if noun is not None and noun not in _SUBJECTS:
        raise UsageError(f"{noun} is no target", hint="lead, org or contact")
    return {
        "entity": find_noun(noun).name if noun else None,
        "target": target,
        "responded": responded,
        "contacts": contacts,
    }
