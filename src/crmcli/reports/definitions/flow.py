"""Key figures of what moves through the pipeline: funnel, stages, cycles, what is put off or stands still."""

from crmcli.reports import flow_sets as sets
from crmcli.reports.definitions.kpi import Kpi, count, measured, ratio
from crmcli.reports.measures import AGE_IN_STAGE, AMOUNT, CYCLE, CYCLE_FROM, STAY
from crmcli.reports.sets import DEALS_CLOSED, DEALS_CREATED, DEALS_WON, LEADS_CREATED, NEXT_STEPS, RecordSet
from crmcli.reports.terms import Term


def _rate(key: str, label: str, above: RecordSet, below: RecordSet, definition: str, missing: str) -> Kpi:
    """Define how many records of one set there are to those of another, among which they need not be."""
    return Kpi(key, label, "ratio", "ratio", Term(above), definition, "Funnel", missing, (Term(below),))


_CLOSED = Term(DEALS_CLOSED, AMOUNT)
FIGURES = (
    _rate(
        "funnel_deals_rate", "Deals per lead", DEALS_CREATED, LEADS_CREATED,
        "Deals created / leads created in the period. They are not the same people, so it may be above 100 %.",
        "no leads created",
    ),
    _rate(
        "funnel_won_rate", "Deals won per deal", DEALS_WON, DEALS_CREATED,
        "Deals won / deals created in the period, whenever the won ones were created.", "no deals created",
    ),
    _rate(
        "funnel_rate", "Deals won per lead", DEALS_WON, LEADS_CREATED,
        "Deals won / leads created in the period.", "no leads created",
    ),
    count(
        "leads_with_deal", "Leads with a deal", sets.LEADS_WITH_DEAL,
        "Leads created in the period that have a deal by now.", "Funnel",
    ),
    count(
        "leads_with_won", "Leads with a deal won", sets.LEADS_WITH_WON,
        "Leads created in the period with a deal that is won by now.", "Funnel",
    ),
    _rate(
        "cohort_deals_rate", "Leads that got a deal", sets.LEADS_WITH_DEAL, LEADS_CREATED,
        "Of the leads created in the period, those that have a deal.", "no leads created",
    ),
    _rate(
        "cohort_won_rate", "Of these, won", sets.LEADS_WITH_WON, sets.LEADS_WITH_DEAL,
        "Of the leads created in the period that have a deal, those with a deal that is won.", "no lead with a deal",
    ),
    _rate(
        "cohort_rate", "Leads won", sets.LEADS_WITH_WON, LEADS_CREATED,
        "Of the leads created in the period, those with a deal that is won.", "no leads created",
    ),
    Kpi("stage_entries", "Deals that entered a stage", "n", "total", Term(sets.STAGES_PASSED),
        "Deals that entered an open stage in the period, each stage once.", "Stages",
        among=(Term(sets.STAGES_PASSED), Term(sets.STAGES_NOT_PASSED))),
    ratio(
        "stage_conversion", "Stage conversion", Term(sets.STAGES_PASSED), Term(sets.STAGES_NOT_PASSED),
        "Deals that entered a stage in the period and later a further one, or were won / deals that entered it."
        " Skipping a stage counts as reaching it, going back does not undo; those still open count below the line.",
        "Stages", "no deal entered a stage",
    ),
    count("stage_passed", "Went further", sets.STAGES_PASSED,
          "Deals that entered a stage in the period and later a further one, or were won.", "Stages"),
    count("stage_pending", "Pending", sets.STAGES_PENDING,
          "Deals that entered a stage in the period, went no further and are open still.", "Stages"),
    *(
        measured(how, f"time_in_stage_{how}", f"Time in stage, {told}", Term(sets.STAYS, STAY),
                 f"{told.capitalize()} of the days, of 24 hours, between entering an open stage and leaving it, over"
                 " the stays that ended in the period.", "Stages", "no deal left a stage")
        for how, told in (("mean", "mean"), ("median", "median"), ("p90", "90th percentile"))
    ),
    Kpi("stays", "Stays in a stage", "n", "count", Term(sets.STAYS, STAY),
        "Stays in an open stage that ended in the period.", "Stages"),
    Kpi("stays_open", "Stays that go on", "n", "count", Term(sets.STAYS_OPEN, AGE_IN_STAGE),
        "Open deals in their stage at the period's end.", "Stages"),
    measured(
        "median", "stage_age_median", "Age in stage, median", Term(sets.STAYS_OPEN, AGE_IN_STAGE),
        "Median of the days, of 24 hours, that the open deals have been in their stage.", "Stages", "no open deal",
    ),
    measured("mean", "stage_age_mean", "Age in stage, mean", Term(sets.STAYS_OPEN, AGE_IN_STAGE),
             "Mean of the days, of 24 hours, that the open deals have been in their stage.", "Stages", "no open deal"),
    *(
        measured(how, f"cycle_days_closed_{how}", f"Cycle of closed deals, {how}", Term(DEALS_CLOSED, CYCLE),
                 f"{how.capitalize()} of the whole local calendar days from creation to closing, won and lost alike.")
        for how in ("mean", "median")
    ),
    *(
        measured(how, f"cycle_days_{key}_{how}", f"{label}, {how}", Term(records, CYCLE_FROM),
                 f"{how.capitalize()} of the days from the first time that the lead of the {told}, else its contact,"
                 " else its organization, entered the stage of the life cycle asked for (sql) to its closing.")
        for key, label, told, records in (("from", "Cycle from that stage", "won deal", DEALS_WON),
                                          ("closed_from", "Closed, from that stage", "closed deal", DEALS_CLOSED))
        for how in ("mean", "median")
    ),
    ratio(
        "win_rate_created", "Win rate of the cohort", Term(sets.DEALS_SINCE_WON), Term(sets.DEALS_NOT_WON),
        "Deals created in the period that are won by now / all deals created in it, the open ones among them.", "Sales",
        "no deals created",
    ),
    count("cohort_won", "Won", sets.DEALS_SINCE_WON, "Deals created in the period that are won by now."),
    count("cohort_lost", "Lost", sets.DEALS_SINCE_LOST, "Deals created in the period that are lost by now."),
    count("cohort_open", "Still open", sets.DEALS_STILL_OPEN, "Deals created in the period that are open still."),
    measured("sum", "created_amount", "Amount created", Term(DEALS_CREATED, AMOUNT),
             "Sum of the amounts of the deals created."),
    count("deals_closed", "Deals closed", DEALS_CLOSED, "Won and lost deals by their last closing."),
    measured("sum", "closed_amount", "Amount closed", _CLOSED, "Sum of the amounts of the deals won and lost."),
    count("push", "Deals put off", sets.DEALS_PUSHED,
          "Deals that were open in the period and whose expected close has moved to a later month at least once."),
    measured("sum", "pushed_amount", "Amount put off", Term(sets.DEALS_PUSHED, AMOUNT),
             "Sum of the amounts of the deals put off."),
    count("deals_pushed_out", "Deals put off beyond the period", sets.DEALS_PUSHED_OUT,
          "Deals once expected to close in the period that are expected after it now."),
    measured("sum", "pushed_out_amount", "Amount put off beyond the period", Term(sets.DEALS_PUSHED_OUT, AMOUNT),
             "Sum of the amounts of the deals once expected to close in the period that are expected after it now."),
    count("stale", "Deals that stand still", sets.DEALS_STALE,
          "Open deals that have been in their stage, without an interaction, for more days than the stage, or else the"
          " pipeline, allows.", "Operations"),
    measured("sum", "stale_amount", "Amount that stands still", Term(sets.DEALS_STALE, AMOUNT),
             "Sum of the amounts of the open deals that stand still.", "Operations"),
    count("leads_without_step", "Leads without a next step", NEXT_STEPS["lead"][0],
          "Open leads that name no next step and have no open task or event to come.", "Operations"),
    count("due_contact", "Contacts due", sets.DUE_CONTACT["contact"],
          "Contacts whose last contact is longer ago than their cadence allows, or whose chosen day has come.",
          "Operations"),
    count("due_contact_organizations", "Organizations due", sets.DUE_CONTACT["organization"],
          "Organizations whose last contact is longer ago than their cadence allows, or whose chosen day has come.",
          "Operations"),
    count("due_contact_leads", "Leads due", sets.DUE_CONTACT["lead"],
          "Open leads whose last contact is longer ago than their cadence allows, or whose chosen day has come.",
          "Operations"),
    count("calls_attempted", "Calls attempted", sets.CALLS, "Outgoing calls with an outcome.", "Work"),
    ratio("connect_rate", "Connect rate", Term(sets.CALLS_CONNECTED), Term(sets.CALLS_FAILED),
          "Outgoing calls that connected / outgoing calls with an outcome.", "Work",
          "no outgoing call with an outcome"),
)  # fmt: skip
