"""Key figures of tickets."""

from crmcli.reports.definitions.kpi import Kpi, count, measured, ratio
from crmcli.reports.measures import Measure
from crmcli.reports.sets import TICKETS_CLOSED, TICKETS_OPEN, TICKETS_OPENED, RecordSet
from crmcli.reports.terms import Term
from crmcli.reports.ticket_measures import (
    ANSWERED_IN_TIME,
    HAS_SCORE,
    RESOLVED_IN_TIME,
    TICKET_FIRST_RESOLUTION,
    TICKET_RESOLUTION,
    TICKET_RESPONSE,
)
from crmcli.reports.ticket_sets import (
    INTERVENTIONS,
    REOPENED_WITHIN_DAYS,
    TICKETS_FIRST_RESOLVED,
    TICKETS_REOPENED,
    TICKETS_RESOLVED,
    TICKETS_SATISFIED,
    TICKETS_SETTLED_AT_ONCE,
    TICKETS_TO_ANSWER,
    TICKETS_TO_RESOLVE,
    TICKETS_UNSATISFIED,
)

_AREA = "Service"
_STATISTICS = {"mean": "Mean", "median": "Median", "p90": "What nine in ten do not exceed of the"}


def _times(
    key: str, label: str, records: RecordSet, measure: Measure, definition: str, missing: str = ""
) -> tuple[Kpi, ...]:
    """Define mean, median and p90 of one duration; ``definition`` goes on after the name of the statistic."""
    return tuple(
        measured(how, f"{key}_{how}", f"{label}, {how}", Term(records, measure), f"{name} {definition}", _AREA, missing)
        for how, name in _STATISTICS.items()
    )


FIGURES = (
    count("tickets_opened", "Tickets opened", TICKETS_OPENED, "Tickets by their opening.", _AREA),
    count("tickets_closed", "Tickets closed", TICKETS_CLOSED, "Tickets by their last resolution.", _AREA),
    count(
        "tickets_open", "Tickets open", TICKETS_OPEN, "The backlog: tickets open or paused at the period's end.", _AREA
    ),
    *_times(
        "ticket_first_response_hours", "First response", TICKETS_OPENED, TICKET_RESPONSE,
        "business time from the opening of a ticket to the first public answer by an agent, automatic ones left out,"
        " over the tickets opened in the period. A ticket that an agent opened with the answer counts only when it was"
        " answered again.", "no ticket with a response",
    ),
    *_times(
        "ticket_resolution_hours", "Resolution", TICKETS_CLOSED, TICKET_RESOLUTION,
        "business time that the resolution of a ticket took, waiting excluded, over the tickets resolved in the"
        " period. Without business hours all hours count, 24 of each day between two dates without a time.",
    ),
    *_times(
        "ticket_first_resolution_hours", "First resolution", TICKETS_FIRST_RESOLVED, TICKET_FIRST_RESOLUTION,
        "business time to the first resolution of a ticket, whatever came of it, waiting excluded, over the tickets"
        " first resolved in the period.",
    ),
    count(
        "tickets_resolved", "Tickets resolved", TICKETS_RESOLVED,
        "Tickets resolved in the period, also those reopened later; each once.", _AREA,
    ),
    count("tickets_reopened", "Tickets reopened", TICKETS_REOPENED, "Tickets reopened in the period; one each.", _AREA),
    Kpi(
        "reopen_rate", "Reopen rate", "ratio", "ratio", Term(TICKETS_REOPENED),
        "Tickets reopened in the period / tickets resolved in the period; a ticket counts once on either side, and one"
        " resolved before the period only above the line.", _AREA, "no tickets resolved", (Term(TICKETS_RESOLVED),),
    ),
    Kpi(
        "first_contact", "First-contact resolution", "ratio", "ratio", Term(TICKETS_SETTLED_AT_ONCE),
        f"Tickets with exactly one public answer by an agent and not reopened within {REOPENED_WITHIN_DAYS} days / all"
        " tickets resolved in the period. Those resolved in the last days can still be reopened.", _AREA,
        "no tickets resolved", (Term(TICKETS_RESOLVED),),
    ),
    measured(
        "mean", "sla", "Service level, resolution", Term(TICKETS_TO_RESOLVE, RESOLVED_IN_TIME),
        "Tickets resolved within the target of their service level / tickets with a target that were resolved in the"
        " period or, still open, should have been. Paused tickets have no due time; those without a target are left"
        " out and counted.", _AREA, "no ticket with a target",
    ),
    measured(
        "mean", "sla_first_response", "Service level, first response", Term(TICKETS_TO_ANSWER, ANSWERED_IN_TIME),
        "Tickets answered within the target of their service level / tickets with a target that were answered or"
        " resolved in the period or, unanswered, should have been answered.", _AREA, "no ticket with a target",
    ),
    ratio(
        "csat", "Satisfaction", Term(TICKETS_SATISFIED), Term(TICKETS_UNSATISFIED),
        "Scores of 4 and 5 / all scores from 1 to 5, over the tickets resolved in the period.", _AREA,
        "no ticket with a score",
    ),
    measured(
        "mean", "csat_response_rate", "Satisfaction, share answered", Term(TICKETS_CLOSED, HAS_SCORE),
        "Tickets with a score / tickets resolved in the period.", _AREA, "no tickets closed",
    ),
    count(
        "interventions", "Interventions", INTERVENTIONS,
        "Comments of agents on tickets in the period, public and internal; automatic ones left out.", _AREA,
    ),
)  # fmt: skip
