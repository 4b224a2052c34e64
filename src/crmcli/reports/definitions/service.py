"""Key figures of tickets."""

from crmcli.reports.definitions.kpi import count, measured
from crmcli.reports.frame import Term
from crmcli.reports.measures import TICKET_RESOLUTION, TICKET_RESPONSE
from crmcli.reports.sets import TICKETS_CLOSED, TICKETS_OPEN, TICKETS_OPENED

FIGURES = (
    count("tickets_opened", "Tickets opened", TICKETS_OPENED, "Tickets by their opening.", "Service"),
    count("tickets_closed", "Tickets closed", TICKETS_CLOSED, "Tickets by their last resolution.", "Service"),
    count("tickets_open", "Tickets open", TICKETS_OPEN, "Tickets open or paused at the period's end.", "Service"),
    measured(
        "median", "ticket_first_response_hours_median", "First response, median",
        Term(TICKETS_OPENED, TICKET_RESPONSE),
        "Median business time from the opening of a ticket to the first public answer, over the tickets opened in the"
        " period.", "Service", "no ticket with a response",
    ),
    measured(
        "median", "ticket_resolution_hours_median", "Resolution, median",
        Term(TICKETS_CLOSED, TICKET_RESOLUTION),
        "Median business time that the resolution of a ticket took, waiting excluded, over the tickets resolved in the"
        " period. Without business hours all hours count, 24 of each day between two dates without a time.", "Service",
    ),
)  # fmt: skip
