"""``crm report``: the reports on leads, on contacts with customers, and on who is to be contacted."""

from typing import Annotated

import typer

from crmcli.cli import completing, options
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own, basis
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_COHORTS = ("outcome", "created")
_DUE = ("contact", "org", "lead")

Cohort = Annotated[
    str, typer.Option("--cohort", metavar="BASIS", help="Leads by their outcome, or created, in the period.",
                      autocompletion=completing.choices(_COHORTS)),
]  # fmt: skip
NoJunk = Annotated[bool, typer.Option("--no-junk", help="Leave junk out.")]
Target = Annotated[str, typer.Option("--target", metavar="TIME", help="Business time within which to answer.")]
Days = Annotated[
    int, typer.Option("--within", metavar="DAYS", parser=options.count(1), help="Days that sales has for it.")
]
Accepted = Annotated[bool, typer.Option("--accepted", help="Only what a person moved on, no rule or import.")]
Width = Annotated[int, typer.Option("--width", metavar="N", parser=options.count(1), help="Points in each band.")]
Noun = Annotated[
    str | None,
    typer.Argument(metavar="[contact|org|lead]", help="Which records; contacts without.",
                   autocompletion=completing.choices(_DUE)),
]  # fmt: skip


@reported(app)
def leads() -> Own:
    """Leads created, converted and lost, by source, industry and owner.

    Each figure counts leads by its own day in the period: their creation, conversion or loss.

    Examples:
        crm report leads --period last-month
        crm report leads --by industry
        crm report leads --where "rating = hot" -o json
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def sources() -> Own:
    """Where leads and deals come from, and what becomes of them.

    Examples:
        crm report sources --period 2026
        crm report sources --top 5
    """
    return {}


@reported(app)
def hot_leads_by_industry() -> Own:
    """Leads rated hot, by industry.

    Examples:
        crm report hot-leads-by-industry
        crm report hot-leads-by-industry --period this-year -o csv
    """
    return {}


@reported(app)
def lead_response(target: Target = "24h") -> Own:
    """How long leads wait for the first contact.

    Business time from the creation of the leads to the first outgoing contact by a person; automatic mails do not
    count. Who has no answer yet is in no mean, and has missed the target once it is over.

    Examples:
        crm report lead-response --period last-month
        crm report lead-response --target 4h --by owner
    """
    return {"target": _seconds(target)}


@reported(app, output=FormatWithoutRefs)
def lead_conversion(cohort: Cohort = "outcome", no_junk: NoJunk = False) -> Own:
    """Which share of the leads was converted.

    Converted / (converted + lost) by the day of the outcome, or with --cohort created converted / all leads created in
    the period, the open ones among them.

    Examples:
        crm report lead-conversion --period last-quarter
        crm report lead-conversion --cohort created --no-junk --by source
    """
    return {"cohort": basis(cohort, _COHORTS), "no_junk": no_junk}


@reported(app)
def mql_to_sql(within: Days = 90, accepted: Accepted = False) -> Own:
    """Which leads sales took over from marketing in time.

    Of the leads that became mql in the period, those that became sql, or further, within so many days. Who came to
    sales directly is in neither. While the days are not over for all of them the figure is marked as incomplete.

    Examples:
        crm report mql-to-sql --period last-quarter
        crm report mql-to-sql --within 30 --accepted --by source
    """
    return {"within": within, "accepted": accepted}


@reported(app, output=FormatWithoutRefs)
def score_quality(width: Width = 20) -> Own:
    """Whether leads with more points are converted more often.

    Converted / (converted + lost) of the leads with an outcome in the period, by bands of their points.

    Examples:
        crm report score-quality
        crm report score-quality --width 10 --period 2026
    """
    return {"width": width}


@reported(app, output=FormatWithoutRefs)
def activity() -> Own:
    """Contacts with customers, by kind and owner.

    The connect rate is that of the outgoing calls that have an outcome.

    Examples:
        crm report activity --period last-month
        crm report activity --by owner --compare previous
    """
    return {}


@reported(app)
def due_contact(noun: Noun = None) -> Own:
    """Who has not been contacted for too long.

    Whose cadence has passed since the last contact, or whose chosen day has come; who may be reached neither by phone
    nor by mail is left out.

    Examples:
        crm report due-contact
        crm report due-contact org --by owner
        crm report due-contact lead -o ids
    """
    from crmcli.cli.finding import find_noun

    if noun is not None and noun not in _DUE:
        raise UsageError(f"{noun} has no cadence", hint="crm report due-contact contact")
    return {"entity": find_noun(noun or "contact").name}


def _seconds(text: str) -> int:
    """Return a length of business time in seconds; UsageError when it is none."""
    from crmcli.domain.durations import parse_duration

    try:
        found = parse_duration(text)
    except ValueError as error:
        raise UsageError(f"--target: {error}", hint="crm report lead-response --target 4h") from None
    if found <= 0:
        raise UsageError(f"--target takes more than {text!r}", hint="crm report lead-response --target 4h")
    return found
