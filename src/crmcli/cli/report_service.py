"""``crm report``: the reports on tickets and the service on them."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own
from crmcli.cli.report_commands import reported
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

_EVERY = ("day", "week", "month")
_NOUNS = ("ticket", "log")

First = Annotated[bool, typer.Option("--first", help="The first resolution, whatever came after it.")]
Every = Annotated[
    str | None,
    typer.Option(metavar="UNIT", help="Day, week or month.", autocompletion=completing.choices(_EVERY)),
]
Noun = Annotated[
    str | None,
    typer.Argument(
        metavar="[ticket|log]", help="Which records; tickets without.", autocompletion=completing.choices(_NOUNS)
    ),
]


@reported(app)
def tickets() -> Own:
    """Tickets of a period: opened, closed, open.

    The period is this quarter when none is given. Open are those open or paused at its end; work counts for the owner,
    or where there is none for the assignee.

    Examples:
        crm report tickets --period last-month
        crm report tickets --by category --compare previous
        crm report tickets --where "priority = high" -o json
    """
    return {}


@reported(app)
def first_response() -> Own:
    """How long tickets waited for their first answer.

    Business time from the opening to the first public answer of a person, over the tickets opened in the period, this
    quarter when none is given.

    Examples:
        crm report first-response --period last-month
        crm report first-response --by assignee
        crm report first-response --explain ticket_first_response_hours_p90
    """
    return {}


@reported(app)
def resolution(first: First = False) -> Own:
    """How long it took to resolve tickets.

    Business time from the opening to the resolution, without the time in which the ticket waited for others, over the
    tickets resolved in the period, this quarter when none is given.

    Examples:
        crm report resolution --period last-month
        crm report resolution --first --by category
    """
    return {"first": first}


@reported(app, output=FormatWithoutRefs)
def backlog(every: Every = None) -> Own:
    """Open tickets day by day, and what came in and went out.

    Without --every the length of the period decides: days up to a month, weeks up to half a year, else months. The
    period is the last 90 days when none is given.

    Examples:
        crm report backlog
        crm report backlog --period this-month --every day
        crm report backlog --where "priority in [high, urgent]" -o csv
    """
    if every is not None and every not in _EVERY:
        from crmcli.domain.schema import did_you_mean

        raise UsageError(f"--every takes {', '.join(_EVERY)}, not {every!r}", hint=did_you_mean(every, list(_EVERY)))
    return {"every": every}


@reported(app)
def reopen_rate() -> Own:
    """Tickets that were taken up again.

    Tickets reopened in the period, of those resolved in it; this quarter when none is given.

    Examples:
        crm report reopen-rate --period last-quarter
        crm report reopen-rate --by category
    """
    return {}


@reported(app)
def first_contact() -> Own:
    """Tickets settled by the first answer.

    Resolved with exactly one public answer and not reopened within 7 days, of all resolved in the period, this quarter
    when none is given.

    Examples:
        crm report first-contact --period last-quarter
        crm report first-contact --by channel
    """
    return {}


@reported(app)
def sla() -> Own:
    """Tickets that kept the targets of their service level.

    The levels stand in the settings, in tables [[sla]]. A ticket that is still open counts as late from its due time.

    Examples:
        crm report sla --period last-month
        crm report sla --by priority
    """
    return {}


@reported(app)
def csat() -> Own:
    """How satisfied customers were with the service.

    Scores of 4 and 5 of all scores, over the tickets resolved in the period, this quarter when none is given.

    Examples:
        crm report csat --period this-year
        crm report csat --by assignee
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def interventions() -> Own:
    """What agents wrote on tickets, and for whom.

    Public answers and internal notes, automatic ones left out. With --by owner each counts for who wrote it.

    Examples:
        crm report interventions --period last-month
        crm report interventions --by organization --top 5
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def rhythm(noun: Noun = None) -> Own:
    """Weekdays and hours of tickets or interactions.

    When tickets are opened and how long each hour waits for an answer, or when interactions take place. The period is
    this year when none is given.

    Examples:
        crm report rhythm
        crm report rhythm log --where "kind = call"
        crm report rhythm -o csv
    """
    from crmcli.cli.finding import find_noun
    from crmcli.reports.rhythm import SETS

    entity = find_noun(noun).name if noun else None
    if entity and entity not in SETS:
        raise UsageError(f"{noun} has no rhythm", hint=f"one of {', '.join(_NOUNS)}")
    return {"entity": entity}
