"""``crm report``: the reports on how deals move through the pipeline."""

from typing import Annotated

import typer

from crmcli.cli import completing
from crmcli.cli.options import FormatWithoutRefs
from crmcli.cli.report_asked import Own, basis
from crmcli.cli.report_commands import reported
from crmcli.domain.enums import choose, values
from crmcli.domain.schema import did_you_mean
from crmcli.errors import UsageError

app = typer.Typer(add_completion=False)

COHORTS = ("closed", "created")
_REASONS = values("lost_reason")
_LIFE_CYCLE = values("lifecycle_stage")

Cohort = Annotated[
    str, typer.Option("--cohort", metavar="BASIS", help="Deals closed or created in the period.",
                      autocompletion=completing.choices(COHORTS)),
]  # fmt: skip
Excluded = Annotated[
    list[str] | None,
    typer.Option("--exclude-reason", metavar="REASON[,REASON]", help="Losses that do not count; can be repeated.",
                 autocompletion=completing.choices(_REASONS)),
]  # fmt: skip
Follow = Annotated[bool, typer.Option("--cohort", help="Follow the leads created in the period.")]
AllClosed = Annotated[bool, typer.Option("--all-closed", help="Lost deals too.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="STAGE", help="Reckon from the first day in a stage of the life cycle.",
                 autocompletion=completing.choices(_LIFE_CYCLE)),
]  # fmt: skip
Noun = Annotated[
    str | None,
    typer.Argument(metavar="[deal|lead]", help="Which records; both without.",
                   autocompletion=completing.choices(("deal", "lead"))),
]  # fmt: skip


@reported(app, output=FormatWithoutRefs)
def win_rate(cohort: Cohort = "closed", exclude_reason: Excluded = None) -> Own:
    """Which share of the deals was won.

    Of those closed in the period, or with --cohort created of all those created in it, the open ones among them. The
    basis is told, since other definitions go round. Losses for a reason that says nothing about selling can be left
    out.

    Examples:
        crm report win-rate --period last-quarter
        crm report win-rate --cohort created --period 2026
        crm report win-rate --exclude-reason junk,duplicate --by owner
    """
    reasons = [word for text in exclude_reason or [] for word in text.split(",") if word]
    found = {word: choose("lost_reason", word) for word in reasons}
    if unknown := next((word for word, key in found.items() if key is None), None):
        raise UsageError(f"there is no lost reason {unknown!r}", hint=did_you_mean(unknown, [*_REASONS]))
    return {"cohort": basis(cohort, COHORTS), "exclude_reason": tuple(key for key in found.values() if key)}


@reported(app, output=FormatWithoutRefs)
def win_loss() -> Own:
    """Deals won and lost, by reason, competitor, source and owner.

    Examples:
        crm report win-loss --period last-quarter
        crm report win-loss --by competitor --period all
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def lost_reasons() -> Own:
    """Why deals were lost, and in which stage.

    The stage is the last open one; of deals that were entered or imported as lost it is not known.

    Examples:
        crm report lost-reasons --period 2026
        crm report lost-reasons --by competitor -o json
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def funnel(cohort: Follow = False) -> Own:
    """Leads, deals and deals won, with their rates.

    Each is counted by its own day in the period, so they are not the same people. With --cohort the leads created in
    the period are followed, however long it takes.

    Examples:
        crm report funnel --period last-quarter
        crm report funnel --cohort --period 2026-Q1
        crm report funnel --by source -o json
    """
    return {"cohort": cohort}


@reported(app, output=FormatWithoutRefs)
def stage_conversion() -> Own:
    """Which share of the deals went further from each stage.

    Of the deals that entered a stage in the period, those that later entered a further one or were won. Skipping a
    stage counts as reaching it, going back does not undo; deals still open count, and are told as pending.

    Examples:
        crm report stage-conversion --period last-quarter
        crm report stage-conversion --where "source = website" -o json
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def time_in_stage() -> Own:
    """How long deals stand in each stage.

    Mean, median and what nine in ten do not exceed, over the stays that ended in the period, in days of 24 hours; and
    the age of those that go on.

    Examples:
        crm report time-in-stage --period last-quarter
        crm report time-in-stage --by owner
    """
    return {}


@reported(app, output=FormatWithoutRefs)
def velocity() -> Own:
    """What the pipeline yields a day, and from what.

    Open deals x win rate x average deal / mean sales cycle. The closed deals are those of the last 90 days of the
    period, or all of them with --period all.

    Examples:
        crm report velocity
        crm report velocity --by owner --period all
        crm report velocity --explain sales_velocity
    """
    return {}


@reported(app)
def cycle_length(all_closed: AllClosed = False, from_: From = None) -> Own:
    """How long deals take to close.

    Whole local calendar days from the creation of the deals won in the period to their last closing. With --from the
    days begin when the lead of the deal, else its contact, else its organization, first entered a stage of the life
    cycle. Deals closed before they began are left out and counted.

    Examples:
        crm report cycle-length --period 2026
        crm report cycle-length --all-closed --by source
        crm report cycle-length --from sql -o json
    """
    if from_ is not None and choose("lifecycle_stage", from_) is None:
        known = did_you_mean(from_, [*_LIFE_CYCLE]) or ", ".join(_LIFE_CYCLE)
        raise UsageError(f"there is no stage {from_!r} of the life cycle", hint=known)
    stage = choose("lifecycle_stage", from_) if from_ is not None else None
    return {"all_closed": all_closed, **({"life_cycle": stage} if stage else {})}


@reported(app)
def push() -> Own:
    """Deals put off to a later month.

    Deals that were open in the period and whose expected close has moved to a later month at least once; and of these
    the ones that were to close in the period and are expected after it now.

    Examples:
        crm report push
        crm report push --period last-quarter --by owner
    """
    return {}


@reported(app)
def stale(noun: Noun = None) -> Own:
    """Open deals that stand still, and leads without a next step.

    A deal stands still when it has been in its stage, without an interaction, for more days than the stage, or else
    the pipeline, allows: crm pipeline edit sets them. The period picks deals by their expected close and leads by
    their creation. Formats for programs hold the deals, or the leads when they are asked for.

    Examples:
        crm report stale
        crm report stale deal --by owner
        crm report stale lead -o ids
    """
    entities = {"deal": "deal", "lead": "lead"}
    if noun is not None and noun not in entities:
        raise UsageError(f"{noun} does not stand still", hint="crm report stale deal")
    return {"entity": noun}


@reported(app)
def offers_month() -> Own:
    """Offers opened and closed in a month.

    The deals opened, closed, won and lost, with their amounts; last month when no period is given.

    Examples:
        crm report offers-month
        crm report offers-month --period 2026-02 --compare previous
    """
    return {}
