"""Today at a glance: what is due, who is met, how much is open, what is new and what is closing this week.

Weeks start on Monday. Figures of a period belong to the reports.
"""

import sqlite3
from datetime import date, timedelta

from crmcli import clock
from crmcli.domain.zones import local_date, local_day_edges
from crmcli.queries.amounts import ADDED, add_up
from crmcli.queries.card_parts import Listed, Part, read_part
from crmcli.queries.columns import Shown
from crmcli.queries.tasks import due_page

_ROWS = 20  # of each part
_EVENTS = Listed(
    "events", "Today", "event", "r.status = 'planned' AND r.start_at < :day_end AND r.end_at > :day_start", "start_at",
    ("ref", "title", "start_at", "end_at", "location", "main"), _ROWS,
)  # fmt: skip
_LEADS = Listed(
    "new_leads", "New leads this week", "lead", "r.created_at >= :week_start", "-created_at",
    ("ref", "name", "company_name", "status", "rating", "source", "created_at"), _ROWS,
)  # fmt: skip
_CLOSING = Listed(
    "closing", "Closing this week", "deal",
    "r.outcome = 'open' AND r.expected_close BETWEEN :monday AND :sunday", "expected_close",
    ("ref", "name", "organization", "stage", "amount", "expected_close", "owner"), _ROWS,
)  # fmt: skip
_TICKETS = Listed(
    "open_tickets", "Open tickets", "ticket", "r.status IN ('new', 'open', 'waiting_customer', 'on_hold')",
    "-priority,opened_at", ("ref", "subject", "status", "priority", "contact", "organization", "assignee"), _ROWS,
)  # fmt: skip
_FIGURES = (
    Shown("currency", "Currency", "text"),
    Shown("deals", "Open deals", "int"),
    Shown("amount", "Amount", "money"),
    Shown("weighted_amount", "Weighted amount", "money"),
)
_OPEN_DEALS = f"SELECT {ADDED} FROM deal r WHERE r.outcome = 'open' AND r.deleted_at IS NULL GROUP BY 1, 2"


def glance(con: sqlite3.Connection, zone: str, me: int | None) -> tuple[Part, ...]:
    """Return the parts ``tasks``, ``events``, ``open_deals`` (a row per currency), ``closing``, ``new_leads``,
    ``open_tickets``, each with its first rows and its total; ``me`` narrows the tasks to those of one user.
    """
    today = date.fromisoformat(local_date(clock.now_text(), zone))
    monday = _monday(today)
    start, end = local_day_edges(today.isoformat(), zone)
    week = {"monday": monday.isoformat(), "sunday": (monday + timedelta(days=6)).isoformat()}
    return (
        _tasks(con, today.isoformat(), me, zone),
        read_part(con, _EVENTS, {"day_start": start, "day_end": end}),
        _open_deals(con),
        read_part(con, _CLOSING, week),
        new_leads(con, zone),
        read_part(con, _TICKETS, {}),
    )


def new_leads(con: sqlite3.Connection, zone: str) -> Part:
    """Return the leads of this week, the newest first."""
    monday = _monday(date.fromisoformat(local_date(clock.now_text(), zone)))
    return read_part(con, _LEADS, {"week_start": local_day_edges(monday.isoformat(), zone)[0]})


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _tasks(con: sqlite3.Connection, today: str, me: int | None, zone: str) -> Part:
    page = due_page(con, today, me, zone, _ROWS)
    return Part("Due today and overdue", "tasks", page.columns, list(page.rows), page.total, "tasks")


def _open_deals(con: sqlite3.Connection) -> Part:
    """Return count, amount and weighted amount of each currency, the most used first."""
    rows: list[dict[str, object]] = [
        {"currency": one.currency, "deals": one.deals, "amount": one.amount, "weighted_amount": one.weighted}
        for one in add_up(con.execute(_OPEN_DEALS))
    ]
    return Part("Open deals", "currencies", _FIGURES, rows, len(rows), "open_deals")
