"""Key figures of tasks and interactions."""

from crmcli.reports.definitions.kpi import count
from crmcli.reports.sets import INTERACTIONS, TASKS_DUE, TASKS_OVERDUE

FIGURES = (
    count("tasks_due", "Tasks due", TASKS_DUE, "Open tasks due in the period."),
    count("tasks_overdue", "Tasks overdue", TASKS_OVERDUE, "Open tasks overdue now, whatever the period."),
    count("activities", "Activities", INTERACTIONS, "Interactions in the period."),
)
